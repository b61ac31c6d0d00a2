/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FILE_REPLACE_H
#define FILE_REPLACE_H

#include "backends/file/lock.h"
#include "backends/file/place.h"

/*
 * Changing what is on disk, with the writers' lock held and relative to the folder that it has
 * open. Failures are logged here.
 */

/*
 * Puts `text` in the place of the file, all or nothing: temporary file (0600), fsync, rename.
 * Everybody sees it then, but only file_replace_sync makes it durable. `base` is what the file must
 * still be: right before the rename it is looked at again, for programs that take no lock, and
 * CONFLICT (not logged, nothing changed) means that it is not. `identity` gets what the file is
 * now.
 */
enum store_err file_replace(const struct file_place *place, const struct file_lock *lock,
                            const struct store_secret *text, const struct file_identity *base,
                            struct file_identity *identity) STORE_CHECKED;

/* Fsync of the folder. UNAVAILABLE, logged, if it failed: then it is not known what a power cut
 * would leave. */
enum store_err file_replace_sync(const struct file_place *place,
                                 const struct file_lock *lock) STORE_CHECKED;

/* Renames the file to secrets.json.{suffix}, with a number behind it if that is taken, and logs
 * where it is. `keep`: leaves it under its own name, too (a hard link; its ctime changes). */
enum store_err file_set_aside(const struct file_place *place, const struct file_lock *lock,
                              const char *suffix, bool keep) STORE_CHECKED;

#endif
