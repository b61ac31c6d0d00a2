/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_REMOTE_PROBE_H
#define BACKENDS_REMOTE_PROBE_H

#include "store/remote/pool.h"

/* A HEALTH request that nobody waits for: it is sent by one call, and its answer is looked for by
 * those that follow. The store process does the waiting. */
struct probe {
    struct pool *pool;
    pthread_mutex_t lock; /* only tried for */
    struct channel connection;
    bool running;
    int64_t begun_ns;
    int64_t timeout_ns;
};

void probe_init(struct probe *probe, struct pool *pool);

/* Drops what runs; no call does. */
void probe_free(struct probe *probe);

/* The member `probe` of struct store_backend. */
enum store_err probe_look(struct probe *probe, int64_t wait_ns) STORE_CHECKED;

#endif
