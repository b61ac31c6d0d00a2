/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_SECRET_SERVICE_OP_H
#define BACKENDS_SECRET_SERVICE_OP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "backends/secret-service/link.h"
#include "store/backend.h"
#include "store/log.h"

/*
 * One operation of the contract: its deadline, its link, and the handling of its failures. A
 * failure that a new link (or a second read) may cure is not logged the first time; the operation
 * runs once more.
 */

#define COLLECTION_INTERFACE "org.freedesktop.Secret.Collection"
#define ITEM_INTERFACE "org.freedesktop.Secret.Item"
#define SECRETS_INTERFACE "org.freedesktop.Secret.Service"
#define SECRETS_PATH "/org/freedesktop/secrets"

struct op;

struct store_ctx {
    const struct store_conf *conf;
    pthread_mutex_t lock; /* guards the members below; only waits for `changed` release it */
    pthread_cond_t changed;
    struct link *link; /* NULL: none now */
    char *collection;  /* the default collection's path at `collection_ns`; NULL: not known */
    int64_t collection_ns;
    /* Runs before each operation that looks at secrets (import.c). */
    enum store_err (*prepare)(struct op *op);
    atomic_size_t unnamed; /* items of the last full listing without a valid key */
    bool linking;          /* a thread is making one */
    bool writing;          /* a thread has the turn to write */
    bool imported;         /* the import of an older document has been checked */
    bool warned;           /* the warning about duplicates has been logged */
};

struct op {
    struct store_ctx *ctx;
    const char *doing;           /* "reading", for messages */
    const char *key;             /* the key; NULL: none */
    struct store_health *health; /* gets the messages, instead of the log; NULL: the log does */
    int64_t deadline;
    struct link *link;
    char *collection; /* path of the default collection, once looked up */
    unsigned runs;    /* the number of earlier runs */
    bool again;       /* it should be run again */
    bool relink;      /* with a new link */
    bool relinked;    /* the new link has been made already */
};

/* Runs `work` with a link, again if necessary, within the time of the setting `setting`
 * ("timeout_ms"). */
enum store_err op_run(struct op op, const char *setting,
                      enum store_err (*work)(struct op *op, void *arg), void *arg) STORE_CHECKED;

/* As op_run within "timeout_ms", for an operation on secrets: `prepare` of the ctx comes first.
 * Until it has succeeded, "not found" may not be true. */
enum store_err op_run_prepared(struct op op, enum store_err (*work)(struct op *op, void *arg),
                               void *arg) STORE_CHECKED;

/* Logs "secret-service: {operation}: {text}; {remedy}", or fills in `health` instead. */
void op_log(struct op *op, enum store_log_level level, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Waits on ctx->changed with ctx->lock held; false at the deadline. */
bool op_wait(struct op *op);

/* The effect of a call, which decides if it can be repeated. */
enum op_kind {
    OP_READ,   /* nothing */
    OP_CHANGE, /* perhaps a change, if the answer was lost */
};

/* Judges the error of a call: returns the code, and logs it with its remedy unless the operation
 * will run again. */
enum store_err op_failed(struct op *op, const GError *error, enum op_kind kind);

/* True if a call failed because its object does not exist any more. */
bool op_is_gone(const GError *error);

/* Logs that the default collection is locked; LOCKED. */
enum store_err op_locked(struct op *op);

/* Logs that an answer violates the specification; CORRUPT. */
enum store_err op_strange(struct op *op, const char *what);

/* Requests another run in a new session, because a value cannot be decrypted: KWallet at times
 * returns a value encrypted for a session that it has lost. The second time the item itself is
 * damaged, which is logged. CORRUPT. */
enum store_err op_damaged(struct op *op, const char *what);

/* Makes the calls; OK if all are answered, else the first error, judged. The caller clears them. */
enum store_err op_calls(struct op *op, struct bus_call *calls, size_t count,
                        enum op_kind kind) STORE_CHECKED;

/* As op_calls for one read; the caller unreferences the reply. */
enum store_err op_ask(struct op *op, struct bus_call call, GVariant **reply) STORE_CHECKED;

/* LOCKED (logged) if the default collection says that it is locked: some services hide the items of
 * a locked collection. */
enum store_err op_check_unlocked(struct op *op) STORE_CHECKED;

/* Looks up the default collection (op->collection). UNAVAILABLE (logged) if there is none. */
enum store_err op_find_collection(struct op *op) STORE_CHECKED;
enum store_err op_parse_collection(struct op *op, GVariant *reply) STORE_CHECKED;
struct bus_call op_collection_call(struct op *op);

/* Reuses the default collection of the last second; false if there is none. */
bool op_recall_collection(struct op *op);

#endif
