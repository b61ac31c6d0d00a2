/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/env/env.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/env/name.h"
#include "platform/system.h"
#include "store/log.h"
#include "store/user.h"

#define PREFIX_MAX 128
#define NAME_SIZE (PREFIX_MAX + ENV_NAME_SIZE)

struct store_ctx {
    char prefix[PREFIX_MAX + 1];
    size_t prefix_len;
};

static enum store_err env_open(struct store_ctx **out, const struct store_conf *conf)
{
    const char *prefix = store_conf_text(conf, "env.prefix");
    size_t len = strlen(prefix);
    struct store_ctx *ctx;

    if (len > PREFIX_MAX || strchr(prefix, '=') != NULL) {
        store_log(STORE_LOG_ERROR,
                  "env: the setting env.prefix cannot start a variable name; use at most %d bytes "
                  "and no '='",
                  PREFIX_MAX);
        return STORE_BAD_CONF;
    }
    ctx = calloc(1, sizeof *ctx);
    if (ctx == NULL)
        return store_no_memory("env");
    memcpy(ctx->prefix, prefix, len + 1);
    ctx->prefix_len = len;
    *out = ctx;
    return STORE_OK;
}

static void env_close(struct store_ctx *ctx)
{
    free(ctx);
}

static enum store_err value_copy(struct store_record *out, const char *value)
{
    return store_secret_set(&out->value, value, strlen(value)) == STORE_OK ? STORE_OK
                                                                           : store_no_memory("env");
}

/* A key that cannot be a variable's name is NOT_FOUND, not BAD_KEY: it certainly does not exist,
 * and a search along several scopes must go on to the next. */
static enum store_err env_read(struct store_ctx *ctx, const char *key, struct store_record *out)
{
    char name[NAME_SIZE];
    const char *value;

    store_record_clear(out);
    memcpy(name, ctx->prefix, ctx->prefix_len);
    if (!env_name_of_key(key, name + ctx->prefix_len)) {
        store_log(STORE_LOG_DEBUG, "env: %s: the name of a variable cannot contain a '='", key);
        return STORE_NOT_FOUND;
    }
    value = store_env(name);
    return value == NULL ? STORE_NOT_FOUND : value_copy(out, value);
}

/* The meaning of a variable for the store. */
enum listed { LISTED_NO, LISTED_YES, LISTED_UNNAMED };

/* Tells if `variable` ("NAME=value") is a secret: only if env_read would return this very value for
 * the key, so that this leaves out the second of two variables with one name, and all of them in a
 * privileged process. */
static enum listed variable_listed(const struct store_ctx *ctx, const char *variable,
                                   char key[STORE_KEY_MAX + 1])
{
    const char *equals = strchr(variable, '=');
    char name[NAME_SIZE];
    size_t len;

    if (equals == NULL || strncmp(variable, ctx->prefix, ctx->prefix_len) != 0 || equals[1] == '\0')
        return LISTED_NO;
    len = (size_t)(equals - variable);
    if (len <= ctx->prefix_len || len >= sizeof name ||
        !env_key_of_name(variable + ctx->prefix_len, len - ctx->prefix_len, key))
        return LISTED_UNNAMED;
    memcpy(name, variable, len);
    name[len] = '\0';
    return store_env(name) == equals + 1 ? LISTED_YES : LISTED_NO;
}

static enum store_err env_list(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                               store_each_fn *each, void *arg)
{
    char key[STORE_KEY_MAX + 1];
    size_t unnamed = 0;

    if (generation != NULL)
        *generation = 0; /* the environment does not report its changes */
    for (char **variable = platform_environ(); variable != NULL && *variable != NULL; variable++) {
        AUTO_RECORD record = {0};
        enum listed listed = variable_listed(ctx, *variable, key);
        unnamed += listed == LISTED_UNNAMED;
        if (listed != LISTED_YES || strncmp(key, prefix, strlen(prefix)) != 0)
            continue;
        TRY(value_copy(&record, strchr(*variable, '=') + 1));
        TRY(each(arg, key, STORE_OK, &record));
    }
    store_scope_warn_unnamed("env", unnamed);
    return STORE_OK;
}

static void env_health(struct store_ctx *ctx, struct store_health *out)
{
    char key[STORE_KEY_MAX + 1];
    size_t count = 0;
    size_t unnamed = 0;

    *out = (struct store_health){.err = STORE_OK};
    for (char **variable = platform_environ(); variable != NULL && *variable != NULL; variable++) {
        enum listed listed = variable_listed(ctx, *variable, key);
        count += listed == LISTED_YES;
        unnamed += listed == LISTED_UNNAMED;
    }
    snprintf(out->text, sizeof out->text, "%zu secrets in variables that begin with %s", count,
             ctx->prefix);
    store_scope_tell_unnamed(out->text, sizeof out->text, unnamed);
}

/* Read-only, and without a login. */
const struct store_backend env_backend = {
    .open = env_open,
    .close = env_close,
    .read = env_read,
    .list = env_list,
    .health = env_health,
};
