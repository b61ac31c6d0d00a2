/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/keys.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "store/scope.h"

enum store_err file_keys_new(struct file_keys **out, size_t capacity, size_t names_size)
{
    struct file_keys *keys = calloc(1, sizeof *keys);

    if (keys == NULL)
        return STORE_NO_MEMORY;
    keys->references = 1;
    pthread_mutex_init(&keys->sorting, NULL);
    keys->list = calloc(capacity + 1, sizeof *keys->list);
    keys->slots = calloc(capacity + 1, sizeof *keys->slots);
    keys->names = malloc(names_size + 1);
    if (keys->list == NULL || keys->slots == NULL || keys->names == NULL) {
        file_keys_drop(keys);
        return STORE_NO_MEMORY;
    }
    *out = keys;
    return STORE_OK;
}

static uint32_t hash_of(const char *name, size_t len)
{
    uint32_t hash;

    HASH_VALUE(name, len, hash);
    return hash;
}

static struct file_key *append(struct file_keys *keys, const char *name, size_t len,
                               uint32_t member)
{
    struct file_key *key = &keys->list[keys->count];
    char *copy = keys->names + keys->names_used;

    memcpy(copy, name, len);
    copy[len] = '\0';
    *key = (struct file_key){.name = copy, .member = member};
    keys->slots[keys->count].hash = hash_of(name, len);
    keys->names_used += len + 1;
    keys->count++;
    return key;
}

void file_keys_add(struct file_keys *keys, const char *name, size_t len, uint32_t member)
{
    if (len > 0 && store_scope_parse(name, len, NULL) == STORE_OK)
        append(keys, name, len, member);
}

void file_keys_copy(struct file_keys *keys, const struct file_key *from, uint32_t member)
{
    append(keys, from->name, strlen(from->name), member)->twice = from->twice;
}

/* Of keys with the same hash, the first that was added comes first. */
static int compare_slots(const void *a, const void *b)
{
    const struct file_slot *left = a;
    const struct file_slot *right = b;

    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    return left->key < right->key ? -1 : left->key > right->key;
}

static void sort_slots(struct file_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        keys->slots[i].key = (uint32_t)i;
    qsort(keys->slots, keys->count, sizeof *keys->slots, compare_slots);
}

/* Marks the first of each name that is there twice, and empties the others'. Whether there are any.
 */
static bool mark_twice(struct file_keys *keys)
{
    bool any = false;

    for (size_t i = 0; i < keys->count; i++) {
        struct file_key *first = &keys->list[keys->slots[i].key];
        for (size_t j = i + 1;
             first->name != NULL && j < keys->count && keys->slots[j].hash == keys->slots[i].hash;
             j++) {
            struct file_key *other = &keys->list[keys->slots[j].key];
            if (other->name == NULL || strcmp(other->name, first->name) != 0)
                continue;
            other->name = NULL;
            first->twice = true;
            any = true;
        }
    }
    return any;
}

void file_keys_seal(struct file_keys *keys)
{
    size_t kept = 0;

    sort_slots(keys);
    if (!mark_twice(keys))
        return;
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->list[i].name == NULL)
            continue;
        keys->list[kept] = keys->list[i];
        keys->slots[kept].hash = hash_of(keys->list[i].name, strlen(keys->list[i].name));
        kept++;
    }
    keys->count = kept;
    sort_slots(keys);
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

static int compare_hash(const void *hash, const void *slot)
{
    uint32_t left = *(const uint32_t *)hash;
    uint32_t right = ((const struct file_slot *)slot)->hash;

    return left < right ? -1 : left > right;
}

const struct file_key *file_keys_find(const struct file_keys *keys, const char *name)
{
    uint32_t hash = hash_of(name, strlen(name));
    const struct file_slot *end = keys->slots + keys->count;
    const struct file_slot *slot =
        bsearch(&hash, keys->slots, keys->count, sizeof *slot, compare_hash);

    while (slot != NULL && slot > keys->slots && slot[-1].hash == hash)
        slot--;
    for (; slot != NULL && slot < end && slot->hash == hash; slot++)
        if (strcmp(keys->list[slot->key].name, name) == 0)
            return &keys->list[slot->key];
    return NULL;
}

static int compare(const void *a, const void *b)
{
    const struct file_key *const *left = a;
    const struct file_key *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

/* The sorted list, made by the first who needs it. */
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
