/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "store/cache/context.h"
#include "store/time.h"

/* The rules for what the cache keeps of a key, and for how long. */

/* True if the store would repeat this refusal, so that the cache may keep it. Errors that a login
 * ends, or that did not come from the store, do not count. */
static bool is_lasting(enum store_err err)
{
    switch (err) {
    case STORE_NOT_FOUND:
    case STORE_DENIED:
    case STORE_TOO_BIG:
    case STORE_CORRUPT:
    case STORE_BAD_KEY:
    case STORE_BAD_VALUE:
    case STORE_UNSUPPORTED:
    case STORE_NO_VALUE:
        return true;
    default:
        return false;
    }
}

static void share_entry(const struct entry *entry, bool stale, enum store_err *err,
                        struct store_record *out)
{
    *err = entry->err;
    store_record_share(out, &entry->record);
    out->stale = out->stale || stale;
}

enum cache_answer cache_find(struct store_ctx *ctx, struct shard *shard, const char *key,
                             unsigned hash, bool flying, enum store_err *err,
                             struct store_record *out)
{
    struct entry *entry = shard_get(shard, key, hash);
    int64_t now;

    if (entry == NULL)
        return CACHE_ASK;
    now = ctx->now();
    if (now < entry->expires_ns) {
        share_entry(entry, false, err, out);
        if (now < entry->refresh_ns || flying)
            return CACHE_HAS;
        return CACHE_REFRESH;
    }
    return CACHE_ASK;
}

bool cache_stale(struct store_ctx *ctx, struct shard *shard, const char *key, unsigned hash,
                 struct store_record *out)
{
    struct entry *entry = shard_get(shard, key, hash);
    int64_t now = ctx->now();
    enum store_err err;

    if (entry == NULL || entry->err != STORE_OK || now >= entry->expires_ns + ctx->stale_ns)
        return false;
    share_entry(entry, now >= entry->expires_ns, &err, out);
    return true;
}

/* From a half to nine tenths of the time, so that values read together do not expire together. */
static int64_t refresh_after(const struct store_ctx *ctx, int64_t now, unsigned hash)
{
    uint64_t spread = (hash ^ (uint64_t)(now / STORE_TIME_MS)) * UINT64_C(0x9e3779b97f4a7c15) >> 32;

    return ctx->ttl_ns / 2 + ctx->ttl_ns / 10 * 4 / 1000 * (int64_t)(spread % 1000);
}

static void keep(struct store_ctx *ctx, struct entry *entry, unsigned hash, enum store_err err,
                 const struct store_record *record)
{
    int64_t now = ctx->now();

    store_record_clear(&entry->record);
    entry->err = err;
    if (err != STORE_OK) {
        entry->expires_ns = entry->refresh_ns = now + ctx->negative_ns;
        return;
    }
    entry->expires_ns = now + ctx->ttl_ns;
    entry->refresh_ns = now + refresh_after(ctx, now, hash);
    store_record_share(&entry->record, record);
    entry->record.audited = false; /* of the next answer the store process will not know */
}

void cache_note(struct store_ctx *ctx, struct shard *shard, const char *key, unsigned hash,
                uint64_t changes, enum store_err err, const struct store_record *record)
{
    struct store_record copy = {0};
    struct entry *entry;

    if (circuit_opens(err) || err == STORE_NO_MEMORY || shard->changes != changes)
        return;
    if (err == STORE_OK) {
        /* a copy: the value may be a slice of a large answer */
        store_record_share(&copy, record);
        if (store_secret_set(&copy.value, record->value.data, record->value.len) != STORE_OK)
            err = STORE_NO_MEMORY;
    }
    entry = err == STORE_OK || (is_lasting(err) && ctx->negative_ns > 0)
                ? shard_add(&ctx->shards, shard, key, hash)
                : NULL;
    if (entry != NULL) {
        keep(ctx, entry, hash, err, &copy);
    } else {
        /* the old answer no longer holds */
        entry = shard_get(shard, key, hash);
        if (entry != NULL)
            shard_drop(&ctx->shards, shard, entry);
    }
    store_record_clear(&copy);
}
