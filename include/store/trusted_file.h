/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_TRUSTED_FILE_H
#define STORE_TRUSTED_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * Files that decide what runs, who is trusted or who we are: configuration, tokens, credentials,
 * certificates, programs. What they say is done with the rights of this process, so nobody with
 * fewer may have written them: such a file belongs to root or to this user, and neither its group
 * nor others can write to it. A symbolic link must belong to them, too, and lie where only they can
 * replace it. In a privileged process (store/user.h) it is root's, is no link, and so are all
 * folders above it.
 *
 * Nothing is logged: `why` gets what is wrong and the remedy, without the subject of the log line:
 * "/x/sideseat.json: is writable by others; remove that right with: chmod go-w /x/sideseat.json".
 *
 * Threads: any.
 */
#define STORE_TRUSTED_WHY 900

/*
 * Reads a whole file of at most `most` bytes. Never waits: a pipe is refused. /dev/null is empty.
 *
 * NOT_FOUND: there is none. DENIED: this user may not enter its folder or open it, or its links go
 * in circles; for a default place that is a reason to warn and go on. BAD_CONF: it is not to be
 * trusted, or not a file. TOO_BIG, NO_MEMORY, FAILED (it cannot be read, or changes all the time).
 * `exposed` (may be NULL) says whether others may read it.
 */
enum store_err store_trusted_read(const char *path, size_t most, struct store_secret *out,
                                  bool *exposed, char why[STORE_TRUSTED_WHY]) STORE_CHECKED;

/* Whether a file that a library opens by its path may be trusted as above. For one, a regular file,
 * NOT_FOUND, DENIED, BAD_CONF or FAILED. */
enum store_err store_trusted_check(const char *path, char why[STORE_TRUSTED_WHY]) STORE_CHECKED;

/* The same for a program or what else must not be swapped later: also all folders above it must
 * be writable by root and this user only (or have the sticky bit). */
enum store_err store_trusted_program(const char *path, char why[STORE_TRUSTED_WHY]) STORE_CHECKED;

#endif
