/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_FILE_REPLACE_H
#define BACKENDS_FILE_REPLACE_H

#include "backends/file/lock.h"
#include "backends/file/place.h"

/*
 * Changes on disk, with the writers' lock held and relative to its open folder. Logs failures.
 */

/* A new file under a name of its own, locked while it is open: an unlocked one was left by a killed
 * writer. */
struct file_temp {
    int fd;        /* -1: none */
    char name[48]; /* "": the file has lost its temporary name */
};

/*
 * The file is replaced in three steps, all or nothing. The first writes `text` to a temporary file
 * (0600) and syncs that.
 */
enum store_err file_replace_write(const struct file_place *place, const struct file_lock *lock,
                                  const struct store_secret *text,
                                  struct file_temp *temp) STORE_CHECKED;

/* The second puts it in the file's place, quickly. Everybody sees it then, but only
 * file_replace_sync makes it durable. CONFLICT (not logged, nothing changed) if the file is not
 * `base` any more or the lock no longer excludes others: this checks both again, because some
 * programs ignore or delete the lock. `identity` gets the new identity. */
enum store_err file_replace_swap(const struct file_place *place, const struct file_lock *lock,
                                 int64_t deadline_ns, struct file_temp *temp,
                                 const struct file_identity *base,
                                 struct file_identity *identity) STORE_CHECKED;

/* The third, in any case, closes the temporary file, and removes it if it still has its name. */
void file_replace_end(const struct file_lock *lock, struct file_temp *temp);

/* Syncs the folder. UNAVAILABLE, logged, if that failed: then the state after a power cut is
 * unknown. */
enum store_err file_replace_sync(const struct file_place *place,
                                 const struct file_lock *lock) STORE_CHECKED;

/* Removes temporary files of killed writers. */
void file_replace_sweep(const struct file_lock *lock);

#define FILE_ASIDE_SIZE 128

/* Keeps `text` in a new file (0600) secrets.json.{suffix}, with a number after it if that name is
 * taken, durably. `name` gets the file's name, without the folder. */
enum store_err file_set_aside(const struct file_place *place, const struct file_lock *lock,
                              const struct store_secret *text, const char *suffix,
                              char name[FILE_ASIDE_SIZE]) STORE_CHECKED;

/* Keeps the file itself in the same way, by a second name (link(2)), and hides it from others
 * (0600): this also keeps the bytes that a slow program still writes in place. The file must have
 * `identity`, which becomes its new one. UNSUPPORTED, with nothing changed but the mode, if the
 * file system cannot do it; CONFLICT if the file is another one. */
enum store_err file_link_aside(const struct file_place *place, const struct file_lock *lock,
                               const char *suffix, struct file_identity *identity,
                               char name[FILE_ASIDE_SIZE]) STORE_CHECKED;

/* Removes it again. */
void file_set_aside_undo(const struct file_lock *lock, const char *name);

#endif
