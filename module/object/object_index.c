/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_index.h"

#include <string.h>

#include "store/thread.h"

/* Shorter chains than uthash's default: each object on a chain is a cache miss. */
#undef HASH_BKT_CAPACITY_THRESH
#define HASH_BKT_CAPACITY_THRESH 4U

void object_index_init(struct object_index *index)
{
    for (size_t i = 0; i < OBJECT_SHARDS; i++)
        pthread_mutex_init(&index->shards[i].lock, NULL);
}

void object_index_free(struct object_index *index)
{
    for (size_t i = 0; i < OBJECT_SHARDS; i++) {
        for (unsigned place = 0; place < OBJECT_PLACES; place++)
            HASH_CLEAR(hh, index->shards[i].places[place]);
        pthread_mutex_destroy(&index->shards[i].lock);
    }
}

struct object_at object_index_at(struct object_index *index, const char *key)
{
    struct object_at at = {.key = key, .len = strlen(key)};

    HASH_VALUE(key, at.len, at.hash);
    at.shard = &index->shards[store_part(at.hash, OBJECT_SHARD_BITS)];
    return at;
}

unsigned object_index_place(enum object_kind kind, unsigned char number)
{
    switch (kind) {
    case OBJECT_KEY:
        return 1;
    case OBJECT_PRIVATE_KEY:
        return 2;
    case OBJECT_PUBLIC_KEY:
        return 3;
    case OBJECT_CERTIFICATE:
        return OBJECT_PLACE_CERTIFICATES + number;
    default:
        return 0;
    }
}

static struct object **head_of(const struct object_at *at, const struct object *object)
{
    return &at->shard->places[object_index_place(object->kind, object->number)];
}

struct object *object_index_find(const struct object_at *at, unsigned place)
{
    struct object *object = NULL;

    HASH_FIND_BYHASHVALUE(hh, at->shard->places[place], at->key, at->len, at->hash, object);
    return object;
}

bool object_index_add(const struct object_at *at, struct object *object)
{
    struct object **head = head_of(at, object);

    HASH_ADD_KEYPTR_BYHASHVALUE(hh, *head, object->key, at->len, at->hash, object);
    return object->hh.tbl != NULL; /* NULL if there was no memory for the table */
}

void object_index_remove(const struct object_at *at, struct object *object)
{
    struct object **head = head_of(at, object);

    HASH_DELETE(hh, *head, object);
}
