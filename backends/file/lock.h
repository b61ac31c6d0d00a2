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
enum store_err file_lock_take(const struct file_place *place, int64_t deadline_ns,
                              struct file_lock *out) STORE_CHECKED;
void file_lock_drop(struct file_lock *lock);

#endif
