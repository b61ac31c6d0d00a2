/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_INDEX_H
#define MODULE_OBJECT_OBJECT_INDEX_H

#include "module/object/object.h"

void object_index_init(struct object_index *index);
void object_index_free(struct object_index *index);

/* A scope key with its hash and its shard. */
struct object_at {
    const char *key;
    size_t len;
    uint32_t hash;
    struct object_shard *shard;
};

struct object_at object_index_at(struct object_index *index, const char *key);

/* The place of an object among the up to OBJECT_PLACES of a secret, by its kind and number. */
unsigned object_index_place(enum object_kind kind, unsigned char number);

/* The object of that key in that place; NULL if there is none. From here on the shard is locked. */
struct object *object_index_find(const struct object_at *at, unsigned place);

/* Adds an object whose key is not in the index yet. False if memory is short. */
bool object_index_add(const struct object_at *at, struct object *object);

/* Removes an object. */
void object_index_remove(const struct object_at *at, struct object *object);

#endif
