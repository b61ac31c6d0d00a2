/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_CACHE_CIRCUIT_H
#define BACKENDS_CACHE_CIRCUIT_H

#include <pthread.h>
#include <stdatomic.h>

#include <stdbool.h>

#include "store/backend.h"

/*
 * Whether the store is worth asking. After a call that it did not answer the circuit is open: who
 * reads is given what the cache has, or the reason at once, and waits for nothing. Meanwhile the
 * store is tested, one test at a time, begun by a call and looked at by those that follow. The
 * first answer to anything closes it. Writes, logins and health checks are always tried.
 */
struct circuit {
    _Atomic(enum store_err) reason; /* of the last failure; OK: the circuit is closed */
    atomic_bool calm;     /* the last call was answered: what a healthy store's calls look at */
    pthread_mutex_t lock; /* for what follows; nothing under it waits */
    bool looking;         /* somebody looks at the test, or begins it */
    bool testing;         /* a test runs */
    bool passed;          /* a test has closed it, and no call was answered since */
    bool told;            /* the log knows of this outage */
    int64_t test_ns;      /* when to begin the next test */
    int64_t backoff_ns;   /* how much later than usual: tests succeed, and calls do not */
    int64_t told_ns;      /* when the last outage that the log knows of was over */
};

void circuit_init(struct circuit *circuit);
void circuit_free(struct circuit *circuit);

/* Whether the store could not be asked at all, as against its having answered. */
bool circuit_opens(enum store_err err);

/* Whether circuit_check has anything to do; costs nothing. */
static inline bool circuit_is_open(struct circuit *circuit)
{
    return atomic_load_explicit(&circuit->reason, memory_order_relaxed) != STORE_OK;
}

/* Whether the store may be asked: OK, or what its last call failed with. An open circuit is tested
 * now and then, which takes a moment of one call that is not `hurried`. */
enum store_err circuit_check(struct store_ctx *ctx, bool hurried) STORE_CHECKED;

/* Takes note of a call's outcome, and logs where that begins or ends an outage. */
void circuit_note(struct store_ctx *ctx, enum store_err err);

/* Closes it without a word: everything is to be asked anew. */
void circuit_reset(struct circuit *circuit);

#endif
