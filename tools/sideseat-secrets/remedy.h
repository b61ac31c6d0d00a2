/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_REMEDY_H
#define TOOLS_SIDESEAT_SECRETS_REMEDY_H

#include "tools/sideseat-secrets/client.h"

/* Room for a command line, NUL included. */
#define REMEDY_SIZE 4096

/* Writes a command line of this program for a shell: "sideseat-secrets WORDS -t TOKEN 'a key'",
 * with the request's module, backend and settings, and the token if it has named one. "..." stands
 * for the options if there is not room for them. */
void remedy_line(const struct client *client, const char *words, const char *key,
                 char out[REMEDY_SIZE]);

#endif
