/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/operation.h"

#include <string.h>

#include "module/key.h"
#include "module/mechanism.h"
#include "store/log.h"

void operation_end(struct operation *operation)
{
    crypto_digest_free(operation->digest);
    signature_end(&operation->signature);
    encryption_free(operation->encryption);
    operation->encryption = NULL;
    store_secret_wipe(&operation->unconfirmed_value);
    operation->digest = NULL;
    operation->hash = NULL;
    operation->multipart = false;
    operation->used = false;
    operation->unconfirmed = false;
}

bool operation_is_active(const struct operation *operation)
{
    return operation->hash != NULL || operation->signature.form.scheme != NULL ||
           operation->encryption != NULL;
}

static void forget_mac(struct operation *operation)
{
    crypto_mac_free(operation->mac);
    store_secret_wipe(&operation->mac_value);
    operation->mac = NULL;
    operation->mac_key = 0;
}

void operation_clear(struct operation *operation)
{
    operation_end(operation);
    forget_mac(operation);
    signature_clear(&operation->signature);
}

CK_RV operation_form(enum operation_kind kind, const CK_MECHANISM *mechanism,
                     struct operation_form *out)
{
    const struct crypto_hash *found = crypto_hash_find(mechanism->mechanism);
    bool crypts = kind == OPERATION_ENCRYPT || kind == OPERATION_DECRYPT;

