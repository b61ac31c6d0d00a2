/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_SIGNERS_H
#define TESTS_BENCH_SIGNERS_H

#include <stdatomic.h>
#include <stddef.h>

#include "tests/bench/host.h"

#define SIGNERS_MESSAGE_MAX 64

/* A thread that signs the same message again and again: the module's, or one that measures it
 * against something else. */
struct signer {
    void *(*run)(void *signer); /* until `stop`, counting in `done` */
    struct host *host;
    CK_OBJECT_HANDLE key;
    CK_MECHANISM_TYPE mechanism;
    size_t message_len; /* at most SIGNERS_MESSAGE_MAX */
    void *other;        /* for a `run` of the benchmark's own */
    atomic_bool *stop;
    unsigned long done;
};

/* The `run` of a signer that calls the module: C_SignInit and C_Sign in a session of its own. */
void *signers_module(void *signer);

/* Measures one signer for each round and two at a time, and prints the best of five: `name` for
 * `theirs`, and sign_1, sign_2 and scaling for `ours`. A round takes `pause_us` for each. */
void signers_compare(const char *name, const struct signer *theirs, const struct signer *ours,
                     unsigned pause_us);

#endif
