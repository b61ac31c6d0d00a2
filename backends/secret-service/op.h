/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECRET_SERVICE_OP_H
#define SECRET_SERVICE_OP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "backends/secret-service/link.h"
#include "store/backend.h"
#include "store/log.h"

/*
 * One operation of the contract: its deadline, the link it uses, and what becomes of its failures.
 * A failure that a new link (or a second look) may cure is not logged the first time; the operation
 * is run once more.
 */

#define COLLECTION_INTERFACE "org.freedesktop.Secret.Collection"
#define ITEM_INTERFACE "org.freedesktop.Secret.Item"
#define SECRETS_INTERFACE "org.freedesktop.Secret.Service"
#define SECRETS_PATH "/org/freedesktop/secrets"

struct op;

struct store_ctx {
    const struct store_conf *conf;
    pthread_mutex_t lock; /* for what follows; nothing under it waits but on `changed` */
    pthread_cond_t changed;
    struct link *link; /* NULL: none now */
    char *collection;  /* the default collection's path at `collection_ns`; NULL: not known */
    int64_t collection_ns;
    /* Runs before each operation that looks at secrets (import.c). */
    enum store_err (*prepare)(struct op *op);
    atomic_size_t unnamed; /* items that the last listing of all found to be no key's */
    bool linking;          /* a thread is making one */
    bool writing;          /* a thread has the turn to write */
    bool imported;         /* what other programs left has been looked at */
    bool warned;           /* of duplicates */
};

struct op {
    struct store_ctx *ctx;
    const char *doing;           /* "reading", for messages */
    const char *key;             /* what; NULL: nothing in particular */
    struct store_health *health; /* gets the messages, instead of the log; NULL: the log does */
    int64_t deadline;
    struct link *link;
    char *collection; /* path of the default collection, once looked up */
    unsigned runs;    /* how often it was run before */
    bool again;       /* it should be run again */
    bool relink;      /* with a new link */
    bool relinked;    /* which was done already */
};

/* Runs `work` with a link, again if need be (`op` says who does what), within the setting `setting`
 * ("timeout_ms"). */
enum store_err op_run(struct op op, const char *setting,
                      enum store_err (*work)(struct op *op, void *arg), void *arg) STORE_CHECKED;

/* As op_run within "timeout_ms", for an operation that looks at secrets: `prepare` of the ctx comes
 * first. Until it has succeeded, "not found" may not be true. */
enum store_err op_run_prepared(struct op op, enum store_err (*work)(struct op *op, void *arg),
                               void *arg) STORE_CHECKED;

/* Logs "secret-service: {what is being done}: {text}; {remedy}", or tells `health` instead. */
void op_log(struct op *op, enum store_log_level level, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Waits on ctx->changed with ctx->lock held; false at the deadline. */
bool op_wait(struct op *op);

/* What a call did, for the question whether it can be made twice. */
enum op_kind {
    OP_LOOK,   /* nothing */
    OP_CHANGE, /* perhaps something, if the answer was lost */
};

/* Judges the error of a call: gives the code, and logs it with its remedy unless the operation is
 * to be run again. */
enum store_err op_failed(struct op *op, const GError *error, enum op_kind kind);

/* Whether a call failed because its object is no more. */
bool op_is_gone(const GError *error);

/* Logs that the default collection is locked; LOCKED. */
enum store_err op_locked(struct op *op);

/* Logs that an answer is not what the specification says; CORRUPT. */
enum store_err op_strange(struct op *op, const char *what);

/* Has the operation run again in a new session, because a value could not be made out: KWallet at
 * times gives out what it has encrypted for a session that it has lost. The second time it is the
 * item that is damaged, and logged. CORRUPT. */
enum store_err op_damaged(struct op *op, const char *what);

/* Makes the calls; OK if all are answered, else the first error, judged. The caller clears them. */
enum store_err op_calls(struct op *op, struct bus_call *calls, size_t count,
                        enum op_kind kind) STORE_CHECKED;

/* As op_calls for one look, whose reply the caller unreferences. */
enum store_err op_ask(struct op *op, struct bus_call call, GVariant **reply) STORE_CHECKED;

/* LOCKED (logged) if the default collection is locked, by its own word: some services do not show
 * the items of a locked collection at all. */
enum store_err op_check_unlocked(struct op *op) STORE_CHECKED;

/* Looks up the default collection (op->collection). UNAVAILABLE (logged) if there is none. */
enum store_err op_find_collection(struct op *op) STORE_CHECKED;
enum store_err op_parse_collection(struct op *op, GVariant *reply) STORE_CHECKED;
struct bus_call op_collection_call(struct op *op);

/* Takes the default collection that was looked up within the last second; false if none was. */
bool op_recall_collection(struct op *op);

#endif
