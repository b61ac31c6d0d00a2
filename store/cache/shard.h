/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_CACHE_SHARD_H
#define BACKENDS_CACHE_SHARD_H

#include <pthread.h>
#include <stdatomic.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "store/backend.h"

/*
 * The entries, in shards by their key's hash, so that threads seldom meet. Small caches have one
 * shard, so that what is evicted is exactly what was unused longest; in large ones it is the
 * longest unused of a shard.
 *
 * Each shard counts the changes to its keys: a write or a remove counts when it begins and when it
 * ends. What was read from the store goes in only if the count has not moved since the reading
 * began, so no slow read brings an old value back.
 */
#define SHARD_BITS_MAX 6
#define SHARDS_MAX (1 << SHARD_BITS_MAX)
#define SHARD_ENTRIES 1024 /* a cache of fewer entries has one shard */

struct entry {
    UT_hash_handle hh;
    struct entry *newer; /* in the order of their last use */
    struct entry *older;
    struct store_record record;
    enum store_err err; /* OK: a value; else what the store has answered instead */
    int64_t expires_ns;
    int64_t refresh_ns; /* when to ask the store next */
    char key[];
};

/* A read that is on its way to the store. It belongs to all who wait for it. */
struct flight {
    struct flight *next; /* of the shard */
    unsigned users;
    uint64_t changes; /* the shard's count as it began */
    bool done;
    enum store_err err;
    struct store_record record;
    pthread_cond_t landed;
    char key[];
};

struct shard {
    _Alignas(64) pthread_mutex_t lock; /* for what follows; nothing under it waits */
    struct entry *entries;
    struct entry *newest;
    struct entry *oldest;
    struct flight *flights;
    uint64_t changes;
};

struct shards {
    unsigned bits; /* of the number of shards */
    unsigned count;
    size_t entries_max;
    atomic_size_t entries;
    struct shard *shards; /* aligned, and nothing else on their lines */
};

bool shards_init(struct shards *shards, size_t entries_max);
void shards_free(struct shards *shards);

/* The shard of a key, and the key's hash for the functions below. */
struct shard *shards_find(const struct shards *shards, const char *key, unsigned *hash);

/* In the following the shard is locked. */

/* NULL if there is none. Counts as a use. */
struct entry *shard_get(struct shard *shard, const char *key, unsigned hash);

/* The entry, made if there is none; NULL without memory. */
struct entry *shard_add(struct shards *shards, struct shard *shard, const char *key, unsigned hash);

/* Wipes and frees one. */
void shard_drop(struct shards *shards, struct shard *shard, struct entry *entry);

/* Makes room where there is more than the cache may hold; no shard is locked. */
void shards_evict(struct shards *shards, struct shard *first);

/* Forgets everything, and lets nothing in that is being read now. No shard is locked. */
void shards_clear(struct shards *shards);

#endif
