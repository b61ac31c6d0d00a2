/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/search.h"

#include <stdlib.h>
#include <string.h>

#include "module/object/listing.h"

void search_clear(struct search *search)
{
    free(search->picked.all);
    listing_drop(search->listed);
    *search = (struct search){.state = SEARCH_NONE};
}

static CK_OBJECT_HANDLE *picked_handles(struct picked *picked)
{
    return picked->all != NULL ? picked->all : picked->first;
}

CK_RV search_pick(struct search *search, CK_OBJECT_HANDLE handle)
{
    struct picked *picked = &search->picked;
    size_t capacity =
        picked->all != NULL ? picked->capacity : sizeof picked->first / sizeof picked->first[0];

    if (picked->count == capacity) {
        CK_OBJECT_HANDLE *all = reallocarray(picked->all, 2 * capacity, sizeof *all);
        if (all == NULL)
            return CKR_HOST_MEMORY;
        if (picked->all == NULL)
            memcpy(all, picked->first, sizeof picked->first);
        picked->all = all;
        picked->capacity = 2 * capacity;
    }
    picked_handles(picked)[picked->count++] = handle;
    return CKR_OK;
}

/* Copies the next handles whose objects still exist. */
static CK_ULONG copy_existing(struct object_table *objects, const CK_OBJECT_HANDLE *from,
                              size_t count, size_t *at, CK_OBJECT_HANDLE *handles, CK_ULONG most)
{
    CK_ULONG copied = 0;

    for (; copied < most && *at < count; (*at)++)
        if (object_exists(objects, from[*at]))
            handles[copied++] = from[*at];
    return copied;
}

CK_ULONG search_next(struct search *search, struct object_table *objects, CK_OBJECT_HANDLE *handles,
                     CK_ULONG most)
{
    struct picked *picked = &search->picked;
    CK_ULONG copied = copy_existing(objects, picked_handles(picked), picked->count,
                                    &search->picked_at, handles, most);

    if (search->listed != NULL)
        copied += copy_existing(objects, search->listed->handles, search->listed->count,
                                &search->listed_at, handles + copied, most - copied);
    return copied;
}
