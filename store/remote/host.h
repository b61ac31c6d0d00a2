/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REMOTE_HOST_H
#define STORE_REMOTE_HOST_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/remote/frame.h"
#include "store/audit.h"

/*
 * The store process's end: the open stores, and the connections that call them.
 *
 * A process that the module has started hosts one token's store, with the settings in its OPEN.
 * A shared one hosts the tokens of its own configuration: an OPEN names one by its label, or gets
 * the only one of its backend, and is refused if its settings name another store. So a host cannot
 * send the credentials of a shared store process elsewhere.
 */
/*
 * A thread watches each open store whose registry row asks for it: the log gets one line for an
 * outage and one for its end, within pkcs11.health_s.
 */
#define HOST_STORES_MAX 48
#define HOST_CONNECTIONS_MAX 256

struct hosted {
    struct store_secret settings; /* the OPEN that made it; empty in a shared store process */
    struct store_conf_set *set;   /* ours to free; NULL in a shared store process */
    const struct store_conf *conf;
    struct store store;
    struct store_audit *audit; /* one of the host's; NULL without */
    struct host *host;
    pthread_t watcher; /* where `watched` */
    bool watched;
};

struct host {
    const struct store_conf_set *own; /* of a shared store process; else NULL */
    uint64_t salt;                    /* of this process: another does not know its generations */
    pthread_mutex_t lock; /* guards the members below; held while a store is opened, which
                             does not wait */
    size_t count;
    struct hosted *stores[HOST_STORES_MAX];
    struct store_audits audits;
    atomic_uint connections; /* that are being served */
    atomic_uint calls;       /* that run */
    atomic_uint checks;      /* of a store's health that run */
    bool ending;
    pthread_cond_t end; /* `ending` has changed */
};

/* `own`: the configuration of a shared store process, which outlives the host; else NULL. */
void host_init(struct host *host, const struct store_conf_set *own);

/* Closes every store, after waiting for a running check. The caller ensures that no call runs. */
void host_free(struct host *host);

/* Instead of host_free while a call or a check runs, before the process ends: writes the audit. */
void host_leave(struct host *host);

/* Serves a connection in a thread of its own until it closes, and closes it. */
void host_connection(struct host *host, int fd);

/* As host_connection, in this thread. */
void host_serve(struct host *host, int fd);

/* Checks a store's health, keeps the result in `unwell`, and logs a change. */
void host_check(const struct hosted *hosted, bool *unwell);

#endif
