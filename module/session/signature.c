/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/signature.h"

#include <string.h>

/* The most data of one signature that nothing hashes first: what EdDSA signs, and the hash that
 * ECDSA signs the front of. */
#define EDDSA_DATA_MAX ((CK_ULONG)64 * 1024 * 1024)
#define ECDSA_DATA_MAX ((CK_ULONG)128)

/* What PKCS#1 needs around the data (RFC 8017, 9.2). */
#define PKCS1_OVERHEAD 11

void signature_end(struct signature *signature)
{
    crypto_digest_free(signature->digest);
    store_secret_wipe(&signature->data);
    signature->digest = NULL;
    signature->form = (struct signature_form){0};
}

void signature_clear(struct signature *signature)
{
    signature_end(signature);
    keypair_free(signature->keypair);
    pki_drop(signature->face);
    store_secret_wipe(&signature->value);
    signature->keypair = NULL;
    signature->face = NULL;
    signature->handle = 0;
}

CK_RV signature_form(const CK_MECHANISM *mechanism, bool decrypts, struct signature_form *out)
{
    out->scheme = scheme_find(mechanism->mechanism, decrypts ? SCHEME_DECRYPT : SCHEME_SIGN);
    if (out->scheme == NULL)
        return CKR_MECHANISM_INVALID;
    out->hash = out->scheme->digest == 0 ? NULL : crypto_hash_find(out->scheme->digest);
    return scheme_form(out->scheme, mechanism, &out->form, &out->data_len);
}

bool signature_is_ready(const struct signature *signature, const struct signature_key *key)
{
    if (signature->keypair == NULL || signature->handle != key->handle)
        return false;
    if (key->value == NULL)
        return signature->face == key->face;
    return store_secret_equal(&signature->value, key->value->data, key->value->len);
}

void signature_make_ready(struct signature *signature, const struct signature_key *key,
                          struct keypair *keypair)
{
    signature_clear(signature);
    signature->keypair = keypair;
    signature->handle = key->handle;
    if (key->value != NULL)
        store_secret_share(&signature->value, key->value);
    else
        signature->face = pki_share(key->face);
}

CK_RV signature_start(struct signature *signature, struct crypto *crypto,
                      const struct signature_form *form)
{
    CK_RV rv = CKR_OK;

    if (form->hash != NULL)
        rv = crypto_digest_new(crypto, form->hash, &signature->digest);
    if (rv == CKR_OK)
        signature->form = *form;
    return rv;
}

static CK_ULONG most_data(const struct signature *signature)
{
    const struct scheme *scheme = signature->form.scheme;

    if (signature->form.data_len != 0)
        return (CK_ULONG)signature->form.data_len;
    if (scheme->padding == KEYPAIR_PKCS1)
        return signature_len(signature) - PKCS1_OVERHEAD;
    if (scheme->padding == KEYPAIR_RAW)
        return signature_len(signature);
    return scheme->key_type == CKK_EC ? ECDSA_DATA_MAX : EDDSA_DATA_MAX;
}

CK_RV signature_update(struct signature *signature, const void *data, CK_ULONG len)
{
    if (signature->digest != NULL)
        return crypto_digest_update(signature->digest, data, len);
    if (len > most_data(signature) - signature->data.len)
        return CKR_DATA_LEN_RANGE;
    return store_secret_append(&signature->data, data, len) == STORE_OK ? CKR_OK : CKR_HOST_MEMORY;
}

CK_ULONG signature_len(const struct signature *signature)
{
    return (CK_ULONG)keypair_signature_len(signature->keypair);
}

/* The bytes to sign or verify: the hash, or the data itself. `hash` is room for the former. */
static CK_RV finish_data(struct signature *signature, unsigned char hash[CRYPTO_DIGEST_MAX],
                         struct der *out)
{
    const struct signature_form *form = &signature->form;

    if (signature->digest != NULL) {
        *out = (struct der){hash, form->hash->len};
        return crypto_digest_final(signature->digest, hash);
    }
    *out = (struct der){signature->data.data, signature->data.len};
    if (form->data_len != 0 && out->len != form->data_len)
        return CKR_DATA_LEN_RANGE;
    return out->len == 0 && form->scheme->key_type == CKK_EC ? CKR_DATA_LEN_RANGE : CKR_OK;
}

CK_RV signature_sign(struct signature *signature, CK_BYTE *out)
{
    unsigned char hash[CRYPTO_DIGEST_MAX];
    struct der bytes;
    CK_RV rv = finish_data(signature, hash, &bytes);

    if (rv == CKR_OK &&
        !keypair_sign(signature->keypair, &signature->form.form, bytes.data, bytes.len, out))
        /* without padding, the number that the data is may be as large as the modulus */
        rv = signature->form.form.padding == KEYPAIR_RAW ? CKR_DATA_INVALID : CKR_FUNCTION_FAILED;
    return rv;
}

CK_RV signature_verify(struct signature *signature, const CK_BYTE *given, CK_ULONG len)
{
    unsigned char hash[CRYPTO_DIGEST_MAX];
    struct der bytes;
    CK_RV rv = len == signature_len(signature) ? CKR_OK : CKR_SIGNATURE_LEN_RANGE;

    if (rv == CKR_OK)
        rv = finish_data(signature, hash, &bytes);
    if (rv == CKR_OK &&
        !keypair_verify(signature->keypair, &signature->form.form, bytes.data, bytes.len, given))
        rv = CKR_SIGNATURE_INVALID;
    return rv;
}

CK_RV signature_decrypt(struct signature *signature, const CK_BYTE *data, CK_ULONG len,
                        unsigned char *out, CK_ULONG *out_len)
{
    size_t plain_len = 0;

    if (data == NULL || len != signature_len(signature))
        return CKR_ENCRYPTED_DATA_LEN_RANGE;
    if (!keypair_decrypt(signature->keypair, &signature->form.form, data, out, &plain_len))
        return CKR_ENCRYPTED_DATA_INVALID;
    *out_len = (CK_ULONG)plain_len;
    return CKR_OK;
}
