/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_INDEX_H
#define MODULE_OBJECT_INDEX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "module/object.h"

/* The objects of one token by scope key, in shards by the key's hash, so that threads that look
 * different keys up seldom meet. A shard is locked before any object. */
#define OBJECT_SHARDS 16

struct object_shard {
    _Alignas(64) pthread_mutex_t lock;
    struct object *secrets;
    struct object *keys;
    int64_t dropped_ns; /* when something was last dropped here: older answers are not taken in */
    uint64_t listing;   /* the last listing that has something of this shard, */
    uint32_t listed;    /* and so many of its secrets */
};

struct object_index {
    struct object_shard shards[OBJECT_SHARDS];
};

void object_index_init(struct object_index *index);
void object_index_free(struct object_index *index);

/* A scope key with its hash, and the shard that it belongs to. */
struct object_at {
    const char *key;
    size_t len;
    uint32_t hash;
    struct object_shard *shard;
};

struct object_at object_index_at(struct object_index *index, const char *key);

/* The object of that key and kind; NULL if there is none. For this and the rest the shard is
 * locked. */
struct object *object_index_find(const struct object_at *at, enum object_kind kind);

/* Adds an object with its key, which is not there yet. False if memory is short. */
bool object_index_add(const struct object_at *at, struct object *object);

/* Takes an object out. */
void object_index_remove(const struct object_at *at, struct object *object);

#endif
