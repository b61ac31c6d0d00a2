/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_REMOTE_ENVIRONMENT_H
#define BACKENDS_REMOTE_ENVIRONMENT_H

#include "store/conf.h"

/*
 * The environment for a token's store process: the variables that its backend, or a library under
 * it, is known to read, and no others: a host's environment is full of other people's secrets.
 * Settings go over the socket, so their variables are not among them. Empty for a set-user-ID host.
 *
 * The array and its texts are the caller's, to be freed with environment_free. NULL: no memory.
 */
char **environment_for(const struct store_conf *conf);

/* Wipes and frees; accepts NULL. */
void environment_free(char **environment);

#endif
