/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/keys.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "store/scope.h"

#define FIRST_KEYS 64
#define FIRST_NAMES 2048

_Static_assert(FIRST_NAMES > STORE_KEY_MAX, "doubled, so that one more name always fits");

enum store_err file_keys_new(struct file_keys **out)
{
    struct file_keys *keys = calloc(1, sizeof *keys);

    if (keys == NULL)
        return STORE_NO_MEMORY;
    keys->references = 1;
    pthread_mutex_init(&keys->sorting, NULL);
    *out = keys;
    return STORE_OK;
}

/* Makes room for one more key. */
static enum store_err reserve_key(struct file_keys *keys)
{
    size_t capacity = keys->capacity == 0 ? FIRST_KEYS : 2 * keys->capacity;
    struct file_key *list;

    if (keys->count < keys->capacity)
        return STORE_OK;
    list = reallocarray(keys->list, capacity, sizeof *list);
    if (list == NULL)
        return STORE_NO_MEMORY;
    keys->list = list;
    keys->capacity = capacity;
    return STORE_OK;
}

/* Makes room for `size` more bytes of names. */
static enum store_err reserve_name(struct file_keys *keys, size_t size)
{
    size_t capacity = keys->names_size == 0 ? FIRST_NAMES : keys->names_size;
    char *names;

    if (keys->names_size - keys->names_used >= size)
        return STORE_OK;
    if (capacity - keys->names_used < size)
        capacity *= 2;
    names = realloc(keys->names, capacity);
    if (names == NULL)
        return STORE_NO_MEMORY;
    keys->names = names;
    keys->names_size = capacity;
    return STORE_OK;
}

/* The key gets its name when the set is sealed: until then the names may move. */
static enum store_err append(struct file_keys *keys, const char *name, size_t len, uint32_t member,
                             bool twice)
{
    TRY(reserve_key(keys));
    TRY(reserve_name(keys, len + 1));
    memcpy(keys->names + keys->names_used, name, len);
    keys->names_used += len;
    keys->names[keys->names_used++] = '\0';
    keys->list[keys->count++] = (struct file_key){.member = member, .twice = twice};
    return STORE_OK;
}

enum store_err file_keys_add(struct file_keys *keys, const char *name, size_t len, uint32_t member)
{
    if (len == 0 || store_scope_parse(name, len, NULL) != STORE_OK) {
        keys->unnamed++;
        return STORE_OK;
    }
    return append(keys, name, len, member, false);
}

enum store_err file_keys_copy(struct file_keys *keys, const struct file_key *from, uint32_t member)
{
    return append(keys, from->name, strlen(from->name), member, from->twice);
}

static uint32_t hash_of(const char *name, size_t len)
{
    uint32_t hash;

    HASH_VALUE(name, len, hash);
    return hash;
}

static uint32_t slot_hash(file_slot slot)
{
    return (uint32_t)(slot >> 32);
}

static struct file_key *slot_key(const struct file_keys *keys, file_slot slot)
{
    return &keys->list[(uint32_t)slot];
}

/* Frees the spare room for names and keys. */
static void trim(struct file_keys *keys)
{
    char *names = realloc(keys->names, keys->names_used + 1);
    struct file_key *list = reallocarray(keys->list, keys->count + 1, sizeof *list);

    if (names != NULL)
        keys->names = names;
    if (list != NULL)
        keys->list = list;
    keys->names_size = keys->names_used;
    keys->capacity = keys->count;
}

/* Gives each key its name: they were added in the same order. */
static void set_names(struct file_keys *keys)
{
    const char *name = keys->names;

    for (size_t i = 0; i < keys->count; i++) {
        keys->list[i].name = name;
        name += strlen(name) + 1;
    }
}

static int compare_slots(const void *a, const void *b)
{
    const file_slot *left = a;
    const file_slot *right = b;

    return (*left > *right) - (*left < *right);
}

/* Of the keys with one hash, the first that was added comes first. */
static void sort_slots(struct file_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        const char *name = keys->list[i].name;
        keys->slots[i] = (file_slot)hash_of(name, strlen(name)) << 32 | i;
    }
    qsort(keys->slots, keys->count, sizeof *keys->slots, compare_slots);
}

