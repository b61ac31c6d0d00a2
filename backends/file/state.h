/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_FILE_STATE_H
#define BACKENDS_FILE_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "backends/file/document.h"
#include "backends/file/edit.h"
#include "backends/file/place.h"
#include "store/backend.h"
#include "store/thread.h"

/*
 * The state of an opened file backend: the latest snapshot of the file, and the waiting writes.
 *
 * A read is one look-up, one lstat(2) and one copy. Readers do not write to shared memory: the lock
 * over `current` is in shards; a reader takes its thread's, and a thread that replaces the snapshot
 * takes all.
 */

/* The file at one moment. Immutable except for the atomic members. */
struct file_snapshot {
    _Atomic unsigned references;
    struct file_identity identity;
    _Atomic bool repaired;       /* a repair (file_commit) has been tried */
    _Atomic bool mark_told;      /* the log has its mark */
    _Atomic bool complained;     /* the log has its damaged records */
    bool settled;                /* the identity cannot hide a later write (place.h) */
    bool unparsable;             /* it is not JSON */
    enum store_err err;          /* the file's fault; logged when the snapshot was made */
    struct file_trouble trouble; /* the same as text */
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
    bool read_only; /* this token changes nothing, so it repairs nothing either */

    bool told_exposed;               /* logged that others may read the file; under `loading` */
    bool checked_above;              /* the folders above have been checked; under `loading` */
    struct store_timed_lock loading; /* one thread at a time reads or replaces the file */
    uint64_t generation;             /* of the latest snapshot; under all shards */

    pthread_mutex_t queue_lock;   /* guards the members below; held for moments only */
    pthread_cond_t queue_changed; /* operations are done; on the monotonic clock */
    pthread_cond_t queue_grown;   /* wakes the leader */
    struct file_op *queue;
    size_t queued;     /* how many */
    size_t last_batch; /* the size and the time of the last commit */
    int64_t last_commit_ns;
    int64_t swept_ns; /* the last search for stale temporary files; the leader's */
    bool committing;  /* a thread is writing; the others wait for it */
};

/* Acquires and releases the lock that a reader of ctx->current needs. Short: no I/O. */
pthread_mutex_t *file_state_lock(struct store_ctx *ctx);

/* True if `snapshot` (may be NULL) certainly has the content of the file with the identity `now`.
 */
bool file_snapshot_is_of(const struct file_snapshot *snapshot, const struct file_identity *now);

/* Returns the snapshot of the file now, with a reference. Reads the file if it has changed, and
 * tries once to repair it if it is a v1 file or not JSON, unless the token is read-only. The file's
 * own fault is in its `err`, logged once for each state of the file. TIMEOUT if other threads have
 * been reading it until `deadline_ns`, NO_MEMORY. */
enum store_err file_current_get(struct store_ctx *ctx, int64_t deadline_ns,
                                struct file_snapshot **out) STORE_CHECKED;

/* file_current_get without repairs: for the thread that makes them. */
enum store_err file_state_load(struct store_ctx *ctx, int64_t deadline_ns,
                               struct file_snapshot **out) STORE_CHECKED;

/* Keeps other threads from reading the file until file_state_release; they still use their
 * snapshot. TIMEOUT, logged, if they have been reading it until `deadline_ns`. */
enum store_err file_state_hold(struct store_ctx *ctx, int64_t deadline_ns) STORE_CHECKED;
void file_state_release(struct store_ctx *ctx);

/* Makes `snapshot` the current one, with its next generation; takes over the reference. */
void file_state_publish(struct store_ctx *ctx, struct file_snapshot *snapshot);

/* Logs the file's fault, with the remedy. */
void file_snapshot_complain(const struct file_snapshot *snapshot);

struct file_snapshot *file_snapshot_new(void);           /* NULL: no memory; one reference */
void file_snapshot_drop(struct file_snapshot *snapshot); /* accepts NULL */

/* Queues an operation, commits it together with all others that wait, and returns its result. An
 * operation without a key changes no secret, but repairs the file (repair.h): it replaces a v1 file
 * by a v2 one, and a file that is not JSON by the records that can be saved of it. Any other
 * operation does the same first. */
enum store_err file_commit(struct store_ctx *ctx, struct file_op *op) STORE_CHECKED;

#endif
