/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_VAULT_CONTEXT_H
#define BACKENDS_VAULT_CONTEXT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/backend.h"

#define VAULT_ADDRESS_SIZE 1024

/* The source of the token, which decides what follows when the token ends. */
enum vault_source {
    VAULT_TOKEN_NONE,
    VAULT_TOKEN_CONFIGURED,
    VAULT_TOKEN_FILE, /* ~/.vault-token */
    VAULT_TOKEN_LOGIN,
};

/* The token in use. `lock` guards every member and is never held across a request: the thread that
 * loads, renews or logs in sets `busy`, and the others wait for `changed` until their deadlines. */
struct vault_token {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* on the monotonic clock */
    bool busy;
    enum vault_source source;
    struct store_secret value;
    int64_t expires_ns; /* store_time_monotonic(); 0: never, or unknown */
    int64_t renew_ns;   /* when to renew; 0: not at all */
    bool looked_up;     /* the server has said expires_ns and the next members */
    bool self_allowed;  /* the token has looked itself up, so its policies allow that */
    bool self_denied;   /* its policies do not allow it, as far as the server says */
    bool use_limited;   /* each request costs one of its uses: ask no questions with it */
};

struct store_ctx {
    const struct store_conf *conf;
    struct http_client *http;
    char address[VAULT_ADDRESS_SIZE]; /* without a '/' at its end */
    const char *mount;
    const char *prefix;
    const char *namespace; /* NULL: none */
    const char *nodes;     /* vault.nodes; NULL: none */
    const char *method;    /* the login method */
    bool direct;           /* the server is on this machine: use no proxy */
    bool allow_http;
    _Atomic bool mount_known; /* the mount is known to be KV version 2 */
    atomic_size_t unnamed;    /* names in the last full listing that are not keys */
    struct vault_token token;
};

/* The deadline of an operation that begins now. */
int64_t vault_deadline(const struct store_ctx *ctx);

#endif
