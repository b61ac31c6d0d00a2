/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/scheme.h"

#include <string.h>

#include "module/hash.h"

#define SIGN SCHEME_SIGN, STORE_USAGE_SIGN

static const struct scheme rows[] = {
    {CKM_RSA_PKCS, CKK_RSA, KEYPAIR_PKCS1, 0, SIGN},
    {CKM_SHA224_RSA_PKCS, CKK_RSA, KEYPAIR_PKCS1, CKM_SHA224, SIGN},
    {CKM_SHA256_RSA_PKCS, CKK_RSA, KEYPAIR_PKCS1, CKM_SHA256, SIGN},
    {CKM_SHA384_RSA_PKCS, CKK_RSA, KEYPAIR_PKCS1, CKM_SHA384, SIGN},
    {CKM_SHA512_RSA_PKCS, CKK_RSA, KEYPAIR_PKCS1, CKM_SHA512, SIGN},
    {CKM_SHA3_224_RSA_PKCS, CKK_RSA, KEYPAIR_PKCS1, CKM_SHA3_224, SIGN},
    {CKM_SHA3_256_RSA_PKCS, CKK_RSA, KEYPAIR_PKCS1, CKM_SHA3_256, SIGN},
    {CKM_SHA3_384_RSA_PKCS, CKK_RSA, KEYPAIR_PKCS1, CKM_SHA3_384, SIGN},
    {CKM_SHA3_512_RSA_PKCS, CKK_RSA, KEYPAIR_PKCS1, CKM_SHA3_512, SIGN},
    {CKM_RSA_PKCS_PSS, CKK_RSA, KEYPAIR_PSS, 0, SIGN},
    {CKM_SHA224_RSA_PKCS_PSS, CKK_RSA, KEYPAIR_PSS, CKM_SHA224, SIGN},
    {CKM_SHA256_RSA_PKCS_PSS, CKK_RSA, KEYPAIR_PSS, CKM_SHA256, SIGN},
    {CKM_SHA384_RSA_PKCS_PSS, CKK_RSA, KEYPAIR_PSS, CKM_SHA384, SIGN},
    {CKM_SHA512_RSA_PKCS_PSS, CKK_RSA, KEYPAIR_PSS, CKM_SHA512, SIGN},
    {CKM_SHA3_224_RSA_PKCS_PSS, CKK_RSA, KEYPAIR_PSS, CKM_SHA3_224, SIGN},
    {CKM_SHA3_256_RSA_PKCS_PSS, CKK_RSA, KEYPAIR_PSS, CKM_SHA3_256, SIGN},
    {CKM_SHA3_384_RSA_PKCS_PSS, CKK_RSA, KEYPAIR_PSS, CKM_SHA3_384, SIGN},
    {CKM_SHA3_512_RSA_PKCS_PSS, CKK_RSA, KEYPAIR_PSS, CKM_SHA3_512, SIGN},
    {CKM_ECDSA, CKK_EC, KEYPAIR_CURVE, 0, SIGN},
    {CKM_ECDSA_SHA224, CKK_EC, KEYPAIR_CURVE, CKM_SHA224, SIGN},
    {CKM_ECDSA_SHA256, CKK_EC, KEYPAIR_CURVE, CKM_SHA256, SIGN},
    {CKM_ECDSA_SHA384, CKK_EC, KEYPAIR_CURVE, CKM_SHA384, SIGN},
    {CKM_ECDSA_SHA512, CKK_EC, KEYPAIR_CURVE, CKM_SHA512, SIGN},
    {CKM_ECDSA_SHA3_224, CKK_EC, KEYPAIR_CURVE, CKM_SHA3_224, SIGN},
    {CKM_ECDSA_SHA3_256, CKK_EC, KEYPAIR_CURVE, CKM_SHA3_256, SIGN},
    {CKM_ECDSA_SHA3_384, CKK_EC, KEYPAIR_CURVE, CKM_SHA3_384, SIGN},
    {CKM_ECDSA_SHA3_512, CKK_EC, KEYPAIR_CURVE, CKM_SHA3_512, SIGN},
    {CKM_EDDSA, CKK_EC_EDWARDS, KEYPAIR_CURVE, 0, SIGN},
    {CKM_RSA_X_509, CKK_RSA, KEYPAIR_RAW, 0, SCHEME_SIGN, STORE_USAGE_RAW},
    {CKM_RSA_PKCS_OAEP, CKK_RSA, KEYPAIR_OAEP, 0, SCHEME_DECRYPT, STORE_USAGE_DECRYPT},
    {CKM_RSA_PKCS, CKK_RSA, KEYPAIR_PKCS1, 0, SCHEME_DECRYPT, STORE_USAGE_DECRYPT_PKCS1},
    {CKM_RSA_X_509, CKK_RSA, KEYPAIR_RAW, 0, SCHEME_DECRYPT, STORE_USAGE_RAW},
    {CKM_ECDH1_DERIVE, CKK_EC, KEYPAIR_CURVE, 0, SCHEME_DERIVE, STORE_USAGE_DERIVE},
    {CKM_ECDH1_DERIVE, CKK_EC_MONTGOMERY, KEYPAIR_CURVE, 0, SCHEME_DERIVE, STORE_USAGE_DERIVE},
};

