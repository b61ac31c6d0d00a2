/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VAULT_CONTEXT_H
#define VAULT_CONTEXT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/backend.h"

#define VAULT_ADDRESS_SIZE 1024

/* Where the token comes from, which says what to do when it ends. */
enum vault_source {
    VAULT_TOKEN_NONE,
    VAULT_TOKEN_CONFIGURED,
    VAULT_TOKEN_FILE, /* ~/.vault-token */
    VAULT_TOKEN_LOGIN,
};

/* The token in use. Everything is guarded by `lock`, which is never held across a request: whoever
 * loads, renews or logs in sets `busy`, and the others wait for `changed` by their deadlines. */
struct vault_token {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* on the monotonic clock */
    bool busy;
    enum vault_source source;
    struct store_secret value;
    int64_t expires_ns; /* store_time_monotonic(); 0: never, or not known */
    int64_t renew_ns;   /* when to renew; 0: not at all */
    bool looked_up;     /* expires_ns and the next are what the server said */
    bool self_allowed;  /* it has looked itself up, so its policies allow that */
    bool self_denied;   /* its policies do not, as far as the server says */
    bool use_limited;   /* each request takes one of its uses: no question is asked with it */
};

struct store_ctx {
    const struct store_conf *conf;
    struct http_client *http;
    char address[VAULT_ADDRESS_SIZE]; /* without a '/' at its end */
    const char *mount;
    const char *prefix;
    const char *namespace; /* NULL: none */
    const char *nodes;     /* vault.nodes; NULL: none */
    const char *method;    /* of login */
    bool direct;           /* the server is on this machine: through no proxy */
    bool allow_http;
    _Atomic bool mount_known; /* to be KV version 2 */
    atomic_size_t unnamed;    /* names that the last listing of all found to be no key's */
    struct vault_token token;
};

/* When an operation that begins now has to end. */
int64_t vault_deadline(const struct store_ctx *ctx);

#endif
