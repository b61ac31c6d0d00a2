/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_FILE_REPAIR_H
#define BACKENDS_FILE_REPAIR_H

#include "backends/file/lock.h"
#include "backends/file/replace.h"
#include "backends/file/state.h"

/* Repairs of the file, with the writers' lock held. Logs failures. */

/*
 * Replaces the file of `base`, which is not JSON, by the records that can be saved of it
 * (salvage.h), once it has not changed for half a second. The damaged file first gets a second
 * name, secrets.json.corrupt.{time}, so that there always is a file; if a step fails, this removes
 * that name, and nothing has changed. CONFLICT: the file is another one by now. CORRUPT if it kept
 * changing until the deadline.
 */
enum store_err file_repair_damaged(struct store_ctx *ctx, const struct file_lock *lock,
                                   int64_t deadline_ns,
                                   const struct file_snapshot *base) STORE_CHECKED;

/* Removes the mark from the file of `base`. CONFLICT as above. */
enum store_err file_repair_end_mark(struct store_ctx *ctx, const struct file_lock *lock,
                                    int64_t deadline_ns,
                                    const struct file_snapshot *base) STORE_CHECKED;

/* Keeps a copy of the v1 file of `base` as secrets.json.v1; `name` gets the copy's name, or "" if
 * there could not be one, which does not stop the migration. */
void file_repair_keep_v1(struct store_ctx *ctx, const struct file_lock *lock,
                         const struct file_snapshot *base, char name[FILE_ASIDE_SIZE]);

#endif
