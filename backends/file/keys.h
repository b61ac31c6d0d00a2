/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_FILE_KEYS_H
#define BACKENDS_FILE_KEYS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/err.h"

/*
 * The scope keys of a document, and the member of each. Made once, then shared by every document
 * with the same keys: an update of a value does not copy them. Keys are not secret, so this is
 * plain memory.
 *
 * Threads: any number may read one; only the references and `sorted` change.
 */
struct file_key {
    const char *name; /* of the sealed set */
    uint32_t member;  /* index */
    bool twice;       /* the text has it more than once; `member` is the first */
};

/* The hash of a name above, the index of its key below: sorted, so that a search halves them. A set
 * that never changes does not need a hash table; uthash's handles would be seven times as large. */
typedef uint64_t file_slot;

struct file_keys {
    _Atomic unsigned references;
    struct file_key *list; /* in the order of the members */
    size_t count;
    size_t capacity;
    size_t unnamed;   /* members that were left out */
    file_slot *slots; /* of the sealed set */
    char *names;
    size_t names_used;
    size_t names_size;
    pthread_mutex_t sorting;
    const struct file_key **_Atomic sorted; /* by name; NULL until the first use */
};

/* Makes an empty set with one reference. */
enum store_err file_keys_new(struct file_keys **out) STORE_CHECKED;

/* Adds a name. If it is not a scope key it is left out and counted. NO_MEMORY. */
enum store_err file_keys_add(struct file_keys *keys, const char *name, size_t len,
                             uint32_t member) STORE_CHECKED;

/* Adds a key of another set, with its mark, as another member. NO_MEMORY. */
enum store_err file_keys_copy(struct file_keys *keys, const struct file_key *from,
                              uint32_t member) STORE_CHECKED;

/* To be called once, after the last name is added and before the set is used: merges and marks
 * repeated names. NO_MEMORY. */
enum store_err file_keys_seal(struct file_keys *keys) STORE_CHECKED;

struct file_keys *file_keys_share(struct file_keys *keys);
void file_keys_drop(struct file_keys *keys); /* accepts NULL */

/* NULL if it is not there. */
const struct file_key *file_keys_find(const struct file_keys *keys, const char *name);

/* The keys that begin with `prefix`, sorted by name. Sorts all keys the first time; after that the
 * cost grows with the result only. NO_MEMORY. */
enum store_err file_keys_range(struct file_keys *keys, const char *prefix,
                               const struct file_key *const **first, size_t *count) STORE_CHECKED;

#endif
