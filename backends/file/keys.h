/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FILE_KEYS_H
#define FILE_KEYS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/err.h"

/* uthash would end the process when memory runs out. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/*
 * Which scope keys a document has, and which member each is. Made once, then shared by every
 * document with the same keys: an update of a value makes no new ones. Keys are no secret, so this
 * is plain memory.
 *
 * Threads: any number may look at one; only the references and `sorted` change.
 */
struct file_key {
    UT_hash_handle hh;
    const char *name;
    uint32_t member; /* index */
    bool twice;      /* it is there more than once; `member` is the first */
};

struct file_keys {
    _Atomic unsigned references;
    struct file_key *table; /* uthash's head, NULL when there are none */
    struct file_key *list;  /* in the order of the members */
    size_t count;
    size_t capacity;
    char *names;
    size_t names_used;
    pthread_mutex_t sorting;
    const struct file_key **_Atomic sorted; /* by name; NULL until somebody needs it */
};

/* Makes an empty set with one reference and room for `capacity` keys with `names_size` bytes of
 * names, their NULs included. */
enum store_err file_keys_new(struct file_keys **out, size_t capacity,
                             size_t names_size) STORE_CHECKED;

/* Adds a name, which must fit. If it is not a scope key it is left out; if it was added before it
 * is marked. Only before the set is shared. */
enum store_err file_keys_add(struct file_keys *keys, const char *name, size_t len,
                             uint32_t member) STORE_CHECKED;

/* Adds a key of another set, with its mark, as another member. */
enum store_err file_keys_copy(struct file_keys *keys, const struct file_key *from,
                              uint32_t member) STORE_CHECKED;

struct file_keys *file_keys_share(struct file_keys *keys);
void file_keys_drop(struct file_keys *keys); /* accepts NULL */

/* NULL if it is not there. */
const struct file_key *file_keys_find(const struct file_keys *keys, const char *name);

/* The keys that begin with `prefix`, sorted by name. Sorts all of them the first time; after that
 * it costs as much as the result is large. NO_MEMORY. */
enum store_err file_keys_range(struct file_keys *keys, const char *prefix,
                               const struct file_key *const **first, size_t *count) STORE_CHECKED;

#endif
