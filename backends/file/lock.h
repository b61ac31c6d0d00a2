/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FILE_LOCK_H
#define FILE_LOCK_H

#include "backends/file/place.h"

/* The lock that writers take, between processes and between ctxs. Failures are logged here. */

struct file_lock {
    int folder;
    int fd;
};

/*
 * Makes the folder if there is none (0700) and takes the lock: secrets.json.lock beside the file,
 * locked with an open file description lock (fcntl(2)), which ends with the process that holds it
 * and is seen by every thread. Waits until `deadline_ns` (store_time_monotonic), then TIMEOUT.
 * READ_ONLY, DENIED, FULL as the system says.
 */
enum store_err file_lock_acquire(const struct file_place *place, int64_t deadline_ns,
                                 struct file_lock *out) STORE_CHECKED;
void file_lock_drop(struct file_lock *lock);

/* Whether the lock still keeps others out: not if somebody has deleted or replaced the lock file or
 * the folder since, for then others lock another. */
bool file_lock_stands(const struct file_place *place, const struct file_lock *lock);

/* Takes the lock again if it does not stand; after an error the old one is still there to drop. */
enum store_err file_lock_renew(const struct file_place *place, int64_t deadline_ns,
                               struct file_lock *lock) STORE_CHECKED;

/* The last step of a write takes this too: an flock(2) of the folder itself, which cannot be
 * deleted under a writer. Short: to be held for a look and a rename. TIMEOUT, logged. */
enum store_err file_lock_guard(const struct file_place *place, const struct file_lock *lock,
                               int64_t deadline_ns) STORE_CHECKED;
void file_lock_unguard(const struct file_lock *lock);

/* Locks the first byte of an open file, if nobody else has: 0, EAGAIN or another errno. */
int file_lock_try(int fd);

#endif
