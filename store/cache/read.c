/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/cache/context.h"
#include "store/log.h"
#include "store/thread.h"
#include "store/time.h"

/* Reading: at most one request runs for a key; other callers wait for its answer. */

static struct flight *flight_find(struct shard *shard, const char *key)
{
    struct flight *flight = shard->flights;

    /* a request from before a change may return the value from before it */
    while (flight != NULL && (flight->changes != shard->changes || strcmp(flight->key, key) != 0))
        flight = flight->next;
    return flight;
}

static struct flight *flight_begin(struct shard *shard, const char *key)
{
    size_t len = strlen(key);
    struct flight *flight = calloc(1, sizeof *flight + len + 1);

    if (flight == NULL)
        return NULL;
    memcpy(flight->key, key, len + 1);
    store_thread_cond_init(&flight->landed);
    flight->users = 1;
    flight->changes = shard->changes;
    flight->next = shard->flights;
    shard->flights = flight;
    return flight;
}

static void flight_remove(struct shard *shard, struct flight *flight)
{
    struct flight **link = &shard->flights;

    while (*link != flight)
        link = &(*link)->next;
    *link = flight->next;
}

/* Drops a reference; the last one frees the request. The shard is locked. */
static void flight_release(struct flight *flight)
{
    if (--flight->users > 0)
        return;
    store_record_clear(&flight->record);
    pthread_cond_destroy(&flight->landed);
    free(flight);
}

/* Waits for another call's request. The shard is locked. */
static enum store_err flight_wait(struct store_ctx *ctx, struct shard *shard, struct flight *flight,
                                  struct store_record *out)
{
    int64_t deadline = store_time_monotonic() + ctx->timeout_ns;
    enum store_err err = STORE_TIMEOUT;

    flight->users++;
    while (!flight->done)
        if (!store_thread_wait(&flight->landed, &shard->lock, deadline))
            break;
    if (flight->done) {
        err = flight->err;
        store_record_share(out, &flight->record);
    }
    flight_release(flight);
    return err;
}

/* Asks the store on behalf of all waiting calls. The shard is locked, except during the request. */
static enum store_err flight_fly(struct store_ctx *ctx, struct shard *shard, struct flight *flight,
                                 unsigned hash, struct store_record *out)
{
    AUTO_RECORD record = {0};
    enum store_err err;
    enum store_err answer;

    pthread_mutex_unlock(&shard->lock);
    answer = err = ctx->backend->read(ctx->inner, flight->key, &record);
    circuit_note(ctx, answer);
    pthread_mutex_lock(&shard->lock);
    cache_note(ctx, shard, flight->key, hash, flight->changes, answer, &record);
    if (circuit_opens(answer) && cache_stale(ctx, shard, flight->key, hash, &record))
        err = STORE_OK;
    flight->err = err;
    store_record_share(&flight->record, &record);
    flight->record.audited = false; /* the store process has seen one call, not those that wait */
    store_record_share(out, &record);
    flight->done = true;
    flight_remove(shard, flight);
    pthread_cond_broadcast(&flight->landed);
    flight_release(flight);
    return err;
}

/* True if the cache answers while the circuit is open: with `err`, and the secret in `out`. False:
 * ask the store after all. */
static bool read_open(struct store_ctx *ctx, struct shard *shard, const char *key, unsigned hash,
                      enum store_err *err, struct store_record *out)
{
    enum store_err reason;
    bool has;

    pthread_mutex_lock(&shard->lock);
    has = cache_find(ctx, shard, key, hash, false, err, out) != CACHE_ASK;
    if (!has && cache_stale(ctx, shard, key, hash, out)) {
        has = true;
        *err = STORE_OK;
    }
    pthread_mutex_unlock(&shard->lock);
    reason = circuit_check(ctx, has);
    if (reason == STORE_OK) {
        store_record_clear(out);
        return false;
    }
    if (!has)
        *err = reason;
    return true;
}

enum store_err cache_read(struct store_ctx *ctx, const char *key, struct store_record *out)
{
    enum store_err err = STORE_NO_MEMORY;
    enum cache_answer answer;
    struct flight *flight = NULL;
    struct shard *shard;
    bool flew = false;
    unsigned hash;

    store_record_clear(out);
    shard = shards_find(&ctx->shards, key, &hash);
    if (circuit_is_open(&ctx->circuit) && read_open(ctx, shard, key, hash, &err, out))
        return err;
    pthread_mutex_lock(&shard->lock);
    if (shard->flights != NULL)
        flight = flight_find(shard, key);
    answer = cache_find(ctx, shard, key, hash, flight != NULL, &err, out);
    if (answer != CACHE_HAS) {
        if (flight != NULL) {
            err = flight_wait(ctx, shard, flight, out);
        } else if ((flight = flight_begin(shard, key)) != NULL) {
            store_record_clear(out);
            err = flight_fly(ctx, shard, flight, hash, out);
            flew = true;
        } else if (answer == CACHE_ASK) {
            err = store_no_memory("cache");
        }
    }
    pthread_mutex_unlock(&shard->lock);
    if (flew)
        shards_evict(&ctx->shards, shard);
    return err;
}

/* A bulk read; the cache may know some of its keys. */
struct bulk {
    struct store_ctx *ctx;
    const char **keys; /* that the store is asked for */
    bool *answered;
    uint64_t *changes; /* of each key's shard, as it began */
    size_t count;
    size_t next; /* where the next answer is expected */
    bool stale;  /* some have an expired value */
    store_each_fn *each;
    void *arg;
    enum store_err each_err;
};

