/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/remedy.h"
#include "store/log.h"
#include "store/thread.h"
#include "store/time.h"

struct file_snapshot *file_snapshot_new(void)
{
    struct file_snapshot *snapshot = calloc(1, sizeof *snapshot);

    if (snapshot != NULL)
        snapshot->references = 1;
    return snapshot;
}

static struct file_snapshot *file_snapshot_share(struct file_snapshot *snapshot)
{
    atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
    return snapshot;
}

void file_snapshot_drop(struct file_snapshot *snapshot)
{
    if (snapshot == NULL ||
        atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) > 1)
        return;
    file_document_clear(&snapshot->document);
    free(snapshot);
}

void file_snapshot_complain(const struct file_snapshot *snapshot)
{
    store_log(STORE_LOG_ERROR, "file: %s; %s", snapshot->trouble.why, snapshot->trouble.remedy);
}

pthread_mutex_t *file_state_lock(struct store_ctx *ctx)
{
    pthread_mutex_t *lock = &ctx->shards[store_thread_part(FILE_SHARD_BITS)].lock;

    pthread_mutex_lock(lock);
    return lock;
}

void file_state_publish(struct store_ctx *ctx, struct file_snapshot *snapshot)
{
    struct file_snapshot *old;

    for (int i = 0; i < FILE_SHARDS; i++)
        pthread_mutex_lock(&ctx->shards[i].lock);
    old = ctx->current;
    snapshot->generation = ++ctx->generation;
    ctx->current = snapshot;
    for (int i = 0; i < FILE_SHARDS; i++)
        pthread_mutex_unlock(&ctx->shards[i].lock);
    file_snapshot_drop(old);
}

/* The current snapshot with a reference, NULL if there is none yet. */
static struct file_snapshot *current(struct store_ctx *ctx)
{
    pthread_mutex_t *lock = file_state_lock(ctx);
    struct file_snapshot *snapshot = ctx->current;

    if (snapshot != NULL)
        file_snapshot_share(snapshot);
    pthread_mutex_unlock(lock);
    return snapshot;
}

bool file_snapshot_is_of(const struct file_snapshot *snapshot, const struct file_identity *now)
{
    return snapshot != NULL && snapshot->settled && file_identity_equal(&snapshot->identity, now);
}

/* Makes the document of the text of a file. */
static enum store_err parse(const struct store_ctx *ctx, const struct store_secret *text,
                            struct file_snapshot *snapshot)
{
    struct file_trouble *trouble = &snapshot->trouble;
    bool parses = true;
    char why[128] = "";
    enum store_err err = file_document_read(&snapshot->document, text, &parses, why);

    snapshot->unparsable = !parses;
    if (err == STORE_OK || err == STORE_NO_MEMORY)
        return err;
    snprintf(trouble->why, sizeof trouble->why, "%s is not used: %s", ctx->place.path, why);
    if (!parses)
        snprintf(trouble->remedy, sizeof trouble->remedy, "repair it by hand, or move it away");
    else
        snprintf(
            trouble->remedy, sizeof trouble->remedy, "it is left as it is; %s, or move it away",
            err == STORE_UNAVAILABLE ? "use a newer version of this module" : "repair it by hand");
    return err;
}

/* Logs that others may read the file, once until that is changed. */
static void tell_exposed(struct store_ctx *ctx, bool exposed)
{
    struct platform_remedy remedy;

    if (exposed && !ctx->told_exposed)
        store_log(STORE_LOG_WARNING, "file: %s may be read by others; change that with: %s",
                  ctx->place.path, platform_remedy_rights(&remedy, "go-rwx", ctx->place.path));
    ctx->told_exposed = exposed;
}

/* Reads the file into `snapshot`, which keeps the file's own fault as `err`; returns a passing
 * error. */
static enum store_err fill(struct store_ctx *ctx, const struct file_snapshot *old,
                           struct file_snapshot *snapshot)
{
    AUTO_SECRET text = {0};
    int64_t when_ns = store_time_now();
    enum store_err err;

    if (!ctx->checked_above)
        file_place_check_above(&ctx->place);
    ctx->checked_above = true;
    err = file_place_read(&ctx->place, &text, &snapshot->identity, &snapshot->trouble);

    snapshot->settled = file_identity_settled(&snapshot->identity, when_ns);
    if (err == STORE_NOT_FOUND)
        return file_document_empty(&snapshot->document);
    if (err == STORE_OK)
        tell_exposed(ctx, snapshot->identity.exposed);
    if (err == STORE_OK && old != NULL && old->err == STORE_OK && !old->document.migrated &&
        store_secret_equal(&text, old->document.text.data, old->document.text.len))
        return file_document_share(&snapshot->document, &old->document);
    if (err == STORE_OK)
        err = parse(ctx, &text, snapshot);
    if (err == STORE_NO_MEMORY)
        return err;
    snapshot->err = err;
    /* A file that is not JSON is reported later, when it is clear if it can be replaced. */
    if (err != STORE_OK && !snapshot->unparsable &&
        !(old != NULL && old->err == err &&
          file_identity_equal(&old->identity, &snapshot->identity)))
        file_snapshot_complain(snapshot);
    return STORE_OK;
}

/* The snapshot of the file as it is now; `loading` is locked. */
static enum store_err load(struct store_ctx *ctx, struct file_snapshot **out)
{
    struct file_snapshot *old = current(ctx);
    struct file_snapshot *fresh;
    struct file_identity now;
    enum store_err err;

    file_place_stat(&ctx->place, &now);
    if (file_snapshot_is_of(old, &now)) {
        *out = old;
        return STORE_OK;
    }
    fresh = file_snapshot_new();
    err = fresh == NULL ? STORE_NO_MEMORY : fill(ctx, old, fresh);
    file_snapshot_drop(old);
    if (err != STORE_OK) {
        file_snapshot_drop(fresh);
        return err;
    }
    *out = file_snapshot_share(fresh);
    file_state_publish(ctx, fresh);
    return STORE_OK;
}

/* Acquires the one lock that is held while the file is read, so that one of many threads parses it;
 * waits until the deadline at most. */
enum store_err file_state_hold(struct store_ctx *ctx, int64_t deadline_ns)
{
    if (store_timed_lock_acquire(&ctx->loading, deadline_ns))
        return STORE_OK;
    store_log(STORE_LOG_ERROR,
              "file: other threads have been reading %s for too long; check the disk",
              ctx->place.path);
    return STORE_TIMEOUT;
}

void file_state_release(struct store_ctx *ctx)
{
    store_timed_lock_release(&ctx->loading);
}

enum store_err file_state_load(struct store_ctx *ctx, int64_t deadline_ns,
                               struct file_snapshot **out)
{
    enum store_err err;

    TRY(file_state_hold(ctx, deadline_ns));
    err = load(ctx, out);
    file_state_release(ctx);
    return err;
}
