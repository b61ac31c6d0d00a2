/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret-service/secret-service.h"

#include <stdlib.h>
#include <time.h>

#include "backends/secret-service/calls.h"
#include "store/log.h"
#include "store/thread.h"

static enum store_err secrets_open(struct store_ctx **out, const struct store_conf *conf)
{
    struct store_ctx *ctx = calloc(1, sizeof *ctx);

    if (ctx == NULL)
        return store_no_memory("secret-service");
    ctx->conf = conf;
    ctx->prepare = import_check;
    pthread_mutex_init(&ctx->lock, NULL);
    store_thread_cond_init(&ctx->changed);
    *out = ctx;
    return STORE_OK;
}

/* Drops the connection with its session and index. Running operations keep theirs to their end. */
static void secrets_logout(struct store_ctx *ctx)
{
    struct link *link;

    pthread_mutex_lock(&ctx->lock);
    link = ctx->link;
    ctx->link = NULL;
    pthread_mutex_unlock(&ctx->lock);
    link_unref(link);
}

static void secrets_close(struct store_ctx *ctx)
{
    if (ctx == NULL)
        return;
    secrets_logout(ctx);
    g_free(ctx->collection);
    pthread_cond_destroy(&ctx->changed);
    pthread_mutex_destroy(&ctx->lock);
    free(ctx);
}

const struct store_backend secret_service_backend = {
    .open = secrets_open,
    .close = secrets_close,
    .read = secrets_read,
    .read_many = secrets_read_many,
    .list = secrets_list,
    .write = secrets_write,
    .remove = secrets_remove,
    .login = secrets_login,
    .logout = secrets_logout,
    .lock = secrets_lock,
    .health = secrets_health,
    .examine = secrets_examine,
};
