/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REMOTE_PROGRAM_H
#define STORE_REMOTE_PROGRAM_H

#include <limits.h>

#include "store/backend.h"
#include "store/conf.h"

/* Room for the path of a store program. */
struct program {
    char path[PATH_MAX];
};

/*
 * The program to start for a token: the configured one (pkcs11.store.program; not in a privileged
 * process); else the one for the token's backend that is installed with this module (found from the
 * module's own place, else from the place of the build), which does not load the libraries of other
 * backends; else, if that cannot be run, sideseat-store, which has every backend. The start
 * reports a result that cannot be run.
 *
 * The result is in `room` or belongs to `conf`. Never fails.
 */
const char *program_find(const struct store_conf *conf, struct program *room);

/* Checks that a configured program may be started with this process's rights
 * (store_trusted_program). BAD_CONF, logged, if not; the start reports a missing one. A privileged
 * process ignores the setting, with a warning. */
enum store_err program_check(const struct store_conf *conf) STORE_CHECKED;

/* Completes the store process's own finding about itself, "sideseat-store VERSION": with its place,
 * and with a fault if the module has another version. */
void program_tell(const struct store_conf *conf, struct store_finding *finding);

/* The same with the programs in `folder`, for tests. */
const char *program_find_in(const char *folder, const struct store_conf *conf,
                            struct program *room);

#endif
