/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_REMOTE_POOL_H
#define BACKENDS_REMOTE_POOL_H

#include <pthread.h>

#include "store/remote/channel.h"
#include "store/remote/launch.h"

/*
 * The connections of one token to its store process, and the process. A connection carries one
 * call at a time, so each call that runs has one: a slow call holds up nobody, and one that is
 * given up takes only its own connection with it. There is no thread of ours to read them.
 */
#define POOL_BUSY_MAX 64 /* calls at a time; more wait for their turn, by their deadline */
#define POOL_IDLE_MAX 8  /* connections that are kept for later */

struct pool {
    const struct store_conf *conf;
    pthread_mutex_t lock; /* for what follows; nothing under it waits for the store process */
    pthread_cond_t turn;
    struct channel process; /* launch.h */
    uint64_t number;        /* of store processes started so far */
    unsigned busy;
    size_t idle_count;
    struct channel idle[POOL_IDLE_MAX];
    bool suspect; /* a call got no answer: see first whether anybody is there */
};

enum store_err pool_init(struct pool *pool, const struct store_conf *conf) STORE_CHECKED;

/* Closes everything; no call runs. The store process ends by itself. */
void pool_free(struct pool *pool);

/* A connection for one call, to a store process that is started if there is none. To be given back
 * by one of the two below. Errors are logged. */
enum store_err pool_take(struct pool *pool, struct channel *out, int64_t deadline) STORE_CHECKED;

/* Gives it back for the next call. */
void pool_keep(struct pool *pool, struct channel *connection);

/* Gives it back after a failure (`silent`: no answer by the deadline). */
void pool_drop(struct pool *pool, struct channel *connection, bool silent);

/* Whether a store process of its own has been started. */
bool pool_has_process(struct pool *pool);

/* Kills that, and with it all that it knows. */
void pool_end_process(struct pool *pool);

#endif
