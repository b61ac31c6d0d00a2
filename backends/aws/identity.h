/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_IDENTITY_H
#define BACKENDS_AWS_IDENTITY_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "backends/aws/endpoint.h"
#include "backends/aws/exchange.h"
#include "backends/aws/keys.h"

/*
 * The keys in use, and their renewal. Shortly before they end, one thread asks the chain for new
 * ones (sources.h) without a lock. The others use the old keys while those are good, and then wait,
 * each until its own deadline.
 */
struct aws_identity {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct aws_keys keys;
    bool known;
    bool renewing;
    int64_t renew_ns;   /* wall clock: when to renew the keys; 0: never */
    int64_t stop_ns;    /* wall clock: when to stop using the old keys; 0: never */
    int64_t retry_ns;   /* monotonic: until then callers get the last failure */
    enum store_err err; /* that failure */
    const struct aws_settings *settings;
    const char *region; /* for STS; "" while unknown */
};

/* Initializes it and keeps both texts. FAILED, logged, if the system has no more locks. */
enum store_err aws_identity_open(struct aws_identity *identity, const struct aws_settings *settings,
                                 const char *region) STORE_CHECKED;
void aws_identity_close(struct aws_identity *identity);

/* Returns keys that are good now; gets or renews them if necessary. Errors as aws_keys_find's;
 * TIMEOUT, logged, if another thread did not get them by net->deadline_ns. Threads: any number at
 * once. */
enum store_err aws_identity_keys(struct aws_identity *identity, const struct aws_net *net,
                                 struct aws_keys *out) STORE_CHECKED;

/* To be called when AWS has refused `keys`: the next aws_identity_keys gets new ones, unless
 * another thread has replaced them already. */
void aws_identity_refused(struct aws_identity *identity, const struct aws_keys *keys);

/* Forgets the keys. */
void aws_identity_forget(struct aws_identity *identity);

#endif
