/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_STORE_CACHE_SCRIPTED_H
#define TESTS_UNIT_STORE_CACHE_SCRIPTED_H

#include <stdatomic.h>
#include <stdbool.h>

#include "store/backend.h"

/*
 * A store that a test controls, for tests of the layers in front of stores. It has one value for
 * all keys, and counts its calls.
 */
struct scripted {
    _Atomic(enum store_err) err; /* the error of every call */
    atomic_int value;            /* of every key, as a decimal text */
    atomic_int reads;
    atomic_int bulk_reads;
    atomic_int bulk_keys;
    _Atomic(enum store_err) bulk_err; /* the error of a bulk read as a whole */
    atomic_int writes;
    atomic_int lists;
    atomic_int probes;
    atomic_bool probe_well; /* tests of the circuit succeed even if calls fail */
    atomic_bool probe_hold; /* a test takes until this is false again */
    atomic_int logouts;
    atomic_bool hold; /* a read that has looked at the value stays until this is false again */
    atomic_int held;  /* reads that stay */
};
extern struct scripted scripted;

/* Sets everything back, and gives an open store. */
void scripted_open(struct store *out);

/* Lets held reads go on. */
void scripted_release(void);

/* Waits until `count` reads are held. */
void scripted_wait_held(int count);

extern const struct store_backend scripted_backend;

#endif
