/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_REMOTE_HOST_H
#define BACKENDS_REMOTE_HOST_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/remote/frame.h"

/*
 * The store process's end: the stores that are open here, and the connections that call them.
 *
 * A process that the module has started hosts that token's store, as the settings in its OPEN say.
 * A shared one hosts the tokens of its own configuration: an OPEN names one by its label, or else
 * is given the only one of its backend, and is refused if it has another idea of where that store
 * is. No host can point a shared store process, with its credentials, elsewhere.
 */
/*
 * A store whose backend asks for it (its row in the registry says so) is watched by a thread of its
 * own while it is open: an outage, and its end, is one line in the log within pkcs11.health_s.
 */
#define HOST_STORES_MAX 48
#define HOST_CONNECTIONS_MAX 256

struct hosted {
    struct store_secret settings; /* the OPEN that made it; empty in a shared store process */
    struct store_conf_set *set;   /* ours to free; NULL in a shared store process */
    const struct store_conf *conf;
    struct store store;
    struct host *host;
    pthread_t watcher; /* where `watched` */
    bool watched;
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
    atomic_uint checks;      /* of a store's health that run */
    bool ending;
    pthread_cond_t end; /* `ending` has changed */
};

/* `own`: the configuration of a shared store process, which outlives the host; else NULL. */
void host_init(struct host *host, const struct store_conf_set *own);

/* Closes every store. No call runs; a check that runs is waited for. */
void host_free(struct host *host);

/* Serves a connection in a thread of its own until it closes, and closes it. */
void host_connection(struct host *host, int fd);

/* As host_connection, in this thread. */
void host_serve(struct host *host, int fd);

/* Looks whether a store works, and logs where that has changed since `unwell` was set by this. */
void host_check(const struct hosted *hosted, bool *unwell);

/* The store that an OPEN asks for, opened at its first use. Mistakes are logged. */
enum store_err host_find(struct host *host, const struct store_secret *open,
                         struct hosted **out) STORE_CHECKED;

#endif
