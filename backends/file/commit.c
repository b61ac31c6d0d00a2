/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/state.h"

#include <errno.h>
#include <time.h>

#include "backends/file/publish.h"
#include "backends/file/repair.h"
#include "backends/file/replace.h"
#include "store/log.h"
#include "store/thread.h"
#include "store/time.h"

/*
 * Writing. Threads queue their operations; one of them, the leader, dequeues all and puts them on
 * disk with one replacement of the file, while the next ones queue up. So eight threads share an
 * fsync instead of waiting for eight.
 *
 * Threads whose write has just ended are about to return with the next one, so the leader gives as
 * many as last time a moment to queue up. A thread that writes alone never waits.
 */

/* That moment, as a part of the last commit's time, and at most. */
#define GATHER_PART 4
#define GATHER_MOST_NS (5 * STORE_TIME_MS)

/* The interval between searches for temporary files of killed writers. */
#define SWEEP_NS (60 * STORE_TIME_S)

/* One commit: the state that its attempts share. */
struct commit {
    struct store_ctx *ctx;
    struct file_op *ops; /* NULL until they are dequeued */
    int64_t deadline_ns; /* the leader's */
    struct file_lock lock;
    char kept[FILE_ASIDE_SIZE]; /* the name of the copy of a v1 file; "": not made */
    bool set_aside;             /* this commit has met a damaged file, and made the mark */
};

/* Puts a new document on disk and publishes it. */
static enum store_err replace(struct commit *commit, const struct file_snapshot *base,
                              const struct file_edits *edits)
{
    struct file_snapshot *next = file_snapshot_new();
    enum store_err err;

    if (next == NULL)
        return STORE_NO_MEMORY;
    err = file_edits_apply(&next->document, &base->document, edits);
    if (err == STORE_OK)
        return file_publish(commit->ctx, &commit->lock, commit->deadline_ns, &base->identity, next);
    file_snapshot_drop(next);
    return err;
}

/* Dequeues all that wait, once. */
static void dequeue(struct commit *commit)
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

static bool wants_mark_ended(const struct commit *commit)
{
    bool wanted = false;

    for (const struct file_op *op = commit->ops; op != NULL; op = op->next)
        wanted = wanted || op->accept_loss;
    return wanted && !commit->set_aside;
}

/* Refuses to accept a loss that this commit is the first to find. */
static void refuse_unseen_loss(const struct commit *commit)
{
    for (struct file_op *op = commit->ops; op != NULL; op = op->next)
        if (op->accept_loss && commit->set_aside)
            op->err = STORE_CORRUPT;
}

/* Does the operations on the file of `base`; CONFLICT: the file has changed, perhaps by us. */
static enum store_err apply(struct commit *commit, const struct file_snapshot *base)
{
    struct file_edits edits = {0};
    enum store_err err;

    if (base->unparsable) {
        TRY(file_repair_damaged(commit->ctx, &commit->lock, commit->deadline_ns, base));
        commit->set_aside = true;
        return STORE_CONFLICT;
    }
    TRY(base->err);
    dequeue(commit);
    if (base->document.migrated && commit->kept[0] == '\0')
        file_repair_keep_v1(commit->ctx, &commit->lock, base, commit->kept);
    if (base->document.mark.stands && wants_mark_ended(commit)) {
        TRY(file_repair_end_mark(commit->ctx, &commit->lock, commit->deadline_ns, base));
        commit->kept[0] = '\0';
        return STORE_CONFLICT;
    }
    err = file_edits_plan(&edits, &base->document, commit->ops);
    refuse_unseen_loss(commit);
    if (err == STORE_OK && (edits.count > 0 || base->document.migrated))
        err = replace(commit, base, &edits);
    file_edits_clear(&edits);
    return err;
}

/* Removes the copy of a v1 file that was not replaced after all. */
static void forget_kept(struct commit *commit)
{
    if (commit->kept[0] != '\0')
        file_set_aside_undo(&commit->lock, commit->kept);
    commit->kept[0] = '\0';
}

/* Repeats the attempt, with the lock held, while programs without the lock change the file. */
static enum store_err attempts(struct commit *commit)
{
    struct file_snapshot *base = NULL;
    enum store_err err = STORE_CONFLICT;

    while (err == STORE_CONFLICT) {
        if (store_time_monotonic() > commit->deadline_ns) {
            store_log(STORE_LOG_ERROR,
                      "file: a program that ignores the lock keeps changing %s; stop it",
                      commit->ctx->place.path);
            return STORE_TIMEOUT;
        }
        TRY(file_lock_renew(&commit->ctx->place, commit->deadline_ns, &commit->lock));
        err = file_state_load(commit->ctx, commit->deadline_ns, &base);
        if (err != STORE_OK)
            return err;
        err = apply(commit, base);
        file_snapshot_drop(base);
        if (err == STORE_CONFLICT)
            forget_kept(commit);
    }
    return err;
}

static void sweep(struct commit *commit)
{
    int64_t now = store_time_monotonic();
    int64_t *swept_ns = &commit->ctx->swept_ns;

    if (*swept_ns != 0 && now - *swept_ns < SWEEP_NS)
        return;
    *swept_ns = now;
    file_replace_sweep(&commit->lock);
}

static void run(struct commit *commit)
{
    enum store_err err = file_lock_acquire(&commit->ctx->place, commit->deadline_ns, &commit->lock);

    if (err == STORE_OK) {
        sweep(commit);
        err = attempts(commit);
        /* Not if only the last sync failed: the new file is there. */
        if (err != STORE_OK && err != STORE_UNAVAILABLE)
            forget_kept(commit);
        file_lock_drop(&commit->lock);
    }
    dequeue(commit);
    if (err == STORE_OK)
        return;
    for (struct file_op *op = commit->ops; op != NULL; op = op->next) {
        if (op->err == STORE_OK)
            op->err = err;
        if (op->out != NULL)
            store_record_clear(op->out);
    }
}

/* Ends the committed operations. If the leader ran out of time, queues those again that still have
 * time. `queue_lock` is held. */
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

/* Waits a moment for the others; releases `queue_lock` meanwhile. */
static void gather(struct store_ctx *ctx)
{
    int64_t moment = ctx->last_commit_ns / GATHER_PART;
    int64_t until_ns = store_time_monotonic() + (moment < GATHER_MOST_NS ? moment : GATHER_MOST_NS);

    while (ctx->queued < ctx->last_batch)
        if (!store_thread_wait(&ctx->queue_grown, &ctx->queue_lock, until_ns))
            return;
}

/* Commits the queue. Releases `queue_lock` meanwhile. */
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
    pthread_mutex_lock(&ctx->queue_lock);
    enqueue(ctx, op);
    while (!op->done) {
        if (!ctx->committing) {
            lead(ctx, op->deadline_ns);
        } else if (op->taken) {
            /* Waits until the leader has done it, whose own deadline is before this one. */
            pthread_cond_wait(&ctx->queue_changed, &ctx->queue_lock);
        } else if (!store_thread_wait(&ctx->queue_changed, &ctx->queue_lock, op->deadline_ns) &&
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
