/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_TRUSTED_FILE_H
#define STORE_TRUSTED_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * Files that decide which programs run and which identities are trusted: configuration, tokens,
 * credentials, certificates, programs. This process acts on them with its own rights, so nobody
 * with fewer rights may have written them: such a file belongs to root or to this user, and neither
 * its group nor others can write to it. A symbolic link must have such an owner, too, and lie where
 * only they can replace it. In a privileged process (store/user.h) the file is root's and not a
 * link, and so are all folders above it.
 *
 * Logs nothing: `why` gets the fault and the remedy, without the subject of the log line:
 * "/x/sideseat.json: is writable by others; remove that right with: chmod go-w /x/sideseat.json".
 *
 * Threads: any.
 */
#define STORE_TRUSTED_WHY 900

/*
 * Reads a whole file of at most `most` bytes. Never waits: it refuses a pipe. /dev/null is empty.
 *
 * NOT_FOUND: the file does not exist. DENIED: this user may not enter its folder or open it, or its
 * links form a circle or lead to nothing; for a default place that is a reason to warn and go on.
 * BAD_CONF: it is not trustworthy, or not a file. TOO_BIG, NO_MEMORY, FAILED (a read error, or the
 * file changed during the read). `exposed` (may be NULL) becomes true if others may read it.
 */
enum store_err store_trusted_read(const char *path, size_t most, struct store_secret *out,
                                  bool *exposed, char why[STORE_TRUSTED_WHY]) STORE_CHECKED;

/* Checks a file that a library opens by its path. OK, NOT_FOUND, DENIED, BAD_CONF, NO_MEMORY or
 * FAILED as above. */
enum store_err store_trusted_check(const char *path, char why[STORE_TRUSTED_WHY]) STORE_CHECKED;

/* Checks a folder in which a file may be missing: nobody else may replace its files. OK,
 * NOT_FOUND, DENIED, BAD_CONF, NO_MEMORY or FAILED as above. */
enum store_err store_trusted_folder(const char *path, char why[STORE_TRUSTED_WHY]) STORE_CHECKED;

/* The same for a program, or another file that nobody may swap later: root and this user alone
 * may write to any folder above it (or the folder has the sticky bit). */
enum store_err store_trusted_program(const char *path, char why[STORE_TRUSTED_WHY]) STORE_CHECKED;

#endif
