/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REMOTE_PROBE_H
#define STORE_REMOTE_PROBE_H

#include "store/remote/pool.h"

/* A HEALTH request without a waiting caller: one call sends it, and later calls poll for the
 * answer. The store process does the waiting. */
struct probe {
    struct pool *pool;
    pthread_mutex_t lock; /* locked with trylock only */
    struct channel connection;
    bool running;
    int64_t begun_ns;
    int64_t timeout_ns;
};

void probe_init(struct probe *probe, struct pool *pool);

/* Drops a running probe, while no call runs. */
void probe_free(struct probe *probe);

/* The member `probe` of struct store_backend. */
enum store_err probe_check(struct probe *probe, int64_t wait_ns) STORE_CHECKED;

#endif
