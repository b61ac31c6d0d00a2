/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_FILE_PUBLISH_H
#define BACKENDS_FILE_PUBLISH_H

#include "backends/file/lock.h"
#include "backends/file/state.h"

/* Puts the document of `next` in the file's place, makes it durable and `next` the current
 * snapshot. Takes over `next`. CONFLICT, with nothing changed, if the file is not `expected` any
 * more, or the lock is not ours; the errors of replace.h. */
enum store_err file_publish(struct store_ctx *ctx, const struct file_lock *lock,
                            int64_t deadline_ns, const struct file_identity *expected,
                            struct file_snapshot *next) STORE_CHECKED;

#endif
