/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_REMOTE_HOST_H
#define BACKENDS_REMOTE_HOST_H

#include <pthread.h>
#include <stdatomic.h>

#include "frame.h"

/*
 * The store process's end: the stores that are open here, and the connections that call them.
 *
 * A process that the module has started hosts that token's store, as the settings in its OPEN say.
 * A shared one hosts the tokens of its own configuration: an OPEN names one by its label, or else
 * is given the only one of its backend, and is refused if it has another idea of where that store
 * is. No host can point a shared store process, with its credentials, elsewhere.
 */
#define HOST_STORES_MAX 48
#define HOST_CONNECTIONS_MAX 256

struct hosted {
    struct store_secret settings; /* the OPEN that made it; empty in a shared store process */
    struct store_conf_set *set;   /* ours to free; NULL in a shared store process */
    const struct store_conf *conf;
    struct store store;
    bool unwell; /* as the last health check found */
};

struct host {
    const struct store_conf_set *own; /* of a shared store process; else NULL */
    uint64_t salt;                    /* of this process: its generations mean nothing to another */
    pthread_mutex_t lock; /* for what follows; held while a store is opened, which waits for
                             nothing */
    size_t count;
    struct hosted *stores[HOST_STORES_MAX];
    atomic_uint connections; /* that are being served */
    atomic_uint calls;       /* that run */
    atomic_bool checking;    /* a health check runs */
};

/* `own`: the configuration of a shared store process, which outlives the host; else NULL. */
void host_init(struct host *host, const struct store_conf_set *own);

/* Closes every store. No call runs. */
void host_free(struct host *host);

/* Serves a connection in a thread of its own until it closes, and closes it. */
void host_connection(struct host *host, int fd);

/* As host_connection, in this thread. */
void host_serve(struct host *host, int fd);

/* Looks, in a thread of its own, whether each open store whose backend asks for it (its row in the
 * registry says so) works. What does not is a warning, once for each time it begins. */
void host_check(struct host *host);

/* The store that an OPEN asks for, opened at its first use. Mistakes are logged. */
enum store_err host_find(struct host *host, const struct store_secret *open,
                         struct hosted **out) STORE_CHECKED;

#endif
