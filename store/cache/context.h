/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CACHE_CONTEXT_H
#define STORE_CACHE_CONTEXT_H

#include "store/cache/circuit.h"
#include "store/cache/shard.h"

struct store_ctx {
    const struct store_backend *backend; /* the store behind, and its ctx */
    struct store_ctx *inner;
    const struct store_conf *conf;
    struct shards shards;
    int64_t ttl_ns;
    int64_t stale_ns;
    int64_t negative_ns;
    int64_t timeout_ns;
    int64_t (*now)(void); /* store_time_coarse; tests set their own */
    struct circuit circuit;
    /* do not repeat a bulk read that was refused as a whole before this time */
    _Atomic(int64_t) bulk_ns;
    _Atomic(enum store_err) bulk_err;
};

/* The cache's own knowledge of a key. */
enum cache_answer {
    CACHE_HAS,    /* a value, or the store's refusal in `err` */
    CACHE_ASK,    /* nothing: ask the store */
    CACHE_REFRESH /* as CACHE_HAS, but this caller should ask the store */
};

/* Looks a key up. The shard is locked. `flying`: another call is asking the store already. */
enum cache_answer cache_find(struct store_ctx *ctx, struct shard *shard, const char *key,
                             unsigned hash, bool flying, enum store_err *err,
                             struct store_record *out);

/* Records the store's answer to a read that began at the shard's count `changes`. The shard is
 * locked. The caller evicts afterwards. */
void cache_note(struct store_ctx *ctx, struct shard *shard, const char *key, unsigned hash,
                uint64_t changes, enum store_err err, const struct store_record *record);

/* The key's expired value, if it may still stand in for a store that does not answer. The shard is
 * locked. */
bool cache_stale(struct store_ctx *ctx, struct shard *shard, const char *key, unsigned hash,
                 struct store_record *out);

/* The member `read`: from the cache, or by the one request for this key. */
enum store_err cache_read(struct store_ctx *ctx, const char *key,
                          struct store_record *out) STORE_CHECKED;

/* The member `read_many`. */
enum store_err cache_read_many(struct store_ctx *ctx, const char *const *keys, size_t count,
                               store_each_fn *each, void *arg) STORE_CHECKED;

#endif
