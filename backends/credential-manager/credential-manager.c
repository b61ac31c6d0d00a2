/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/credential-manager/credential-manager.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/credential-manager/change.h"
#include "backends/credential-manager/head.h"
#include "backends/credential-manager/run.h"
#include "store/scope.h"

static enum store_err open_ctx(struct store_ctx **out, const struct store_conf *conf)
{
    struct store_ctx *ctx = calloc(1, sizeof *ctx);

    if (ctx == NULL)
        return STORE_NO_MEMORY;
    ctx->conf = conf;
    *out = ctx;
    return STORE_OK;
}

static void close_ctx(struct store_ctx *ctx)
{
    if (ctx != NULL)
        turn_end(ctx);
    free(ctx);
}

struct reading {
    const char *key;
    struct store_record *out;
};

static enum store_err read_work(const struct turn *turn, void *arg)
{
    struct reading *reading = arg;
    AUTO_RECORD record = {0};
    struct head head;

    TRY(head_find(turn, reading->key, &head, &record.value));
    head_describe(&head, &record);
    store_record_share(reading->out, &record);
    return STORE_OK;
}

static enum store_err read_secret(struct store_ctx *ctx, const char *key, struct store_record *out)
{
    struct reading reading = {.key = key, .out = out};

    store_record_clear(out);
    return run_work(ctx, RUN_READS, read_work, &reading);
}

struct listing {
    const char *prefix;
    store_each_fn *each; /* NULL: only count */
    void *arg;
    size_t count;
    size_t unnamed;
};

static enum store_err list_one(void *arg, const struct cred *cred)
{
    struct listing *listing = arg;
    struct store_record record = {0}; /* without a value */
    char key[STORE_KEY_MAX + 1];
    struct head head = head_of(cred);

    if (!target_parse(cred->target, key)) {
        listing->unnamed++;
        return STORE_OK;
    }
    listing->count++;
    if (listing->each == NULL || strncmp(key, listing->prefix, strlen(listing->prefix)) != 0)
        return STORE_OK;
    head_describe(&head, &record);
    return listing->each(listing->arg, key, STORE_OK, &record);
}

static enum store_err list_work(const struct turn *turn, void *arg)
{
    const struct listing *listing = arg;
    char prefix[TARGET_SIZE];

    target_format(listing->prefix, prefix);
    return cred_list(turn, "", prefix, list_one, arg);
}

static enum store_err list_secrets(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                                   store_each_fn *each, void *arg)
{
    struct listing listing = {.prefix = prefix, .each = each, .arg = arg};

    if (generation != NULL)
        *generation = 0; /* Windows does not tell of changes */
    TRY(run_work(ctx, RUN_READS, list_work, &listing));
    store_scope_warn_unnamed("credential-manager", listing.unnamed);
    return STORE_OK;
}

struct change {
    const char *key;
    const struct store_secret *value; /* NULL: remove */
    const char *if_version;
    struct store_record *out;
};

static enum store_err change_work(const struct turn *turn, void *arg)
{
    const struct change *change = arg;

    if (change->value == NULL)
        return change_remove(turn, change->key, change->if_version);
    return change_write(turn, change->key, change->value, change->if_version, change->out);
}

static enum store_err write_secret(struct store_ctx *ctx, const char *key,
                                   const struct store_secret *value, const char *if_version,
                                   struct store_record *out)
{
    struct change change = {.key = key, .value = value, .if_version = if_version, .out = out};

    if (out != NULL)
        store_record_clear(out);
    return run_work(ctx, RUN_CHANGES, change_work, &change);
}

static enum store_err remove_secret(struct store_ctx *ctx, const char *key, const char *if_version)
{
    struct change change = {.key = key, .if_version = if_version};

    return run_work(ctx, RUN_CHANGES, change_work, &change);
}

static void check_health(struct store_ctx *ctx, struct store_health *out)
{
    struct listing listing = {.prefix = ""};

    *out = (struct store_health){0};
    out->err = run_health(ctx, out, list_work, &listing);
    if (out->err != STORE_OK)
        return;
    snprintf(out->text, sizeof out->text, "%zu secrets in the user's Credential Manager",
             listing.count);
    out->remedy[0] = '\0';
    store_scope_tell_unnamed(out->text, sizeof out->text, listing.unnamed);
}

const struct store_backend credential_manager_backend = {
    .open = open_ctx,
    .close = close_ctx,
    .read = read_secret,
    .list = list_secrets,
    .write = write_secret,
    .remove = remove_secret,
    .health = check_health,
};
