/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/keys.h"

#include <stdlib.h>
#include <string.h>

#include "store/scope.h"

enum store_err file_keys_new(struct file_keys **out, size_t capacity, size_t names_size)
{
    struct file_keys *keys = calloc(1, sizeof *keys);

    if (keys == NULL)
        return STORE_NO_MEMORY;
    keys->references = 1;
    pthread_mutex_init(&keys->sorting, NULL);
    keys->capacity = capacity;
    keys->list = calloc(capacity + 1, sizeof *keys->list);
    keys->names = malloc(names_size + 1);
    if (keys->list == NULL || keys->names == NULL) {
        file_keys_drop(keys);
        return STORE_NO_MEMORY;
    }
    *out = keys;
    return STORE_OK;
}

/* Adds a valid name that is not there yet. */
static enum store_err append(struct file_keys *keys, const char *name, size_t len, uint32_t member)
{
    struct file_key *key = &keys->list[keys->count];

    memcpy(keys->names + keys->names_used, name, len);
    keys->names[keys->names_used + len] = '\0';
    key->name = keys->names + keys->names_used;
    key->member = member;
    HASH_ADD_KEYPTR(hh, keys->table, key->name, len, key);
    if (key->hh.tbl == NULL)
        return STORE_NO_MEMORY;
    keys->names_used += len + 1;
    keys->count++;
    return STORE_OK;
}

enum store_err file_keys_add(struct file_keys *keys, const char *name, size_t len, uint32_t member)
{
    struct file_key *found;

    if (len == 0 || store_scope_parse(name, len, NULL) != STORE_OK)
        return STORE_OK;
    HASH_FIND(hh, keys->table, name, len, found);
    if (found == NULL)
        return append(keys, name, len, member);
    found->twice = true;
    return STORE_OK;
}

enum store_err file_keys_copy(struct file_keys *keys, const struct file_key *from, uint32_t member)
{
    struct file_key *key = &keys->list[keys->count];

    TRY(append(keys, from->name, strlen(from->name), member));
    key->twice = from->twice;
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
    HASH_CLEAR(hh, keys->table);
    free(keys->list);
    free(keys->names);
    free(keys->sorted);
    pthread_mutex_destroy(&keys->sorting);
    free(keys);
}

const struct file_key *file_keys_find(const struct file_keys *keys, const char *name)
{
    const struct file_key *found;

    HASH_FIND_STR(keys->table, name, found);
    return found;
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
