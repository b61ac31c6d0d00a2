/* SPDX-License-Identifier: Apache-2.0 */
#include "store/version.h"

#include <stdlib.h>
#include <string.h>

enum store_err store_versions_add(struct store_versions *versions,
                                  const struct store_version *version)
{
    /* room for 8, then for twice as many whenever the count is a power of two */
    if (versions->count == 0 ||
        (versions->count >= 8 && (versions->count & (versions->count - 1)) == 0)) {
        size_t room = versions->count == 0 ? 8 : versions->count * 2;
        struct store_version *all = reallocarray(versions->all, room, sizeof *all);

        if (all == NULL)
            return STORE_NO_MEMORY;
        versions->all = all;
    }
    versions->all[versions->count++] = *version;
    return STORE_OK;
}

bool store_version_compares(const char *if_version)
{
    return if_version != NULL && strcmp(if_version, STORE_VERSION_ANY) != 0;
}

enum store_err store_version_check(const char *if_version, bool exists, const char *now)
{
    if (if_version == NULL)
        return STORE_OK;
    if (strcmp(if_version, STORE_VERSION_ANY) == 0)
        return exists ? STORE_OK : STORE_NOT_FOUND;
    return strcmp(if_version, exists ? now : "0") == 0 ? STORE_OK : STORE_CONFLICT;
}

static int compare(const void *left, const void *right)
{
    const struct store_version *a = left;
    const struct store_version *b = right;

    if (a->number != b->number)
        return a->number < b->number ? 1 : -1;
    if (a->created_ns != b->created_ns)
        return a->created_ns < b->created_ns ? 1 : -1;
    if (a->state != b->state)
        return a->state < b->state ? -1 : 1;
    return strcmp(a->id, b->id);
}

void store_versions_sort(struct store_versions *versions)
{
    if (versions->count > 1)
        qsort(versions->all, versions->count, sizeof versions->all[0], compare);
    if (versions->count > STORE_VERSIONS_MAX)
        versions->count = STORE_VERSIONS_MAX;
}

const struct store_version *store_versions_find(const struct store_versions *versions,
                                                const char *id)
{
    for (size_t i = 0; i < versions->count; i++)
        if (strcmp(versions->all[i].id, id) == 0)
            return &versions->all[i];
    return NULL;
}

void store_versions_clear(struct store_versions *versions)
{
    free(versions->all);
    *versions = (struct store_versions){.count = 0};
}
