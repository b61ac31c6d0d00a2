/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_REMOTE_PROGRAM_H
#define BACKENDS_REMOTE_PROGRAM_H

#include <limits.h>

#include "store/conf.h"

/* Room for the path of a store program. */
struct program {
    char path[PATH_MAX];
};

/*
 * The program to start for a token. The one that is configured (pkcs11.store.program; not in a
 * privileged process); else, from
 * where this package installs them, the one made for the token's backend, which loads no libraries
 * of other backends; else, where that cannot be run, sideseat-store, which has every backend.
 * Whether the result can be run is for the start to find out.
 *
 * The result is in `room` or belongs to `conf`. Never fails.
 */
const char *program_find(const struct store_conf *conf, struct program *room);

/* Whether the program that is configured, if one is, may be started with this process's rights
 * (store_trusted_program). BAD_CONF, logged, if not; one that is not there is for the start to
 * find out. In a privileged process it is not followed, with a warning. */
enum store_err program_check(const struct store_conf *conf) STORE_CHECKED;

/* The same with the programs in `folder`, for tests. */
const char *program_find_in(const char *folder, const struct store_conf *conf,
                            struct program *room);

#endif
