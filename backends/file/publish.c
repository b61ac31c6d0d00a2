/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/publish.h"

#include "backends/file/replace.h"

/* Puts the new document in the file's place and publishes it before it syncs the folder, because
 * the file is new from the rename on. Other threads cannot read the file meanwhile; they would
 * parse all of it for nothing. Takes over `next`. */
static enum store_err swap(struct store_ctx *ctx, const struct file_lock *lock, int64_t deadline_ns,
                           struct file_temp *temp, const struct file_identity *expected,
                           struct file_snapshot *next)
{
    enum store_err err = file_state_hold(ctx, deadline_ns);

    if (err == STORE_OK) {
        err = file_replace_swap(&ctx->place, lock, deadline_ns, temp, expected, &next->identity);
        if (err == STORE_OK)
            file_state_publish(ctx, next);
        file_state_release(ctx);
    }
    if (err != STORE_OK)
        file_snapshot_drop(next);
    return err;
}

enum store_err file_publish(struct store_ctx *ctx, const struct file_lock *lock,
                            int64_t deadline_ns, const struct file_identity *expected,
                            struct file_snapshot *next)
{
    struct file_temp temp;
    enum store_err err = file_replace_write(&ctx->place, lock, &next->document.text, &temp);

    next->settled = true;
    if (err == STORE_OK)
        err = swap(ctx, lock, deadline_ns, &temp, expected, next);
    else
        file_snapshot_drop(next);
    file_replace_end(lock, &temp);
    return err == STORE_OK ? file_replace_sync(&ctx->place, lock) : err;
}
