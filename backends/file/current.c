/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <unistd.h>

#include "backends/file/state.h"

/* Tries to put the file of the snapshot in order. */
static enum store_err repair(struct store_ctx *ctx, int64_t deadline_ns,
                             const struct file_snapshot *snapshot)
{
    struct file_op op = {.deadline_ns = deadline_ns};
    enum store_err err = STORE_DENIED;

    /* A reader that may not write migrates a v1 file in memory and logs nothing. */
    if (!ctx->read_only && faccessat(AT_FDCWD, ctx->place.folder, W_OK, AT_EACCESS) == 0)
        err = file_commit(ctx, &op);
    if (err != STORE_OK && snapshot->unparsable)
        file_snapshot_complain(snapshot);
    return err;
}

enum store_err file_current_get(struct store_ctx *ctx, int64_t deadline_ns,
                                struct file_snapshot **out)
{
    TRY(file_state_load(ctx, deadline_ns, out));
    if (!(*out)->unparsable && !(*out)->document.migrated)
        return STORE_OK;
    if (atomic_exchange_explicit(&(*out)->repaired, true, memory_order_relaxed))
        return STORE_OK;
    if (repair(ctx, deadline_ns, *out) != STORE_OK)
        return STORE_OK; /* use the snapshot as it was read */
    file_snapshot_drop(*out);
    *out = NULL;
    return file_state_load(ctx, deadline_ns, out);
}
