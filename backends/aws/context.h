/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_CONTEXT_H
#define BACKENDS_AWS_CONTEXT_H

#include <pthread.h>
#include <stdatomic.h>

#include "backends/aws/crypto.h"
#include "backends/aws/endpoint.h"
#include "backends/aws/exchange.h"
#include "backends/aws/identity.h"
#include "backends/aws/name.h"
#include "store/backend.h"

#define AWS_VALUE_MAX                                                                              \
    ((size_t)65536)      /* bytes of a SecretString (or SecretBinary before base64)                \
                          */
#define AWS_BATCH_MAX 20 /* secrets in one BatchGetSecretValue */

/* An opened store. Open sets the members without a mark, once. */
struct store_ctx {
    struct aws_crypto crypto;
    struct http_client *http;
    struct aws_clock clock;
    struct aws_identity identity;
    const char *prefix;
    struct aws_settings settings;
    long recovery_days; /* 0: deleted at once */
    bool read_only;     /* the setting of that name */
    int64_t timeout_ns;
    int attempts;             /* the most for one request */
    atomic_int budget;        /* for retries, shared by all requests: retry.c */
    atomic_bool may_read;     /* the last secret that was read by itself was not denied */
    atomic_bool batch_denied; /* BatchGetSecretValue is not allowed: do not ask again */
    atomic_size_t unnamed;    /* secrets of the last full listing whose names are not keys */

    pthread_mutex_t lock; /* guards the three below while `located` is false */
    atomic_bool located;  /* the three are known and do not change any more */
    char region[AWS_REGION_SIZE];
    struct aws_endpoint endpoint;
};

/* The network context of a call that begins now. */
struct aws_net aws_context_net(struct store_ctx *ctx);

/* Finds the region and the endpoint. At open this reads only the settings (`net` NULL), and a
 * missing region is not an error; later it asks the instance, too: BAD_CONF, logged, if that does
 * not know either. */
enum store_err aws_context_locate(struct store_ctx *ctx, const struct aws_net *net,
                                  const char *region_set) STORE_CHECKED;

#endif
