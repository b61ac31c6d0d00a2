/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/state.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "backends/file/replace.h"
#include "store/log.h"
#include "store/time.h"

/*
 * Writing. Threads queue their operations; one of them, the leader, takes all that wait and puts
 * them on disk with one replacement of the file, while the next ones queue up. So eight threads
 * share an fsync instead of waiting for eight.
 *
 * Those whose last write was just done are about to come back with the next, so a leader gives as
 * many as there were last time a moment to queue up. A thread that writes alone never waits.
 */

/* How long that is, as a part of what the last commit took, and at most. */
#define GATHER_PART 4
#define GATHER_MOST_NS INT64_C(5000000)

/* How long a file that is no JSON must have stayed as it is before it is set aside: a program may
 * be in the middle of writing it in place. */
#define CORRUPT_AFTER_NS INT64_C(500000000)
#define CORRUPT_PAUSE_NS 20000000

/* One commit: what its attempts share. */
struct commit {
    struct store_ctx *ctx;
    struct file_op *ops; /* NULL until they are taken */
    int64_t deadline_ns; /* the leader's */
    struct file_lock lock;
    bool kept; /* the v1 file has been */
};

/* Moves a file that is no JSON out of the way, once it has settled; CONFLICT: look at it again. */
static enum store_err set_corrupt_aside(struct commit *commit, const struct file_snapshot *base)
{
    const struct timespec pause = {.tv_nsec = CORRUPT_PAUSE_NS};
    struct file_identity now = base->identity;
    int64_t begun = store_time_monotonic();
    char suffix[64];

    while (store_time_now() - base->identity.mtime_ns < CORRUPT_AFTER_NS &&
           store_time_monotonic() - begun < CORRUPT_AFTER_NS &&
           file_identity_equal(&now, &base->identity)) {
        if (store_time_monotonic() > commit->deadline_ns)
            return STORE_CORRUPT;
        nanosleep(&pause, NULL);
        file_place_look(&commit->ctx->place, &now);
    }
    file_place_look(&commit->ctx->place, &now);
    if (!file_identity_equal(&now, &base->identity))
        return STORE_CONFLICT;
    file_snapshot_complain(base);
    snprintf(suffix, sizeof suffix, "corrupt.%lld", (long long)time(NULL));
    TRY(file_set_aside(&commit->ctx->place, &commit->lock, suffix, false));
    return STORE_CONFLICT;
}

/* Keeps the v1 file under another name. A link changes the file's ctime: `expected` becomes that,
 * unless more than that has changed. A migration is not given up because no copy could be kept. */
static void keep_v1(struct commit *commit, struct file_identity *expected)
{
    struct file_identity now;

    if (commit->kept || expected->error != 0)
        return;
    commit->kept = true;
    if (file_set_aside(&commit->ctx->place, &commit->lock, "v1", true) != STORE_OK)
        return;
    file_place_look(&commit->ctx->place, &now);
    if (now.device == expected->device && now.inode == expected->inode &&
        now.size == expected->size && now.mtime_ns == expected->mtime_ns)
        *expected = now;
}

/* Puts the new document in the file's place and publishes it: before the folder is synced, for the
 * file is the new one from the rename on. Meanwhile no thread that sees that reads the file: it
 * would read all of what is about to be published. `next` is taken over. */
static enum store_err swap(struct commit *commit, int fd, const struct file_identity *expected,
                           struct file_snapshot *next)
{
    enum store_err err = file_state_hold(commit->ctx, commit->deadline_ns);

    if (err == STORE_OK) {
        err = file_replace_swap(&commit->ctx->place, &commit->lock, fd, expected, &next->identity);
        if (err == STORE_OK)
            file_state_publish(commit->ctx, next);
        file_state_release(commit->ctx);
    }
    if (err != STORE_OK)
        file_snapshot_drop(next);
    return err;
}

/* Puts a new document on disk and publishes it. */
static enum store_err replace(struct commit *commit, const struct file_snapshot *base,
                              const struct file_edits *edits)
{
    struct file_identity expected = base->identity;
    struct file_snapshot *next = file_snapshot_new();
    enum store_err err;
    int fd = -1;

    if (next == NULL)
        return STORE_NO_MEMORY;
    next->settled = true;
    err = file_edits_apply(&next->document, &base->document, edits);
    if (err == STORE_OK && base->document.migrated)
        keep_v1(commit, &expected);
    if (err == STORE_OK)
        err = file_replace_write(&commit->ctx->place, &commit->lock, &next->document.text, &fd);
    if (err == STORE_OK)
        err = swap(commit, fd, &expected, next);
    else
        file_snapshot_drop(next);
    file_replace_end(&commit->lock, fd, err == STORE_OK);
    return err == STORE_OK ? file_replace_sync(&commit->ctx->place, &commit->lock) : err;
}

/* Takes all that wait, once. */
static void take_queue(struct commit *commit)
{
    struct store_ctx *ctx = commit->ctx;

    if (commit->ops != NULL)
        return;
    pthread_mutex_lock(&ctx->queue_lock);
    commit->ops = ctx->queue;
    ctx->queue = NULL;
    ctx->last_batch = ctx->queued;
    ctx->queued = 0;
    for (struct file_op *op = commit->ops; op != NULL; op = op->next)
        op->taken = true;
    pthread_mutex_unlock(&ctx->queue_lock);
}

