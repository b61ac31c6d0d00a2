/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AWS_IDENTITY_H
#define AWS_IDENTITY_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "backends/aws/endpoint.h"
#include "backends/aws/exchange.h"
#include "backends/aws/keys.h"

/*
 * The keys in use, and their renewal: when they are about to end, one thread at a time asks the
 * chain for new ones (sources.h), with no lock held; the others go on with the old ones while those
 * are good, and wait, each by its own deadline, when they are not.
 */
struct aws_identity {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct aws_keys keys;
    bool known;
    bool renewing;
    int64_t renew_ns;   /* wall clock: from when new keys are worth having; 0: never */
    int64_t stop_ns;    /* wall clock: from when the old ones are not used any more; 0: never */
    int64_t retry_ns;   /* monotonic: until when the last failure is the answer */
    enum store_err err; /* that failure */
    const struct aws_settings *settings;
    const char *region; /* for STS; "" while it is not known */
};

/* FAILED, logged, if the system has no more locks. Both texts are kept. */
enum store_err aws_identity_open(struct aws_identity *identity, const struct aws_settings *settings,
                                 const char *region) STORE_CHECKED;
void aws_identity_close(struct aws_identity *identity);

/* Gives keys that are good now, getting or renewing them if need be. Errors as aws_keys_find's;
 * TIMEOUT, logged, if another thread did not get them by net->deadline_ns. Threads: any number at
 * once. */
enum store_err aws_identity_keys(struct aws_identity *identity, const struct aws_net *net,
                                 struct aws_keys *out) STORE_CHECKED;

/* AWS has refused `keys`: unless they have been replaced already, the next aws_identity_keys gets
 * new ones. */
void aws_identity_refused(struct aws_identity *identity, const struct aws_keys *keys);

/* Forgets the keys. */
void aws_identity_forget(struct aws_identity *identity);

#endif
