/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_LABEL_H
#define TOOLS_SIDESEAT_SECRETS_LABEL_H

/* Texts from a store, made safe to show. */

/* Room for any label, NUL included. */
#define LABEL_SIZE 1088

/* Copies `text` so that it cannot steer a terminal: a '?' stands for each byte that is not UTF-8 or
 * that a terminal would not just show (store_utf8_shown). A longer text is cut. NUL-terminated. */
void label_for_terminal(const char *text, char out[LABEL_SIZE]);

/* The same for standard output. Unless that is a terminal, '?' replaces only control characters and
 * bytes that are not UTF-8, so that another program gets every key of ours as it is. */
void label_for_output(const char *text, char out[LABEL_SIZE]);

#endif