/* Does the operations on the file as it is in `base`. */
static enum store_err apply(struct commit *commit, const struct file_snapshot *base)
{
    struct file_edits edits = {0};
    enum store_err err;

    if (base->unparsable)
        return set_corrupt_aside(commit, base);
    if (base->err != STORE_OK)
        return base->err;
    take_queue(commit);
    err = file_edits_plan(&edits, &base->document, commit->ops);
    if (err == STORE_OK && (edits.count > 0 || base->document.migrated))
        err = replace(commit, base, &edits);
    file_edits_clear(&edits);
    return err;
}

/* With the lock held: again and again, while programs that take no lock change the file. */
static enum store_err attempts(struct commit *commit)
{
    struct file_snapshot *base = NULL;
    enum store_err err = STORE_CONFLICT;

    while (err == STORE_CONFLICT) {
        if (store_time_monotonic() > commit->deadline_ns) {
            store_log(STORE_LOG_ERROR,
                      "file: %s is changed all the time by a program that takes no lock; stop it",
                      commit->ctx->place.path);
            return STORE_TIMEOUT;
        }
        err = file_state_load(commit->ctx, commit->deadline_ns, &base);
        if (err != STORE_OK)
            return err;
        err = apply(commit, base);
        file_snapshot_drop(base);
    }
    return err;
}

static void run(struct commit *commit)
{
    enum store_err err = file_lock_take(&commit->ctx->place, commit->deadline_ns, &commit->lock);

    if (err == STORE_OK) {
        err = attempts(commit);
        file_lock_drop(&commit->lock);
    }
    take_queue(commit);
    if (err == STORE_OK)
        return;
    for (struct file_op *op = commit->ops; op != NULL; op = op->next) {
        if (op->err == STORE_OK)
            op->err = err;
        if (op->out != NULL)
            store_record_clear(op->out);
    }
}

/* Ends the operations that were committed; those that the leader ran out of time for, but have
 * time left themselves, are queued again. `queue_lock` is held. */
static void settle(struct store_ctx *ctx, struct file_op *ops)
{
    int64_t now = store_time_monotonic();
    struct file_op *next;

    for (struct file_op *op = ops; op != NULL; op = next) {
        next = op->next;
        op->taken = false;
        op->done = op->err != STORE_TIMEOUT || op->deadline_ns <= now;
        if (op->done)
            continue;
        op->err = STORE_OK;
        op->next = ctx->queue;
        ctx->queue = op;
        ctx->queued++;
    }
}

static struct timespec to_timespec(int64_t ns)
{
    return (struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
}

/* Waits a moment for the others; `queue_lock` is held, but not meanwhile. */
static void gather(struct store_ctx *ctx)
{
    int64_t moment = ctx->last_commit_ns / GATHER_PART;
    struct timespec until =
        to_timespec(store_time_monotonic() + (moment < GATHER_MOST_NS ? moment : GATHER_MOST_NS));

    while (ctx->queued < ctx->last_batch)
        if (pthread_cond_timedwait(&ctx->queue_grown, &ctx->queue_lock, &until) != 0)
            return;
}

/* Commits what waits. `queue_lock` is held, but not meanwhile. */
static void lead(struct store_ctx *ctx, int64_t deadline_ns)
{
    struct commit commit = {.ctx = ctx, .deadline_ns = deadline_ns};
    int64_t begun;

    ctx->committing = true;
    gather(ctx);
    pthread_mutex_unlock(&ctx->queue_lock);
    begun = store_time_monotonic();
    run(&commit);
    pthread_mutex_lock(&ctx->queue_lock);
    ctx->last_commit_ns = store_time_monotonic() - begun;
    settle(ctx, commit.ops);
    ctx->committing = false;
    pthread_cond_broadcast(&ctx->queue_changed);
}

/* At the end, so that operations are done in the order they came. */
static void enqueue(struct store_ctx *ctx, struct file_op *op)
{
    struct file_op **end = &ctx->queue;

    while (*end != NULL)
        end = &(*end)->next;
    *end = op;
    ctx->queued++;
    pthread_cond_signal(&ctx->queue_grown);
}

static void withdraw(struct store_ctx *ctx, const struct file_op *op)
{
    struct file_op **at = &ctx->queue;

    while (*at != NULL && *at != op)
        at = &(*at)->next;
    if (*at == NULL)
        return;
    *at = op->next;
    ctx->queued--;
}

enum store_err file_commit(struct store_ctx *ctx, struct file_op *op)
{
    struct timespec until = to_timespec(op->deadline_ns);

    pthread_mutex_lock(&ctx->queue_lock);
    enqueue(ctx, op);
    while (!op->done) {
        if (!ctx->committing) {
            lead(ctx, op->deadline_ns);
        } else if (op->taken) {
            /* Until the one who took it is done with it, whose own deadline is before this one. */
            pthread_cond_wait(&ctx->queue_changed, &ctx->queue_lock);
        } else if (pthread_cond_timedwait(&ctx->queue_changed, &ctx->queue_lock, &until) ==
                       ETIMEDOUT &&
                   !op->taken && !op->done) {
            withdraw(ctx, op);
            op->err = STORE_TIMEOUT;
            op->done = true;
            store_log(STORE_LOG_ERROR, "file: writing %s takes too long; look at the disk",
                      ctx->place.path);
        }
    }
    pthread_mutex_unlock(&ctx->queue_lock);
    return op->err;
}