    out->is_cipher = crypts && cipher_has(mechanism->mechanism);
    if (out->is_cipher)
        return cipher_form_read(mechanism, &out->cipher);
    if (found == NULL && kind != OPERATION_DIGEST && kind != OPERATION_ENCRYPT)
        return signature_form(mechanism, kind == OPERATION_DECRYPT, &out->signature);
    if (found == NULL || crypts ||
        (kind == OPERATION_DIGEST) != (mechanism->mechanism == found->digest))
        return CKR_MECHANISM_INVALID;
    out->hash = found;
    out->len = found->len;
    if (mechanism->mechanism != found->hmac_general)
        return mechanism->ulParameterLen == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
    if (mechanism->pParameter == NULL || mechanism->ulParameterLen != sizeof out->len)
        return CKR_MECHANISM_PARAM_INVALID;
    memcpy(&out->len, mechanism->pParameter, sizeof out->len);
    return out->len >= 1 && out->len <= found->len ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

static void begin(struct operation *operation, const struct operation_form *form)
{
    operation->hash = form->hash;
    operation->len = form->len;
}

CK_RV operation_start_digest(struct operation *operation, struct crypto *crypto,
                             const struct operation_form *form)
{
    CK_RV rv = crypto_digest_new(crypto, form->hash, &operation->digest);

    if (rv == CKR_OK)
        begin(operation, form);
    return rv;
}

/* Makes an HMAC with the key. */
static CK_RV make_mac(struct operation *operation, struct crypto *crypto,
                      const struct crypto_hash *hash, const struct operation_key *key)
{
    AUTO_SECRET bytes = {0};
    CK_RV rv = key_decode(key->name, key->encoding, key->value, &bytes);

    if (rv != CKR_OK)
        return rv;
    if (bytes.len > MECHANISM_HMAC_KEY_MAX) {
        store_log(STORE_LOG_ERROR, "pkcs11: %s has %zu bytes; store an HMAC key of at most %d",
                  key->name, bytes.len, MECHANISM_HMAC_KEY_MAX);
        return CKR_KEY_SIZE_RANGE;
    }
    forget_mac(operation);
    rv = crypto_mac_new(crypto, hash, &bytes, &operation->mac);
    if (rv != CKR_OK)
        return rv;
    operation->mac_hash = hash;
    operation->mac_key = key->handle;
    store_secret_share(&operation->mac_value, key->value);
    return CKR_OK;
}

CK_RV operation_start_mac(struct operation *operation, struct crypto *crypto,
                          const struct operation_form *form, const struct operation_key *key)
{
    bool ready = operation->mac != NULL && operation->mac_key == key->handle &&
                 operation->mac_hash == form->hash &&
                 store_secret_equal(&operation->mac_value, key->value->data, key->value->len);
    CK_RV rv = CKR_OK;

    if (ready)
        crypto_mac_restart(operation->mac);
    else
        rv = make_mac(operation, crypto, form->hash, key);
    if (rv == CKR_OK)
        begin(operation, form);
    return rv;
}

CK_RV operation_start_signature(struct operation *operation, struct crypto *crypto,
                                const struct operation_form *form)
{
    CK_RV rv = signature_start(&operation->signature, crypto, &form->signature);

    if (rv == CKR_OK)
        operation->len = signature_len(&operation->signature);
    return rv;
}

CK_RV operation_update(struct operation *operation, const void *data, CK_ULONG len)
{
    if (data == NULL && len > 0)
        return CKR_ARGUMENTS_BAD;
    if (len > MECHANISM_DATA_MAX)
        return CKR_DATA_LEN_RANGE;
    if (len == 0)
        return CKR_OK;
    if (operation->signature.form.scheme != NULL)
        return signature_update(&operation->signature, data, len);
    if (operation->digest != NULL)
        return crypto_digest_update(operation->digest, data, len);
    return crypto_mac_update(operation->mac, data, len);
}

static CK_RV result_of(struct operation *operation, unsigned char out[CRYPTO_DIGEST_MAX])
{
    if (operation->digest != NULL)
        return crypto_digest_final(operation->digest, out);
    return crypto_mac_final(operation->mac, out);
}

CK_RV operation_finish(struct operation *operation, const void *data, CK_ULONG len, CK_BYTE *out,
                       CK_ULONG *out_len)
{
    unsigned char result[KEYPAIR_SIGNATURE_MAX];
    CK_ULONG room;
    CK_RV rv;

    if (out_len == NULL) {
        operation_end(operation);
        return CKR_ARGUMENTS_BAD;
    }
    room = *out_len;
    *out_len = operation->len;
    if (out == NULL)
        return CKR_OK;
    if (room < operation->len)
        return CKR_BUFFER_TOO_SMALL;
    rv = operation_update(operation, data, len);
    if (rv == CKR_OK)
        rv = operation->signature.form.scheme != NULL
                 ? signature_sign(&operation->signature, result)
                 : result_of(operation, result);
    if (rv == CKR_OK)
        memcpy(out, result, operation->len);
    operation_end(operation);
    return rv;
}

CK_RV operation_compare(struct operation *operation, const CK_BYTE *signature, CK_ULONG given)
{
    unsigned char result[CRYPTO_DIGEST_MAX];
    struct store_secret expected = {.data = result, .len = operation->len};
    CK_RV rv;

    if (signature == NULL)
        return CKR_ARGUMENTS_BAD;
    if (operation->signature.form.scheme != NULL)
        return signature_verify(&operation->signature, signature, given);
    if (given != operation->len)
        return CKR_SIGNATURE_LEN_RANGE;
    rv = result_of(operation, result);
    if (rv == CKR_OK && !store_secret_equal(&expected, signature, given))
        rv = CKR_SIGNATURE_INVALID;
    store_wipe(result, sizeof result); /* on a failed verification it holds the right signature */
    return rv;
}

/* Remembers the data of a decryption whose result did not fit. */
static CK_RV decrypt_later(struct operation *operation, const CK_BYTE *data, CK_ULONG len)
{
    operation->used = true;
    return store_secret_set(&operation->signature.data, data, len) == STORE_OK
               ? CKR_BUFFER_TOO_SMALL
               : CKR_HOST_MEMORY;
}

CK_RV operation_decrypt(struct operation *operation, const CK_BYTE *data, CK_ULONG len,
                        CK_BYTE *out, CK_ULONG *out_len)
{
    unsigned char plain[KEYPAIR_SIGNATURE_MAX];
    CK_ULONG room;
    CK_ULONG plain_len = operation->len;
    CK_RV rv;

    if (out_len == NULL) {
        operation_end(operation);
        return CKR_ARGUMENTS_BAD;
    }
    room = *out_len;
    *out_len = operation->len;
    if (out == NULL)
        return CKR_OK;
    if (operation->used && !store_secret_equal(&operation->signature.data, data, len))
        rv = CKR_OPERATION_ACTIVE;
    else
        rv = signature_decrypt(&operation->signature, data, len, plain, &plain_len);
    if (rv == CKR_OK) {
        *out_len = plain_len;
        if (room < plain_len)
            rv = decrypt_later(operation, data, len);
        else if (plain_len > 0)
            memcpy(out, plain, plain_len);
    }
    store_wipe(plain, sizeof plain);
    if (rv != CKR_BUFFER_TOO_SMALL)
        operation_end(operation);
    return rv;
}
