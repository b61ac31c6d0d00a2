/* SPDX-License-Identifier: Apache-2.0 */
#include "module/mechanism.h"

#include <stddef.h>

#include "module/crypto.h"

#define MECHANISMS_MAX 16

static size_t collect(CK_MECHANISM_TYPE out[MECHANISMS_MAX])
{
    const struct crypto_hash *hash;
    size_t count = 0;

    for (size_t i = 0; (hash = crypto_hash_at(i)) != NULL; i++) {
        out[count++] = hash->digest;
        if (hash->hmac != 0) {
            out[count++] = hash->hmac;
            out[count++] = hash->hmac_general;
        }
    }
    out[count++] = CKM_GENERIC_SECRET_KEY_GEN;
    return count;
}

CK_RV mechanism_list(CK_MECHANISM_TYPE *list, CK_ULONG *count)
{
    CK_MECHANISM_TYPE all[MECHANISMS_MAX];
    size_t total = collect(all);
    CK_ULONG room = *count;

    *count = total;
    if (list == NULL)
        return CKR_OK;
    if (room < total)
        return CKR_BUFFER_TOO_SMALL;
    for (size_t i = 0; i < total; i++)
        list[i] = all[i];
    return CKR_OK;
}

CK_RV mechanism_info(CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
    const struct crypto_hash *hash = crypto_hash_find(type);

    if (type == CKM_GENERIC_SECRET_KEY_GEN) {
        *info = (CK_MECHANISM_INFO){MECHANISM_NEW_KEY_MIN, MECHANISM_NEW_KEY_MAX, CKF_GENERATE};
        return CKR_OK;
    }
    if (hash == NULL)
        return CKR_MECHANISM_INVALID;
    if (type == hash->digest)
        *info = (CK_MECHANISM_INFO){0, 0, CKF_DIGEST};
    else
        *info = (CK_MECHANISM_INFO){MECHANISM_HMAC_KEY_MIN, MECHANISM_HMAC_KEY_MAX,
                                    CKF_SIGN | CKF_VERIFY};
    return CKR_OK;
}
