/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_PROCESS_H
#define TOOLS_SIDESEAT_SECRETS_PROCESS_H

#include "tools/sideseat-secrets/outcome.h"

/* This process, and the program that it can become. */

/* Keeps values out of core files: none is written from now on. */
void process_guard(void);

/* Becomes the program, found in PATH, with these variables. It gets the limits that this process
 * was started with. Returns only with a failure, which is printed. */
enum outcome process_become(char **program, char **variables) STORE_CHECKED;

#endif
