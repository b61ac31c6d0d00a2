/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_INPUT_H
#define TOOLS_SIDESEAT_SECRETS_INPUT_H

#include "store/secret.h"
#include "tools/sideseat-secrets/outcome.h"

/* The longest value that is read: more than any store takes. */
#define INPUT_MAX ((size_t)64 * 1024 * 1024)

/* Reads standard input, or the file at `path`, to its end, any bytes, into `out`. Prints the
 * problem. */
enum outcome input_read(struct store_secret *out) STORE_CHECKED;
enum outcome input_read_file(const char *path, struct store_secret *out) STORE_CHECKED;

/* Asks at the terminal (not at standard input) and reads one line, without its end, into `out`
 * while nothing is shown. The terminal is as before afterwards, also when a signal ends the
 * program. LOCKED if there is no terminal, USAGE if the input ends at once. */
enum outcome input_prompt(const char *question, struct store_secret *out) STORE_CHECKED;

#endif
