/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SCRIPTED_H
#define TESTS_UNIT_SCRIPTED_H

#include <stdatomic.h>
#include <stdbool.h>

#include "store/backend.h"

/*
 * A store that does as it is told, for what stands in front of stores. It holds one value for all
 * keys; what it is asked is counted.
 */
struct scripted {
    _Atomic(enum store_err) err; /* what every call fails with */
    atomic_int value;            /* of every key, as a decimal text */
    atomic_int reads;
    atomic_int bulk_reads;
    atomic_int bulk_keys;
    _Atomic(enum store_err) bulk_err; /* what bulk reads fail with as a whole */
    atomic_int writes;
    atomic_int lists;
    atomic_int probes;
    atomic_bool probe_well; /* tests succeed, whatever calls do */
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
