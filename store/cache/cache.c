/* SPDX-License-Identifier: Apache-2.0 */
#include "store/cache/cache.h"

#include <stdlib.h>
#include <string.h>

#include "store/cache/context.h"
#include "store/log.h"
#include "store/time.h"

/* cache_wrap alone opens a cache. */
static enum store_err cache_open(struct store_ctx **out, const struct store_conf *conf)
{
    (void)out;
    (void)conf;
    return STORE_UNSUPPORTED;
}

static void cache_close(struct store_ctx *ctx)
{
    if (ctx == NULL)
        return;
    ctx->backend->close(ctx->inner);
    shards_free(&ctx->shards);
    circuit_free(&ctx->circuit);
    free(ctx);
}

/* A listing that the cache passes on. */
struct listing {
    struct store_ctx *ctx;
    store_each_fn *each;
    void *arg;
    uint64_t changes[SHARDS_MAX]; /* as it began */
};

/* Keeps the values of a listing as if they had been read. */
static enum store_err list_each(void *arg, const char *key, enum store_err err,
                                const struct store_record *record)
{
    struct listing *listing = arg;
    struct shards *shards = &listing->ctx->shards;
    struct shard *shard;
    unsigned hash;

    if (err == STORE_OK && record != NULL && record->value.len > 0) {
        shard = shards_find(shards, key, &hash);
        pthread_mutex_lock(&shard->lock);
        cache_note(listing->ctx, shard, key, hash, listing->changes[shard - shards->shards], err,
                   record);
        pthread_mutex_unlock(&shard->lock);
        shards_evict(shards, shard);
    }
    return listing->each(listing->arg, key, err, record);
}

static enum store_err cache_list(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                                 store_each_fn *each, void *arg)
{
    struct listing listing = {.ctx = ctx, .each = each, .arg = arg};
    enum store_err err;

    TRY(circuit_check(ctx, false));
    for (unsigned i = 0; i < ctx->shards.count; i++) {
        pthread_mutex_lock(&ctx->shards.shards[i].lock);
        listing.changes[i] = ctx->shards.shards[i].changes;
        pthread_mutex_unlock(&ctx->shards.shards[i].lock);
    }
    err = ctx->backend->list(ctx->inner, prefix, generation, list_each, &listing);
    circuit_note(ctx, err);
    return err;
}

/* A change of one key. */
struct change {
    struct shard *shard;
    unsigned hash;
    uint64_t mine; /* the shard's count after the change began */
};

static struct change change_begin(struct store_ctx *ctx, const char *key)
{
    struct change change = {0};

    change.shard = shards_find(&ctx->shards, key, &change.hash);
    pthread_mutex_lock(&change.shard->lock);
    change.mine = ++change.shard->changes;
    pthread_mutex_unlock(&change.shard->lock);
    return change;
}

/* True if the change was refused before the store could make any of it. */
static bool is_refused(enum store_err err)
{
    return err == STORE_TOO_BIG || err == STORE_BAD_KEY || err == STORE_BAD_VALUE ||
           err == STORE_READ_ONLY || err == STORE_UNSUPPORTED;
}

/* `record`: the key's record from now on; NULL if it is unknown or removed. If another change of
 * the shard ran at the same time, their order is unknown. */
static void change_end(struct store_ctx *ctx, const struct change *change, const char *key,
                       enum store_err err, const struct store_record *record)
{
    struct shard *shard = change->shard;
    struct entry *entry;

    circuit_note(ctx, err);
    pthread_mutex_lock(&shard->lock);
    entry = shard_get(shard, key, change->hash);
    if (entry != NULL && entry->err == STORE_OK && circuit_opens(err))
        entry->expires_ns = ctx->now(); /* the outcome is unknown: ask next time, but keep the value
                                           for an outage */
    else if (entry != NULL && !is_refused(err))
        shard_drop(&ctx->shards, shard, entry);
    if (err == STORE_OK && record != NULL)
        cache_note(ctx, shard, key, change->hash, change->mine, STORE_OK, record);
    shard->changes++;
    pthread_mutex_unlock(&shard->lock);
    shards_evict(&ctx->shards, shard);
}

static enum store_err cache_write(struct store_ctx *ctx, const char *key,
                                  const struct store_secret *value, const char *if_version,
                                  struct store_record *out)
{
    struct change change = change_begin(ctx, key);
    AUTO_RECORD record = {0};
    enum store_err err = ctx->backend->write(ctx->inner, key, value, if_version, &record);

    if (out != NULL)
        store_record_clear(out);
    if (err == STORE_OK && out != NULL)
        store_record_share(out, &record);
    if (err == STORE_OK)
        store_secret_share(&record.value, value);
    change_end(ctx, &change, key, err, &record);
    return err;
}

static enum store_err cache_remove(struct store_ctx *ctx, const char *key, const char *if_version)
{
    struct change change = change_begin(ctx, key);
    enum store_err err = ctx->backend->remove(ctx->inner, key, if_version);

    change_end(ctx, &change, key, err, NULL);
    return err;
}

/* Versions are asked for by people, now and then, and are not cached. */
static enum store_err cache_versions(struct store_ctx *ctx, const char *key,
                                     struct store_versions *out)
{
    enum store_err err;

