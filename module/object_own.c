/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object_own.h"

#include <stdlib.h>
#include <string.h>

struct object_own *object_own_new(uint32_t flags)
{
    struct object_own *own = calloc(1, sizeof *own);

    if (own == NULL)
        return NULL;
    atomic_init(&own->references, 1);
    own->flags = flags;
    own->key_type = CKK_GENERIC_SECRET;
    own->key_gen_mechanism = CK_UNAVAILABLE_INFORMATION;
    return own;
}

void object_own_clear(struct object_own *own)
{
    for (size_t i = 0; i < OBJECT_TEXTS; i++)
        store_secret_wipe(&own->texts[i]);
}

struct object_own *object_own_copy(const struct object_own *own)
{
    struct object_own *copy = object_own_new(own->flags);

    if (copy == NULL)
        return NULL;
    copy->session = own->session;
    copy->limited = own->limited;
    copy->key_type = own->key_type;
    copy->key_gen_mechanism = own->key_gen_mechanism;
    for (size_t i = 0; i < OBJECT_TEXTS; i++)
        store_secret_share(&copy->texts[i], &own->texts[i]);
    return copy;
}

struct object_own *object_own_share(struct object_own *own)
{
    if (own != NULL)
        atomic_fetch_add_explicit(&own->references, 1, memory_order_relaxed);
    return own;
}

void object_own_free(struct object_own *own)
{
    if (own == NULL || atomic_fetch_sub(&own->references, 1) != 1)
        return;
    object_own_clear(own);
    free(own);
}

bool object_own_has(const struct object_own *own, enum object_flag flag)
{
    return (own->flags & OBJECT_BIT(flag)) != 0;
}

bool object_own_allows(const struct object_own *own, CK_MECHANISM_TYPE mechanism)
{
    const struct store_secret *allowed = &own->texts[OBJECT_ALLOWED];
    CK_MECHANISM_TYPE one;

    for (size_t at = 0; own->limited && at + sizeof one <= allowed->len; at += sizeof one) {
        memcpy(&one, allowed->data + at, sizeof one);
        if (one == mechanism)
            return true;
    }
    return !own->limited;
}
