/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FILE_REPAIR_H
#define FILE_REPAIR_H

#include "backends/file/lock.h"
#include "backends/file/replace.h"
#include "backends/file/state.h"

/* Putting the file in order, with the writers' lock held. Failures are logged here. */

/*
 * Replaces a file that is no JSON, which `base` is of, by what can be saved of it (salvage.h), once
 * it has not changed for half a second. The damaged one first gets a second name,
 * secrets.json.corrupt.{time}, so that at no moment there is no file; if a step fails, that is
 * removed and nothing has changed. CONFLICT: the file is another one by now. CORRUPT if it did not
 * come to rest by the deadline.
 */
enum store_err file_repair_damaged(struct store_ctx *ctx, const struct file_lock *lock,
                                   int64_t deadline_ns,
                                   const struct file_snapshot *base) STORE_CHECKED;

/* Takes the mark off the file, which `base` is of. CONFLICT as above. */
enum store_err file_repair_end_mark(struct store_ctx *ctx, const struct file_lock *lock,
                                    int64_t deadline_ns,
                                    const struct file_snapshot *base) STORE_CHECKED;

/* Keeps a copy of the v1 file, which `base` is of, as secrets.json.v1; `name` gets the name it has.
 * A migration is not given up because none could be kept: then `name` is "". */
void file_repair_keep_v1(struct store_ctx *ctx, const struct file_lock *lock,
                         const struct file_snapshot *base, char name[FILE_ASIDE_SIZE]);

#endif
