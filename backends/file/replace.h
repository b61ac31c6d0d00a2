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
 * The file is replaced in three steps, all or nothing. The first writes `text` to a temporary file
 * (0600) and syncs that; `fd` gets the open file, or -1.
 */
enum store_err file_replace_write(const struct file_place *place, const struct file_lock *lock,
                                  const struct store_secret *text, int *fd) STORE_CHECKED;

/* The second puts it in the file's place, quickly. Everybody sees it then, but only
 * file_replace_sync makes it durable. `base` is what the file must still be: it is looked at again,
 * for programs that take no lock, and CONFLICT (not logged, nothing changed) means that it is not.
 * `identity` gets what the file is now. */
enum store_err file_replace_swap(const struct file_place *place, const struct file_lock *lock,
                                 int fd, const struct file_identity *base,
                                 struct file_identity *identity) STORE_CHECKED;

/* The third, in any case, closes `fd` (which may be -1), and removes a temporary file that was not
 * `swapped`. */
void file_replace_end(const struct file_lock *lock, int fd, bool swapped);

/* Fsync of the folder. UNAVAILABLE, logged, if it failed: then it is not known what a power cut
 * would leave. */
enum store_err file_replace_sync(const struct file_place *place,
                                 const struct file_lock *lock) STORE_CHECKED;

/* Renames the file to secrets.json.{suffix}, with a number behind it if that is taken, and logs
 * where it is. `keep`: leaves it under its own name, too (a hard link; its ctime changes). */
enum store_err file_set_aside(const struct file_place *place, const struct file_lock *lock,
                              const char *suffix, bool keep) STORE_CHECKED;

#endif
