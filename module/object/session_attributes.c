/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/session_attributes.h"

#include <stdlib.h>
#include <string.h>

#include "module/pki/pki.h"

struct session_attributes *session_attributes_new(uint32_t flags)
{
    struct session_attributes *own = calloc(1, sizeof *own);

    if (own == NULL)
        return NULL;
    atomic_init(&own->references, 1);
    own->flags = flags;
    own->key_type = CKK_GENERIC_SECRET;
    own->key_gen_mechanism = CK_UNAVAILABLE_INFORMATION;
    return own;
}

void session_attributes_clear(struct session_attributes *own)
{
    pki_drop(own->pki);
    own->pki = NULL;
    for (size_t i = 0; i < OBJECT_TEXTS; i++)
        store_secret_wipe(&own->texts[i]);
}

struct session_attributes *session_attributes_copy(const struct session_attributes *own)
{
    struct session_attributes *copy = session_attributes_new(own->flags);

    if (copy == NULL)
        return NULL;
    copy->session = own->session;
    copy->limited = own->limited;
    copy->key_type = own->key_type;
    copy->key_gen_mechanism = own->key_gen_mechanism;
    copy->pki = pki_share(own->pki);
    for (size_t i = 0; i < OBJECT_TEXTS; i++)
        store_secret_share(&copy->texts[i], &own->texts[i]);
    return copy;
}

struct session_attributes *session_attributes_share(struct session_attributes *own)
{
    if (own != NULL)
        atomic_fetch_add_explicit(&own->references, 1, memory_order_relaxed);
    return own;
}

void session_attributes_free(struct session_attributes *own)
{
    if (own == NULL || atomic_fetch_sub(&own->references, 1) != 1)
        return;
    session_attributes_clear(own);
    free(own);
}

bool session_attributes_has(const struct session_attributes *own, enum object_flag flag)
{
    return (own->flags & OBJECT_BIT(flag)) != 0;
}

bool session_attributes_allows(const struct session_attributes *own, CK_MECHANISM_TYPE mechanism)
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

CK_RV session_attributes_permit(const struct session_attributes *own, enum object_flag flag,
                                CK_MECHANISM_TYPE mechanism)
{
    if (!session_attributes_has(own, flag))
        return CKR_KEY_FUNCTION_NOT_PERMITTED;
    return session_attributes_allows(own, mechanism) ? CKR_OK : CKR_MECHANISM_INVALID;
}
