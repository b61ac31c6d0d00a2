/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_FILE_LOCK_H
#define BACKENDS_FILE_LOCK_H

#include "backends/file/place.h"

/* The writers' lock, between processes and between ctxs. Logs failures. */

struct file_lock {
    int folder;
    int fd;
};

/*
 * Makes the folder if it is missing (0700) and acquires the lock: secrets.json.lock beside the
 * file, locked as platform/lock.h says: the lock ends with its process and excludes other threads,
 * too. Waits until `deadline_ns` (store_time_monotonic), then TIMEOUT.
 * READ_ONLY, DENIED, FULL from the system.
 */
enum store_err file_lock_acquire(const struct file_place *place, int64_t deadline_ns,
                                 struct file_lock *out) STORE_CHECKED;
void file_lock_drop(struct file_lock *lock);

/* True if the lock still excludes others. Not after the deletion or replacement of the lock file or
 * the folder, because then others lock another file. */
bool file_lock_stands(const struct file_place *place, const struct file_lock *lock);

/* Acquires the lock again if it no longer excludes others; after an error the caller still drops
 * the old one. */
enum store_err file_lock_renew(const struct file_place *place, int64_t deadline_ns,
                               struct file_lock *lock) STORE_CHECKED;

/* The last step of a write acquires this, too: an flock(2) of the folder itself, which cannot be
 * deleted under a writer. To be held only for a check and a rename. TIMEOUT, logged. */
enum store_err file_lock_guard(const struct file_place *place, const struct file_lock *lock,
                               int64_t deadline_ns) STORE_CHECKED;
void file_lock_unguard(const struct file_lock *lock);

/* Locks the first byte of an open file, unless another process has: 0, EAGAIN or another errno. */
int file_lock_try(int fd);

#endif
