/* SPDX-License-Identifier: Apache-2.0 */
#include "module/mechanism.h"

#include <stddef.h>

#include "module/hash.h"
#include "module/pki/generate.h"
#include "module/pki/scheme.h"

/* What a token must permit for the generation of key pairs, and for AES. */
#define PAIRS                                                                                      \
    (STORE_USAGE_SIGN | STORE_USAGE_DECRYPT | STORE_USAGE_DECRYPT_PKCS1 | STORE_USAGE_RAW |        \
     STORE_USAGE_DERIVE)
#define AES STORE_USAGE_ENCRYPT

/* The generation of key pairs and of AES keys, and the sizes that it makes; and the mechanisms of
 * AES keys. */
static const struct {
    CK_MECHANISM_TYPE type;
    unsigned usage;
    CK_MECHANISM_INFO info;
} others[] = {
    {CKM_RSA_PKCS_KEY_PAIR_GEN, PAIRS, {PKI_RSA_MIN, PKI_NEW_RSA_MAX, CKF_GENERATE_KEY_PAIR}},
    {CKM_EC_KEY_PAIR_GEN,
     PAIRS,
     {256, 521, CKF_GENERATE_KEY_PAIR | CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS}},
    {CKM_EC_EDWARDS_KEY_PAIR_GEN,
     PAIRS,
     {255, 448, CKF_GENERATE_KEY_PAIR | CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS}},
    {CKM_EC_MONTGOMERY_KEY_PAIR_GEN,
     PAIRS,
     {255, 255, CKF_GENERATE_KEY_PAIR | CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS}},
    {CKM_AES_KEY_GEN, AES, {16, 32, CKF_GENERATE}},
    {CKM_AES_CBC, AES, {16, 32, CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP}},
    {CKM_AES_CBC_PAD, AES, {16, 32, CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP}},
    {CKM_AES_GCM, AES, {16, 32, CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP}},
    {CKM_AES_KEY_WRAP, AES, {16, 32, CKF_WRAP | CKF_UNWRAP}},
    {CKM_AES_KEY_WRAP_KWP, AES, {16, 32, CKF_WRAP | CKF_UNWRAP}},
};

#define OTHERS (sizeof others / sizeof others[0])
#define MECHANISMS_MAX (24 + OTHERS + SCHEMES_MAX)

static size_t collect(unsigned usage, CK_MECHANISM_TYPE out[MECHANISMS_MAX])
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
    count += scheme_types(usage, out + count);
    for (size_t i = 0; i < OTHERS; i++)
        if ((others[i].usage & usage) != 0)
            out[count++] = others[i].type;
    return count;
}

/* The digest of the HMAC that keys of this type are for; 0 if the module does not offer it. */
static CK_MECHANISM_TYPE digest_of_key(CK_KEY_TYPE type)
{
    switch (type) {
    case CKK_SHA256_HMAC:
        return CKM_SHA256;
    case CKK_SHA384_HMAC:
        return CKM_SHA384;
    case CKK_SHA512_HMAC:
        return CKM_SHA512;
    default:
        return 0;
    }
}

bool mechanism_has_key_type(CK_KEY_TYPE type)
{
    return type == CKK_GENERIC_SECRET || type == CKK_AES || digest_of_key(type) != 0;
}

bool mechanism_fits_key(CK_MECHANISM_TYPE mechanism, CK_KEY_TYPE type)
{
    const struct crypto_hash *hash = crypto_hash_find(mechanism);

    return type == CKK_GENERIC_SECRET || (hash != NULL && hash->digest == digest_of_key(type));
}

size_t mechanism_of_key(CK_KEY_TYPE type, CK_MECHANISM_TYPE out[MECHANISM_OF_KEY_MAX])
{
    const struct crypto_hash *hash;
    size_t count = 0;

    for (size_t i = 0; type == CKK_AES && i < OTHERS; i++)
        if ((others[i].info.flags & CKF_WRAP) != 0)
            out[count++] = others[i].type;
    for (size_t i = 0; (hash = crypto_hash_at(i)) != NULL; i++) {
        if (hash->hmac == 0 || !mechanism_fits_key(hash->hmac, type))
            continue;
        out[count++] = hash->hmac;
        out[count++] = hash->hmac_general;
    }
    return count;
}

CK_RV mechanism_list(unsigned usage, CK_MECHANISM_TYPE *list, CK_ULONG *count)
{
    CK_MECHANISM_TYPE all[MECHANISMS_MAX];
    size_t total = collect(usage, all);
    CK_ULONG room = *count;

    *count = (CK_ULONG)total;
    if (list == NULL)
        return CKR_OK;
    if (room < total)
        return CKR_BUFFER_TOO_SMALL;
    for (size_t i = 0; i < total; i++)
        list[i] = all[i];
    return CKR_OK;
}

CK_RV mechanism_info(unsigned usage, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
    const struct crypto_hash *hash = crypto_hash_find(type);

    if (scheme_info(type, usage, info))
        return CKR_OK;
    for (size_t i = 0; i < OTHERS; i++) {
        if (others[i].type == type && (others[i].usage & usage) != 0) {
            *info = others[i].info;
            return CKR_OK;
        }
    }
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
