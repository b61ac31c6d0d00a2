/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/sized.h"

#include <stdlib.h>

#include "store/time.h"

struct sized_one {
    CK_OBJECT_HANDLE object;
    unsigned need;
    int64_t told_ns;
    struct store_record record;
    struct sized_one *next;
};

static struct sized_one *sized_of(const struct sized *sized, CK_OBJECT_HANDLE object)
{
    struct sized_one *one = sized->first;

    while (one != NULL && one->object != object)
        one = one->next;
    return one;
}

static bool is_over(const struct sized_one *one)
{
    return store_time_coarse() - one->told_ns >= SIZED_NS;
}

/* Removes and frees the entry after `before`, or the first if that is NULL. */
static void drop_after(struct sized *sized, struct sized_one *before)
{
    struct sized_one **link = before == NULL ? &sized->first : &before->next;
    struct sized_one *one = *link;

    *link = one->next;
    if (sized->last == one)
        sized->last = before;
    store_record_clear(&one->record);
    free(one);
}

void sized_drop(struct sized *sized, CK_OBJECT_HANDLE object)
{
    struct sized_one *before = NULL;

    for (struct sized_one *one = sized->first; one != NULL; one = one->next) {
        if (one->object == object) {
            drop_after(sized, before);
            return;
        }
        before = one;
    }
}

bool sized_keep(struct sized *sized, CK_OBJECT_HANDLE object, unsigned need,
                const struct store_record *record)
{
    struct sized_one *one = calloc(1, sizeof *one);

    while (sized->first != NULL && is_over(sized->first))
        drop_after(sized, NULL);
    sized_drop(sized, object);
    if (one == NULL)
        return false;
    one->object = object;
    one->need = need;
    one->told_ns = store_time_coarse();
    store_record_share(&one->record, record);
    if (sized->last == NULL)
        sized->first = one;
    else
        sized->last->next = one;
    sized->last = one;
    return true;
}

bool sized_find(const struct sized *sized, CK_OBJECT_HANDLE object, unsigned need,
                struct store_record *out)
{
    const struct sized_one *one = sized_of(sized, object);

    if (one == NULL || (need & ~one->need) != 0 || is_over(one))
        return false;
    store_record_share(out, &one->record);
    return true;
}

void sized_clear(struct sized *sized)
{
    while (sized->first != NULL)
        drop_after(sized, NULL);
}