#define ROWS (sizeof rows / sizeof rows[0])
_Static_assert(ROWS <= SCHEMES_MAX, "SCHEMES_MAX is too small");

/* Windows lacks some of the digests. */
static bool is_offered(const struct scheme *row)
{
    return row->digest == 0 || crypto_hash_find(row->digest) != NULL;
}

static bool is_permitted(const struct scheme *row, unsigned usage)
{
    return (row->usage & usage) != 0 && is_offered(row);
}

const struct scheme *scheme_find(CK_MECHANISM_TYPE type, enum scheme_work work)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].type == type && rows[i].work == work && is_offered(&rows[i]))
            return &rows[i];
    return NULL;
}

bool scheme_exists(CK_KEY_TYPE type, enum scheme_work work, unsigned usage)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].key_type == type && rows[i].work == work && is_permitted(&rows[i], usage))
            return true;
    return false;
}

/* Adds a type that is not there yet. */
static size_t add_type(CK_MECHANISM_TYPE *types, size_t count, CK_MECHANISM_TYPE type)
{
    for (size_t i = 0; i < count; i++)
        if (types[i] == type)
            return count;
    types[count] = type;
    return count + 1;
}

size_t scheme_types(unsigned usage, CK_MECHANISM_TYPE out[SCHEMES_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < ROWS; i++)
        if (is_permitted(&rows[i], usage))
            count = add_type(out, count, rows[i].type);
    return count;
}

size_t scheme_types_of(CK_KEY_TYPE type, bool public, unsigned usage,
                       CK_MECHANISM_TYPE out[SCHEMES_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].key_type == type && is_permitted(&rows[i], usage) &&
            (!public || rows[i].work == SCHEME_SIGN || rows[i].type == CKM_RSA_PKCS_OAEP))
            count = add_type(out, count, rows[i].type);
    return count;
}

CK_KEY_TYPE scheme_key_type(enum pki_type type)
{
    return type == PKI_RSA      ? CKK_RSA
           : pki_is_ecdsa(type) ? CKK_EC
           : type == PKI_X25519 ? CKK_EC_MONTGOMERY
                                : CKK_EC_EDWARDS;
}

static CK_FLAGS flags_of(enum scheme_work work)
{
    return work == SCHEME_SIGN      ? CKF_SIGN | CKF_VERIFY
           : work == SCHEME_DECRYPT ? CKF_DECRYPT
                                    : CKF_DERIVE;
}

/* The sizes of the keys of a type, with the flags that they imply. */
static CK_MECHANISM_INFO sizes_of(CK_KEY_TYPE type)
{
    const CK_FLAGS curve = CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS;

    if (type == CKK_RSA)
        return (CK_MECHANISM_INFO){PKI_RSA_MIN, PKI_RSA_MAX, 0};
    if (type == CKK_EC)
        return (CK_MECHANISM_INFO){256, 521, curve};
    return (CK_MECHANISM_INFO){255, type == CKK_EC_EDWARDS ? 448 : 255, curve};
}

bool scheme_info(CK_MECHANISM_TYPE type, unsigned usage, CK_MECHANISM_INFO *info)
{
    bool found = false;

    for (size_t i = 0; i < ROWS; i++) {
        CK_MECHANISM_INFO one = sizes_of(rows[i].key_type);
        if (rows[i].type != type || !is_permitted(&rows[i], usage))
            continue;
        if (!found)
            *info = one;
        if (one.ulMinKeySize < info->ulMinKeySize)
            info->ulMinKeySize = one.ulMinKeySize;
        if (one.ulMaxKeySize > info->ulMaxKeySize)
            info->ulMaxKeySize = one.ulMaxKeySize;
        info->flags |= flags_of(rows[i].work);
        if (rows[i].padding == KEYPAIR_OAEP)
            info->flags |= CKF_WRAP | CKF_UNWRAP;
        found = true;
    }
    return found;
}

/* The longest salt of any key (RFC 8017, 9.1.1); scheme_fits_key knows that of one. */
#define SALT_MAX (PKI_RSA_MAX / 8)

