/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CACHE_CIRCUIT_H
#define STORE_CACHE_CIRCUIT_H

#include <pthread.h>
#include <stdatomic.h>

#include <stdbool.h>

#include "store/backend.h"

/*
 * The circuit tells whether asking the store is worth the wait. A call without an answer opens it:
 * readers then get the cache's value, or the error, at once. Meanwhile calls test the store, one
 * test at a time: a call begins it, and later calls poll it. The first answer to any request
 * closes the circuit. Writes, logins and health checks are always tried.
 */
struct circuit {
    _Atomic(enum store_err) reason; /* of the last failure; OK: the circuit is closed */
    atomic_bool calm; /* the last call was answered; calls to a healthy store look at this alone */
    pthread_mutex_t lock; /* guards the members below; its holder never waits */
    bool polling;         /* a call begins the test or polls it */
    bool testing;         /* a test runs */
    bool passed;          /* a test closed the circuit, and the store has answered no call since */
    bool told;            /* the log knows of this outage */
    int64_t test_ns;      /* when to begin the next test */
    int64_t backoff_ns;   /* the extra delay of tests while they pass and calls fail */
    int64_t told_ns;      /* when the last logged outage ended */
};

void circuit_init(struct circuit *circuit);
void circuit_free(struct circuit *circuit);

/* True if the error means that the store did not answer. */
bool circuit_opens(enum store_err err);

/* True if circuit_check has something to do; costs nothing. */
static inline bool circuit_is_open(struct circuit *circuit)
{
    return atomic_load_explicit(&circuit->reason, memory_order_relaxed) != STORE_OK;
}

/* OK if a call may ask the store, else the error of the last call. Tests an open circuit now and
 * then; only a call that is not `hurried` waits a moment for the test. */
enum store_err circuit_check(struct store_ctx *ctx, bool hurried) STORE_CHECKED;

/* Records a call's outcome, and logs the beginning or end of an outage. */
void circuit_note(struct store_ctx *ctx, enum store_err err);

/* Closes the circuit without logging: the next call asks the store. */
void circuit_reset(struct circuit *circuit);

#endif
