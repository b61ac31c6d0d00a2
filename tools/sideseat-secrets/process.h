/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_PROCESS_H
#define TOOLS_SIDESEAT_SECRETS_PROCESS_H

#include "tools/sideseat-secrets/outcome.h"

/* Becomes the program, found in PATH, with these variables, or on Windows runs it and ends as it
 * does; `running` forgets what the program has then (platform/programs/start.h). Returns only with
 * a failure, which is printed. */
enum outcome process_become(char **program, char **variables, void (*running)(void *),
                            void *arg) STORE_CHECKED;

/* Prints why a program cannot run, an errno; the outcome for it. */
enum outcome process_failed(const char *name, int error);

#endif
