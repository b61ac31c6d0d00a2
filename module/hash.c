/* SPDX-License-Identifier: Apache-2.0 */
#include "module/hash.h"

static const struct crypto_hash hashes[] = {
    {CKM_SHA256, CKM_SHA256_HMAC, CKM_SHA256_HMAC_GENERAL, 32},
    {CKM_SHA384, CKM_SHA384_HMAC, CKM_SHA384_HMAC_GENERAL, 48},
    {CKM_SHA512, CKM_SHA512_HMAC, CKM_SHA512_HMAC_GENERAL, 64},
    /* the last, which not every library has */
    {CKM_SHA224, 0, 0, 28},
    {CKM_SHA3_224, 0, 0, 28},
    {CKM_SHA3_256, 0, 0, 32},
    {CKM_SHA3_384, 0, 0, 48},
    {CKM_SHA3_512, 0, 0, 64},
};

const struct crypto_hash *crypto_hash_at(size_t index)
{
    return index < crypto_hashes ? &hashes[index] : NULL;
}

const struct crypto_hash *crypto_hash_find(CK_MECHANISM_TYPE type)
{
    for (size_t i = 0; i < crypto_hashes; i++)
        if (type == hashes[i].digest ||
            (hashes[i].hmac != 0 && (type == hashes[i].hmac || type == hashes[i].hmac_general)))
            return &hashes[i];
    return NULL;
}
