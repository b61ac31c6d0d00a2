/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_USER_H
#define STORE_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "store/err.h"

/*
 * The user of this process, as far as the process may trust them. A program that has more rights
 * than its caller (set-user-ID, set-group-ID, file capabilities: AT_SECURE, getauxval(3)) trusts
 * neither the caller's variables nor the caller's home folder.
 *
 * Threads: any.
 */

/* True if this process has more rights than its caller. */
bool store_privileged(void);

/* Declares the process privileged until its end, for a store process whose host is privileged.
 * Call it before starting threads. */
void store_privileged_set(void);

/* An environment variable; NULL if the process is privileged, and if it is unset or empty: many
 * tools cannot unset a variable, but only empty it. Lives as long as getenv's. */
const char *store_env(const char *name);

/* The home folder: HOME, if absolute, else the account's; NULL if there is none or the process
 * is privileged. The caller frees it. NO_MEMORY is not logged. */
enum store_err store_home(char **out) STORE_CHECKED;

/* The name of an account in /etc/passwd; false and "" if it is not there. */
bool store_user_name(uid_t uid, char *out, size_t size);

#endif
