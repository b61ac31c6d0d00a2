/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REMOTE_POOL_H
#define STORE_REMOTE_POOL_H

#include <pthread.h>

#include "store/remote/channel.h"
#include "store/remote/launch.h"

/*
 * The connections of one token to its store process, and the process. A connection carries one
 * call at a time, so each running call has its own: a slow call does not delay the others, and a
 * call that gives up costs only its own connection. Each call reads its own connection: the module
 * does not start threads.
 */
/* Calls at a time; further ones wait for their turn, by their deadline. */
#define POOL_BUSY_MAX 64
/* Connections that are kept for later. */
#define POOL_IDLE_MAX 8

struct pool {
    const struct store_conf *conf;
    pthread_mutex_t lock; /* guards the members below; its holder waits for a process only as
                           * platform_launch does */
    pthread_cond_t turn;
    struct launched process;
    uint64_t number; /* of store processes started so far */
    unsigned busy;
    size_t idle_count;
    struct channel idle[POOL_IDLE_MAX];
    bool suspect; /* a call got no answer: first check that the process lives */
};

void pool_init(struct pool *pool, const struct store_conf *conf);

/* Closes everything, while no call runs. The store process then ends by itself. */
void pool_free(struct pool *pool);

/* A connection for one call; starts the store process if necessary. The caller returns it by one
 * of the two functions below. Logs errors. */
enum store_err pool_acquire(struct pool *pool, struct channel *out, int64_t deadline) STORE_CHECKED;

/* Returns the connection for the next call. */
void pool_keep(struct pool *pool, struct channel *connection);

/* Returns the connection after a failure (`silent`: no answer by the deadline). */
void pool_drop(struct pool *pool, struct channel *connection, bool silent);

/* True if the pool has started a store process of its own. */
bool pool_has_process(struct pool *pool);

/* Kills that process, and with it all that it remembers. */
void pool_end_process(struct pool *pool);

#endif