/* Passes on the cached answers and collects the other keys. */
static enum store_err bulk_begin(struct bulk *bulk, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count && bulk->each_err == STORE_OK; i++) {
        AUTO_RECORD record = {0};
        enum store_err err;
        enum cache_answer answer;
        unsigned hash;
        struct shard *shard = shards_find(&bulk->ctx->shards, keys[i], &hash);

        pthread_mutex_lock(&shard->lock);
        /* a value that is nearly due is asked for with the rest, at no extra cost */
        answer = cache_find(bulk->ctx, shard, keys[i], hash, false, &err, &record);
        bulk->changes[bulk->count] = shard->changes;
        if (answer == CACHE_ASK)
            bulk->stale = cache_stale(bulk->ctx, shard, keys[i], hash, &record) || bulk->stale;
        pthread_mutex_unlock(&shard->lock);
        if (answer == CACHE_HAS)
            bulk->each_err = bulk->each(bulk->arg, keys[i], err, err == STORE_OK ? &record : NULL);
        else
            bulk->keys[bulk->count++] = keys[i];
    }
    return bulk->each_err;
}

/* The index of the key that the store's answer is for; `count` if nobody asked for it. */
static size_t bulk_place(const struct bulk *bulk, const char *key)
{
    for (size_t i = 0; i < bulk->count; i++) {
        size_t place = (bulk->next + i) % bulk->count;
        if (!bulk->answered[place] && strcmp(bulk->keys[place], key) == 0)
            return place;
    }
    return bulk->count;
}

/* Passes on the store's answer for one key, or the value that stands in for it. */
static enum store_err bulk_deliver(struct bulk *bulk, size_t place, enum store_err err,
                                   const struct store_record *record)
{
    const char *key = bulk->keys[place];
    AUTO_RECORD stale = {0};
    unsigned hash;
    struct shard *shard = shards_find(&bulk->ctx->shards, key, &hash);

    pthread_mutex_lock(&shard->lock);
    cache_note(bulk->ctx, shard, key, hash, bulk->changes[place], err, record);
    if (circuit_opens(err) && cache_stale(bulk->ctx, shard, key, hash, &stale)) {
        err = STORE_OK;
        record = &stale;
    }
    pthread_mutex_unlock(&shard->lock);
    shards_evict(&bulk->ctx->shards, shard);
    bulk->answered[place] = true;
    bulk->next = place + 1;
    bulk->each_err = bulk->each(bulk->arg, key, err, err == STORE_OK ? record : NULL);
    return bulk->each_err;
}

static enum store_err bulk_each(void *arg, const char *key, enum store_err err,
                                const struct store_record *record)
{
    struct bulk *bulk = arg;
    size_t place = bulk_place(bulk, key);

    return place == bulk->count ? STORE_OK : bulk_deliver(bulk, place, err, record);
}

/* Asks the store for the keys that the cache lacks; the error of the bulk read as a whole. */
static enum store_err bulk_call(struct bulk *bulk)
{
    struct store_ctx *ctx = bulk->ctx;
    enum store_err err;

    TRY(circuit_check(ctx, bulk->stale));
    if (ctx->now() < atomic_load(&ctx->bulk_ns))
        return atomic_load(&ctx->bulk_err);
    err = ctx->backend->read_many(ctx->inner, bulk->keys, bulk->count, bulk_each, bulk);
    if (bulk->each_err != STORE_OK)
        return err;
    circuit_note(ctx, err);
    if (err == STORE_DENIED || err == STORE_UNSUPPORTED) { /* ask for each key by itself */
        atomic_store(&ctx->bulk_err, err);
        atomic_store(&ctx->bulk_ns, ctx->now() + ctx->negative_ns);
    }
    return err;
}

/* Asks the store for the keys that the cache lacks. */
static enum store_err bulk_ask(struct bulk *bulk)
{
    enum store_err err = bulk_call(bulk);

    if (bulk->each_err != STORE_OK)
        return bulk->each_err;
    if (!circuit_opens(err))
        return err;
    /* key by key: some have an old value */
    for (size_t i = 0; i < bulk->count; i++)
        if (!bulk->answered[i])
            TRY(bulk_deliver(bulk, i, err, NULL));
    return STORE_OK;
}

/* One by one, for a store without a bulk read. */
static enum store_err read_singly(struct store_ctx *ctx, const char *const *keys, size_t count,
                                  store_each_fn *each, void *arg)
{
    for (size_t i = 0; i < count; i++) {
        AUTO_RECORD record = {0};
        enum store_err err = cache_read(ctx, keys[i], &record);
        TRY(each(arg, keys[i], err, err == STORE_OK ? &record : NULL));
    }
    return STORE_OK;
}

enum store_err cache_read_many(struct store_ctx *ctx, const char *const *keys, size_t count,
                               store_each_fn *each, void *arg)
{
    struct bulk bulk = {.ctx = ctx, .each = each, .arg = arg};
    enum store_err err;

    if (ctx->backend->read_many == NULL || count == 0)
        return read_singly(ctx, keys, count, each, arg);
    bulk.keys = calloc(count, sizeof *bulk.keys);
    bulk.answered = calloc(count, sizeof *bulk.answered);
    bulk.changes = calloc(count + 1, sizeof *bulk.changes);
    if (bulk.keys != NULL && bulk.answered != NULL && bulk.changes != NULL) {
        err = bulk_begin(&bulk, keys, count);
        if (err == STORE_OK && bulk.count > 0)
            err = bulk_ask(&bulk);
    } else {
        err = store_no_memory("cache");
    }
    free(bulk.keys);
    free(bulk.answered);
    free(bulk.changes);
    return err;
}
