/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CACHE_SHARD_H
#define STORE_CACHE_SHARD_H

#include <pthread.h>
#include <stdatomic.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "store/backend.h"

/*
 * The entries, in shards by their key's hash, so that threads seldom meet. A small cache has one
 * shard and evicts exactly the entry that was unused longest; a large one evicts the longest
 * unused entry of a shard.
 *
 * Each shard counts the changes to its keys: a write or a remove counts when it begins and when it
 * ends. A value read from the store is kept only if the count is the same as when the read began,
 * so a slow read never brings an old value back.
 */
#define SHARD_BITS_MAX 6
#define SHARDS_MAX (1 << SHARD_BITS_MAX)
#define SHARD_ENTRIES 1024 /* a cache of fewer entries has one shard */

struct entry {
    UT_hash_handle hh;
    struct entry *newer; /* in the order of their last use */
    struct entry *older;
    struct store_record record;
    enum store_err err; /* OK: a value; else the store's answer */
    int64_t expires_ns;
    int64_t refresh_ns; /* when to ask the store next */
    char key[];
};

/* A request that the store has not answered yet. All waiting calls own it. */
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
    _Alignas(64) pthread_mutex_t lock; /* guards the members below; its holder never waits */
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

/* The key's entry, or NULL. Counts as a use. */
struct entry *shard_get(struct shard *shard, const char *key, unsigned hash);

/* The key's entry, made if necessary; NULL if memory is short. */
struct entry *shard_add(struct shards *shards, struct shard *shard, const char *key, unsigned hash);

/* Wipes and frees one. */
void shard_drop(struct shards *shards, struct shard *shard, struct entry *entry);

/* Evicts entries until the cache is within its limit; no shard is locked. */
void shards_evict(struct shards *shards, struct shard *first);

/* Forgets everything, and keeps out the answers to reads that are running. No shard is locked. */
void shards_clear(struct shards *shards);

#endif