/* True if both have the same name. Then marks the first and empties the other one. */
static bool mark_twice(struct file_key *first, struct file_key *other)
{
    if (first->name == NULL || other->name == NULL || strcmp(first->name, other->name) != 0)
        return false;
    other->name = NULL;
    first->twice = true;
    return true;
}

/* Marks the first of each repeated name, and empties the others. True if there are any. */
static bool mark_all_twice(struct file_keys *keys)
{
    bool any = false;

    for (size_t i = 0; i < keys->count; i++) {
        uint32_t hash = slot_hash(keys->slots[i]);
        for (size_t j = i + 1; j < keys->count && slot_hash(keys->slots[j]) == hash; j++)
            if (mark_twice(slot_key(keys, keys->slots[i]), slot_key(keys, keys->slots[j])))
                any = true;
    }
    return any;
}

enum store_err file_keys_seal(struct file_keys *keys)
{
    size_t kept = 0;

    trim(keys);
    set_names(keys);
    keys->slots = calloc(keys->count + 1, sizeof *keys->slots);
    if (keys->slots == NULL)
        return STORE_NO_MEMORY;
    sort_slots(keys);
    if (!mark_all_twice(keys))
        return STORE_OK;
    for (size_t i = 0; i < keys->count; i++)
        if (keys->list[i].name != NULL)
            keys->list[kept++] = keys->list[i];
    keys->count = kept;
    sort_slots(keys);
    return STORE_OK;
}

struct file_keys *file_keys_share(struct file_keys *keys)
{
    atomic_fetch_add_explicit(&keys->references, 1, memory_order_relaxed);
    return keys;
}

void file_keys_drop(struct file_keys *keys)
{
    if (keys == NULL || atomic_fetch_sub_explicit(&keys->references, 1, memory_order_acq_rel) > 1)
        return;
    free(keys->list);
    free(keys->slots);
    free(keys->names);
    free(keys->sorted);
    pthread_mutex_destroy(&keys->sorting);
    free(keys);
}

const struct file_key *file_keys_find(const struct file_keys *keys, const char *name)
{
    uint32_t hash = hash_of(name, strlen(name));
    size_t from = 0;
    size_t to = keys->count;

    while (from < to) { /* to the first slot whose hash is not below */
        size_t middle = from + (to - from) / 2;
        if (slot_hash(keys->slots[middle]) < hash)
            from = middle + 1;
        else
            to = middle;
    }
    for (; from < keys->count && slot_hash(keys->slots[from]) == hash; from++)
        if (strcmp(slot_key(keys, keys->slots[from])->name, name) == 0)
            return slot_key(keys, keys->slots[from]);
    return NULL;
}

static int compare(const void *a, const void *b)
{
    const struct file_key *const *left = a;
    const struct file_key *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

/* The sorted list, made at its first use. */
static const struct file_key **sorted(struct file_keys *keys)
{
    const struct file_key **list = atomic_load_explicit(&keys->sorted, memory_order_acquire);

    if (list != NULL)
        return list;
    pthread_mutex_lock(&keys->sorting);
    list = atomic_load_explicit(&keys->sorted, memory_order_relaxed);
    if (list == NULL && (list = malloc((keys->count + 1) * sizeof *list)) != NULL) {
        for (size_t i = 0; i < keys->count; i++)
            list[i] = &keys->list[i];
        qsort(list, keys->count, sizeof *list, compare);
        atomic_store_explicit(&keys->sorted, list, memory_order_release);
    }
    pthread_mutex_unlock(&keys->sorting);
    return list;
}

/* The index of the first key from `from` on whose first `len` bytes are not below those of
 * `prefix` (`past` false), or are above (`past` true). */
static size_t bound(const struct file_key *const *list, size_t from, size_t count,
                    const char *prefix, size_t len, bool past)
{
    size_t to = count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strncmp(list[middle]->name, prefix, len);
        if (order < 0 || (past && order == 0))
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

enum store_err file_keys_range(struct file_keys *keys, const char *prefix,
                               const struct file_key *const **first, size_t *count)
{
    const struct file_key **list = sorted(keys);
    size_t len = strlen(prefix);
    size_t start;

    if (list == NULL)
        return STORE_NO_MEMORY;
    start = bound(list, 0, keys->count, prefix, len, false);
    *first = list + start;
    *count = bound(list, start, keys->count, prefix, len, true) - start;
    return STORE_OK;
}
