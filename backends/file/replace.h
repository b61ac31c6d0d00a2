/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FILE_REPLACE_H
#define FILE_REPLACE_H

#include "backends/file/lock.h"
#include "backends/file/place.h"

/*
 * Changing what is on disk, with the writers' lock held and relative to the folder that it has
 * open. Failures are logged here.
 */

/* A new file under a name that no other writer uses, which is locked as long as it is open: one
 * that is not was left by a writer that was killed. */
struct file_temp {
    int fd;        /* -1: none */
    char name[48]; /* "": it has no such name (any more) */
};

/*
 * The file is replaced in three steps, all or nothing. The first writes `text` to a temporary file
 * (0600) and syncs that.
 */
enum store_err file_replace_write(const struct file_place *place, const struct file_lock *lock,
                                  const struct store_secret *text,
                                  struct file_temp *temp) STORE_CHECKED;

/* The second puts it in the file's place, quickly. Everybody sees it then, but only
 * file_replace_sync makes it durable. `base` is what the file must still be, and the lock must
 * still stand: both are looked at again, for programs that take no lock or delete it, and CONFLICT
 * (not logged, nothing changed) means that it is not so. `identity` gets what the file is now. */
enum store_err file_replace_swap(const struct file_place *place, const struct file_lock *lock,
                                 int64_t deadline_ns, struct file_temp *temp,
                                 const struct file_identity *base,
                                 struct file_identity *identity) STORE_CHECKED;

/* The third, in any case, closes the temporary file, and removes it if it is one still. */
void file_replace_end(const struct file_lock *lock, struct file_temp *temp);

/* Fsync of the folder. UNAVAILABLE, logged, if it failed: then it is not known what a power cut
 * would leave. */
enum store_err file_replace_sync(const struct file_place *place,
                                 const struct file_lock *lock) STORE_CHECKED;

/* Removes temporary files that killed writers have left. */
void file_replace_sweep(const struct file_lock *lock);

#define FILE_ASIDE_SIZE 128

/* Keeps `text` in a new file (0600) secrets.json.{suffix}, with a number behind it if that is
 * taken, durably. `name` gets the file's name, without the folder. */
enum store_err file_set_aside(const struct file_place *place, const struct file_lock *lock,
                              const struct store_secret *text, const char *suffix,
                              char name[FILE_ASIDE_SIZE]) STORE_CHECKED;

/* Keeps the file itself so, with a second name (link(2)), and takes it from others' eyes (0600):
 * what a slow program still writes to it in place is kept, too. `identity`, which the file must
 * have, becomes the one it has by that. UNSUPPORTED, with nothing changed but the mode, where that
 * cannot be had; CONFLICT if the file is another one. */
enum store_err file_link_aside(const struct file_place *place, const struct file_lock *lock,
                               const char *suffix, struct file_identity *identity,
                               char name[FILE_ASIDE_SIZE]) STORE_CHECKED;

/* Removes it again. */
void file_set_aside_undo(const struct file_lock *lock, const char *name);

#endif
