/* SPDX-License-Identifier: Apache-2.0 */
#include "store/cache/shard.h"

#include <stdlib.h>
#include <string.h>

#include "store/thread.h"

bool shards_init(struct shards *shards, size_t entries_max)
{
    unsigned bits = entries_max < SHARD_ENTRIES ? 0 : SHARD_BITS_MAX;
    unsigned count = 1u << bits;

    *shards = (struct shards){.bits = bits, .count = count, .entries_max = entries_max};
    shards->shards = store_thread_calloc(_Alignof(struct shard), count, sizeof *shards->shards);
    if (shards->shards == NULL)
        return false;
    for (unsigned i = 0; i < count; i++)
        pthread_mutex_init(&shards->shards[i].lock, NULL);
    return true;
}

void shards_free(struct shards *shards)
{
    shards_clear(shards);
    for (unsigned i = 0; i < shards->count; i++)
        pthread_mutex_destroy(&shards->shards[i].lock);
    store_thread_free(shards->shards);
}

struct shard *shards_find(const struct shards *shards, const char *key, unsigned *hash)
{
    HASH_VALUE(key, strlen(key), *hash);
    return &shards->shards[store_part(*hash, shards->bits)];
}

static void unlink_use(struct shard *shard, struct entry *entry)
{
    *(entry->newer == NULL ? &shard->newest : &entry->newer->older) = entry->older;
    *(entry->older == NULL ? &shard->oldest : &entry->older->newer) = entry->newer;
}

static void link_newest(struct shard *shard, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = shard->newest;
    *(shard->newest == NULL ? &shard->oldest : &shard->newest->newer) = entry;
    shard->newest = entry;
}

struct entry *shard_get(struct shard *shard, const char *key, unsigned hash)
{
    struct entry *entry;

    HASH_FIND_BYHASHVALUE(hh, shard->entries, key, strlen(key), hash, entry);
    if (entry != NULL && entry != shard->newest) {
        unlink_use(shard, entry);
        link_newest(shard, entry);
    }
    return entry;
}

struct entry *shard_add(struct shards *shards, struct shard *shard, const char *key, unsigned hash)
{
    struct entry *entry = shard_get(shard, key, hash);
    size_t len = strlen(key);

    if (entry != NULL)
        return entry;
    entry = calloc(1, sizeof *entry + len + 1);
    if (entry == NULL)
        return NULL;
    memcpy(entry->key, key, len + 1);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, shard->entries, entry->key, len, hash, entry);
    if (entry->hh.tbl == NULL) {
        free(entry); /* the table could not grow, and is as it was */
        return NULL;
    }
    link_newest(shard, entry);
    atomic_fetch_add(&shards->entries, 1);
    return entry;
}

void shard_drop(struct shards *shards, struct shard *shard, struct entry *entry)
{
    HASH_DEL(shard->entries, entry);
    unlink_use(shard, entry);
    store_record_clear(&entry->record);
    free(entry);
    atomic_fetch_sub(&shards->entries, 1);
}

void shards_evict(struct shards *shards, struct shard *first)
{
    size_t start = (size_t)(first - shards->shards);

    for (unsigned i = 0; i < shards->count; i++) {
        struct shard *shard = &shards->shards[(start + i) % shards->count];
        pthread_mutex_lock(&shard->lock);
        while (atomic_load(&shards->entries) > shards->entries_max && shard->oldest != NULL &&
               (shard->oldest != shard->newest || shards->count == 1))
            shard_drop(shards, shard, shard->oldest);
        pthread_mutex_unlock(&shard->lock);
        if (atomic_load(&shards->entries) <= shards->entries_max)
            return;
    }
}

void shards_clear(struct shards *shards)
{
    for (unsigned i = 0; i < shards->count; i++) {
        struct shard *shard = &shards->shards[i];
        pthread_mutex_lock(&shard->lock);
        shard->changes++;
        while (shard->oldest != NULL)
            shard_drop(shards, shard, shard->oldest);
        pthread_mutex_unlock(&shard->lock);
    }
}
