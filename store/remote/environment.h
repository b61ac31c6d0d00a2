/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REMOTE_ENVIRONMENT_H
#define STORE_REMOTE_ENVIRONMENT_H

#include "store/conf.h"

/*
 * The environment for a token's store process: only the variables that its backend and the
 * libraries under it read, since a host's environment may hold secrets of other programs. Settings
 * go over the socket, so their variables are left out. Empty for a set-user-ID host.
 *
 * The array and its texts are the caller's, to be freed with environment_free. NULL: no memory.
 */
char **environment_for(const struct store_conf *conf);

/* Wipes and frees; accepts NULL. */
void environment_free(char **environment);

#endif
