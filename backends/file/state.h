/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FILE_STATE_H
#define FILE_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "backends/file/document.h"
#include "backends/file/edit.h"
#include "backends/file/place.h"
#include "store/backend.h"

/*
 * What one opened file backend knows: the latest snapshot of the file, and the writes that wait.
 *
 * A read is one look-up, one lstat(2) and one copy. It writes to no memory that another
 * thread's reads write to: the lock over `current` is in shards, of which a reader takes its
 * thread's and the one who replaces the snapshot takes all.
 */

/* The file as it was at one moment. Never changed but for the atomic members. */
struct file_snapshot {
    _Atomic unsigned references;
    struct file_identity identity;
    _Atomic bool repaired;   /* putting it in order (file_commit) has been tried */
    _Atomic bool mark_told;  /* its mark has been named in the log */
    _Atomic bool complained; /* its damaged records have been named in the log */
    bool settled;            /* the identity cannot hide a later write (place.h) */
    bool unparsable;         /* it is not JSON */
    enum store_err err;      /* why the file cannot be used; logged when the snapshot was made */
    struct file_trouble trouble; /* the same in words */
    struct file_document document;
    uint64_t generation; /* differs for each snapshot of a ctx */
};

#define FILE_SHARD_BITS 5
#define FILE_SHARDS (1 << FILE_SHARD_BITS)

struct file_shard {
    _Alignas(64) pthread_mutex_t lock;
};

struct store_ctx {
    struct file_shard shards[FILE_SHARDS];
    struct file_snapshot *current; /* NULL before the first use; see above */
    struct file_place place;
    int64_t timeout_ns;

    bool looked_above;       /* the folders above have been looked at; under `loading` */
    pthread_mutex_t loading; /* one thread at a time reads the file, or puts another in its place */
    uint64_t generation;     /* of the latest snapshot; under all shards */

    pthread_mutex_t queue_lock;   /* for what follows; held for moments only */
    pthread_cond_t queue_changed; /* operations are done; by the clock that only goes forward */
    pthread_cond_t queue_grown;   /* for the one who leads */
    struct file_op *queue;
    size_t queued;     /* how many */
    size_t last_batch; /* how many the last commit did, and how long it took */
    int64_t last_commit_ns;
    int64_t swept_ns; /* when stale temporary files were last looked for; the leader's */
    bool committing;  /* a thread is writing; the others wait for it */
};

/* Takes the lock that a reader needs to look at ctx->current, and gives it back. Short: no I/O. */
pthread_mutex_t *file_state_lock(struct store_ctx *ctx);

/* Whether `snapshot` (may be NULL) is certainly what the file holds when it is as `now` says. */
bool file_snapshot_is_of(const struct file_snapshot *snapshot, const struct file_identity *now);

/* Gives the snapshot of what is on disk now, with a reference. Reads the file if it has changed,
 * and tries once to put it in order if it is a v1 file or no JSON. What is wrong with the file is
 * in its `err`, logged once for each state of the file. TIMEOUT if other threads have been reading
 * it until `deadline_ns`, NO_MEMORY. */
enum store_err file_current_get(struct store_ctx *ctx, int64_t deadline_ns,
                                struct file_snapshot **out) STORE_CHECKED;

/* file_current_get without putting anything in order: for the thread that does. */
enum store_err file_state_load(struct store_ctx *ctx, int64_t deadline_ns,
                               struct file_snapshot **out) STORE_CHECKED;

/* Keeps other threads from reading the file until file_state_release; what they know already they
 * still give. TIMEOUT, logged, if they have been reading it until `deadline_ns`. */
enum store_err file_state_hold(struct store_ctx *ctx, int64_t deadline_ns) STORE_CHECKED;
void file_state_release(struct store_ctx *ctx);

/* Makes `snapshot` the current one, with its next generation; takes over the reference. */
void file_state_publish(struct store_ctx *ctx, struct file_snapshot *snapshot);

/* Logs what is wrong with the file, and what to do about it. */
void file_snapshot_complain(const struct file_snapshot *snapshot);

struct file_snapshot *file_snapshot_new(void);           /* NULL: no memory; one reference */
void file_snapshot_drop(struct file_snapshot *snapshot); /* accepts NULL */

/* Queues an operation, has it done together with all others that wait, and returns how it went. An
 * operation without a key changes no secret, but puts the file in order (repair.h): a v1 file is
 * replaced by a v2 one, and what is no JSON by what can be saved of it. The same is done before any
 * other operation. */
enum store_err file_commit(struct store_ctx *ctx, struct file_op *op) STORE_CHECKED;

#endif