/* Copies a mechanism's parameter of `size` bytes; false if it has another size or is absent. */
static bool parameter_copy(const CK_MECHANISM *mechanism, void *out, size_t size)
{
    if (mechanism->pParameter == NULL || mechanism->ulParameterLen != size)
        return false;
    memcpy(out, mechanism->pParameter, size);
    return true;
}

/* OAEP, whose default SHA-1 is, asks for no more than a random function. */
static bool is_for_oaep(const struct digest *digest)
{
    return digest->type == CKM_SHA_1;
}

static CK_RV pss_form(const struct scheme *scheme, const CK_MECHANISM *mechanism,
                      struct keypair_form *form, size_t *data_len)
{
    CK_RSA_PKCS_PSS_PARAMS params;
    const struct digest *digest;
    const struct digest *mgf;

    if (!parameter_copy(mechanism, &params, sizeof params))
        return CKR_MECHANISM_PARAM_INVALID;
    digest = digest_find(params.hashAlg);
    mgf = digest_of_mgf(params.mgf);
    if (digest == NULL || mgf == NULL || is_for_oaep(digest) || is_for_oaep(mgf) ||
        params.sLen > SALT_MAX || (scheme->digest != 0 && scheme->digest != params.hashAlg))
        return CKR_MECHANISM_PARAM_INVALID;
    *form = (struct keypair_form){
        .padding = KEYPAIR_PSS, .digest = digest, .mgf = mgf, .salt_len = (int)params.sLen};
    *data_len = digest->len;
    return CKR_OK;
}

static CK_RV oaep_form(const CK_MECHANISM *mechanism, struct keypair_form *form)
{
    CK_RSA_PKCS_OAEP_PARAMS params;
    const struct digest *digest;
    const struct digest *mgf;

    if (!parameter_copy(mechanism, &params, sizeof params))
        return CKR_MECHANISM_PARAM_INVALID;
    digest = digest_find(params.hashAlg);
    mgf = digest_of_mgf(params.mgf);
    if (digest == NULL || mgf == NULL || params.ulSourceDataLen > KEYPAIR_LABEL_MAX ||
        (params.source != 0 && params.source != CKZ_DATA_SPECIFIED) ||
        (params.ulSourceDataLen > 0 && (params.source == 0 || params.pSourceData == NULL)))
        return CKR_MECHANISM_PARAM_INVALID;
    *form = (struct keypair_form){.padding = KEYPAIR_OAEP,
                                  .digest = digest,
                                  .mgf = mgf,
                                  .label_len = (int)params.ulSourceDataLen};
    if (params.ulSourceDataLen > 0)
        memcpy(form->label, params.pSourceData, params.ulSourceDataLen);
    return CKR_OK;
}

/* CK_EDDSA_PARAMS of PKCS#11 3.0, 2.3.14, which the header of 2.40 lacks. */
struct eddsa_params {
    CK_BBOOL prehash;
    CK_ULONG context_len;
    const CK_BYTE *context;
};

/* True if the parameter asks for nothing but Ed448 as such (RFC 8032). */
static bool eddsa_is_plain(const CK_MECHANISM *mechanism)
{
    struct eddsa_params params;

    if (mechanism->pParameter == NULL || mechanism->ulParameterLen != sizeof params)
        return false;
    memcpy(&params, mechanism->pParameter, sizeof params);
    return !params.prehash && params.context_len == 0;
}

bool scheme_fits_key(const struct keypair_form *form, size_t data_len, size_t bits)
{
    size_t encoded = (bits - 1 + 7) / 8; /* emLen of RFC 8017, 9.1.1 */

    return form->padding != KEYPAIR_PSS || data_len + (size_t)form->salt_len + 2 <= encoded;
}

CK_RV scheme_form(const struct scheme *scheme, const CK_MECHANISM *mechanism,
                  struct keypair_form *form, size_t *data_len)
{
    const struct digest *digest = digest_find(scheme->digest);

    if (scheme->padding == KEYPAIR_PSS)
        return pss_form(scheme, mechanism, form, data_len);
    *data_len = 0;
    if (scheme->padding == KEYPAIR_OAEP)
        return oaep_form(mechanism, form);
    if (mechanism->ulParameterLen != 0 && (scheme->type != CKM_EDDSA || !eddsa_is_plain(mechanism)))
        return CKR_MECHANISM_PARAM_INVALID;
    *form = (struct keypair_form){.padding = scheme->padding, .digest = digest};
    *data_len = digest == NULL ? 0 : digest->len;
    return CKR_OK;
}