    if (ctx->backend->versions == NULL)
        return STORE_UNSUPPORTED;
    TRY(circuit_check(ctx, false));
    err = ctx->backend->versions(ctx->inner, key, out);
    circuit_note(ctx, err);
    return err;
}

static enum store_err cache_read_version(struct store_ctx *ctx, const char *key, const char *id,
                                         struct store_record *out)
{
    enum store_err err;

    store_record_clear(out);
    if (ctx->backend->read_version == NULL)
        return STORE_UNSUPPORTED;
    TRY(circuit_check(ctx, false));
    err = ctx->backend->read_version(ctx->inner, key, id, out);
    circuit_note(ctx, err);
    return err;
}

/* Ends a secret by one of the backend's calls, which may be NULL. */
static enum store_err end(struct store_ctx *ctx, const char *key,
                          enum store_err (*call)(struct store_ctx *inner, const char *key))
{
    struct change change = change_begin(ctx, key);
    enum store_err err = call == NULL ? STORE_UNSUPPORTED : call(ctx->inner, key);

    change_end(ctx, &change, key, err, NULL);
    return err;
}

static enum store_err cache_retire(struct store_ctx *ctx, const char *key)
{
    return end(ctx, key, ctx->backend->retire);
}

static enum store_err cache_restore(struct store_ctx *ctx, const char *key, const char *id)
{
    struct change change = change_begin(ctx, key);
    enum store_err err = STORE_UNSUPPORTED;

    if (ctx->backend->restore != NULL)
        err = ctx->backend->restore(ctx->inner, key, id);
    change_end(ctx, &change, key, err, NULL);
    return err;
}

static enum store_err cache_destroy(struct store_ctx *ctx, const char *key)
{
    return end(ctx, key, ctx->backend->destroy);
}

/* Forgets all earlier answers of the store. */
static void forget(struct store_ctx *ctx)
{
    shards_clear(&ctx->shards);
    atomic_store(&ctx->bulk_ns, 0);
    circuit_reset(&ctx->circuit);
}

static enum store_err cache_login(struct store_ctx *ctx, const struct store_secret *pin)
{
    enum store_err err = STORE_OK;

    if (ctx->backend->login != NULL)
        err = ctx->backend->login(ctx->inner, pin);
    if (err != STORE_OK)
        return err;
    forget(ctx); /* another user may see other secrets */
    return STORE_OK;
}

static void cache_logout(struct store_ctx *ctx)
{
    forget(ctx);
    if (ctx->backend->logout != NULL)
        ctx->backend->logout(ctx->inner);
}

static enum store_err cache_lock(struct store_ctx *ctx)
{
    enum store_err err = STORE_UNSUPPORTED;

    if (ctx->backend->lock != NULL)
        err = ctx->backend->lock(ctx->inner);
    if (err == STORE_OK)
        forget(ctx);
    return err;
}

static void cache_health(struct store_ctx *ctx, struct store_health *out)
{
    *out = (struct store_health){0};
    if (ctx->backend->health != NULL)
        ctx->backend->health(ctx->inner, out);
    circuit_note(ctx, out->err);
}

static void cache_examine(struct store_ctx *ctx, store_finding_fn *each, void *arg)
{
    if (ctx->backend->examine != NULL)
        ctx->backend->examine(ctx->inner, each, arg);
}

static const struct store_backend cache_backend = {
    .open = cache_open,
    .close = cache_close,
    .read = cache_read,
    .read_many = cache_read_many,
    .list = cache_list,
    .write = cache_write,
    .remove = cache_remove,
    .versions = cache_versions,
    .read_version = cache_read_version,
    .retire = cache_retire,
    .restore = cache_restore,
    .destroy = cache_destroy,
    .login = cache_login,
    .logout = cache_logout,
    .lock = cache_lock,
    .health = cache_health,
    .examine = cache_examine,
};

static const struct store_backend cache_read_only_backend = {
    .open = cache_open,
    .close = cache_close,
    .read = cache_read,
    .read_many = cache_read_many,
    .list = cache_list,
    .login = cache_login,
    .logout = cache_logout,
    .lock = cache_lock,
    .health = cache_health,
    .examine = cache_examine,
};

enum store_err cache_wrap(struct store *store, const struct store_conf *conf)
{
    long ttl_s = store_conf_number(conf, "cache.ttl_s");
    struct store_ctx *ctx;

    if (ttl_s == 0)
        return STORE_OK;
    ctx = calloc(1, sizeof *ctx);
    if (ctx == NULL ||
        !shards_init(&ctx->shards, (size_t)store_conf_number(conf, "cache.entries"))) {
        free(ctx);
        return store_no_memory("cache");
    }
    circuit_init(&ctx->circuit);
    ctx->backend = store->backend;
    ctx->inner = store->ctx;
    ctx->conf = conf;
    ctx->ttl_ns = ttl_s * STORE_TIME_S;
    ctx->stale_ns = store_conf_number(conf, "cache.stale_s") * STORE_TIME_S;
    ctx->negative_ns = store_conf_number(conf, "cache.negative_s") * STORE_TIME_S;
    ctx->timeout_ns = store_conf_number(conf, "timeout_ms") * STORE_TIME_MS;
    ctx->now = store_time_coarse;
    store->backend = ctx->backend->write == NULL ? &cache_read_only_backend : &cache_backend;
    store->ctx = ctx;
    return STORE_OK;
}
