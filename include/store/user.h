/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_USER_H
#define STORE_USER_H

#include <stdbool.h>

#include "store/err.h"

/*
 * The user that this process works for, as far as the process may believe them. A program that has
 * more rights than its caller (set-user-ID, set-group-ID, file capabilities: AT_SECURE,
 * getauxval(3)) believes its caller nothing: neither variables nor a home folder.
 *
 * Threads: any.
 */

/* Whether this process has more rights than its caller. */
bool store_privileged(void);

/* Makes that so, for the rest of the process: a store process is told that its host is. Before
 * threads are started. */
void store_privileged_set(void);

/* An environment variable; NULL when unset, and always when privileged. Lives as getenv's. */
const char *store_env(const char *name);

/* The home folder: HOME, if absolute, else the account's; NULL if there is none, and always when
 * privileged. To be freed. NO_MEMORY is not logged. */
enum store_err store_home(char **out) STORE_CHECKED;

#endif
