/* SPDX-License-Identifier: Apache-2.0 */
#include "module/operation.h"

#include <string.h>

#include "module/key.h"
#include "module/lib.h"
#include "module/mechanism.h"
#include "module/object_read.h"
#include "store/log.h"

/* Ends the operation; a prepared HMAC stays for the next. */
static void operation_end(struct operation *operation)
{
    crypto_digest_free(operation->digest);
    operation->digest = NULL;
    operation->hash = NULL;
    operation->multipart = false;
}

static void forget_mac(struct operation *operation)
{
    crypto_mac_free(operation->mac);
    operation->mac = NULL;
    operation->mac_key = 0;
}

void operation_clear(struct operation *operation)
{
    operation_end(operation);
    forget_mac(operation);
}

static struct operation *operation_of(struct session *session, enum operation_kind kind)
{
    switch (kind) {
    case OPERATION_DIGEST:
        return &session->digest;
    case OPERATION_SIGN:
        return &session->sign;
    case OPERATION_VERIFY:
        return &session->verify;
    }
    return NULL;
}

/* The hash and the length of the result for a mechanism (6.15 to 6.20 of the mechanisms). */
static CK_RV read_mechanism(enum operation_kind kind, const CK_MECHANISM *mechanism,
                            const struct crypto_hash **hash, CK_ULONG *len)
{
    const struct crypto_hash *found = crypto_hash_find(mechanism->mechanism);

    if (found == NULL || (kind == OPERATION_DIGEST) != (mechanism->mechanism == found->digest))
        return CKR_MECHANISM_INVALID;
    *hash = found;
    *len = found->len;
    if (mechanism->mechanism != found->hmac_general)
        return mechanism->ulParameterLen == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
    if (mechanism->pParameter == NULL || mechanism->ulParameterLen != sizeof *len)
        return CKR_MECHANISM_PARAM_INVALID;
    memcpy(len, mechanism->pParameter, sizeof *len);
    return *len >= 1 && *len <= found->len ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

/* Whether the key, which is locked, may be used so by a session on `token`. */
static CK_RV check_key(const struct object *object, const struct token *token,
                       enum operation_kind kind)
{
    if (object->kind != OBJECT_KEY && object->kind != OBJECT_SESSION_KEY)
        return CKR_KEY_HANDLE_INVALID;
    if (object_visible(object, token) != CKR_OK)
        return CKR_KEY_HANDLE_INVALID;
    if (object->own != NULL && !(kind == OPERATION_SIGN ? object->own->sign : object->own->verify))
        return CKR_KEY_FUNCTION_NOT_PERMITTED;
    return CKR_OK;
}

/* What is taken from a key object, so that it need not be held. */
struct key_taken {
    CK_OBJECT_HANDLE handle;
    uint64_t serial;
    bool usable; /* `value` is set, and as fresh as it must be */
    const char *encoding;
    struct store_secret value;
    char name[STORE_KEY_MAX + 1];
};

/* Looks at the key. Its value is left out if `operation` has been prepared for just that. */
static CK_RV take_key(struct lib *lib, const struct token *token, enum operation_kind kind,
                      const struct operation *operation, struct key_taken *taken)
{
    struct object *object = object_lock(&lib->objects, taken->handle);
    CK_RV rv = object == NULL ? CKR_KEY_HANDLE_INVALID : check_key(object, token, kind);

    if (rv == CKR_OK) {
        taken->serial = object->serial;
        taken->usable = object_holds(object, OBJECT_NEED_VALUE);
        taken->encoding = object->own == NULL ? object->encoding : "raw";
        if (taken->usable &&
            (operation->mac_key != taken->handle || operation->mac_serial != taken->serial)) {
            store_secret_share(&taken->value, &object->record.value);
            memcpy(taken->name, object->key == NULL ? "the session key" : object->key,
                   object->key == NULL ? sizeof "the session key" : strlen(object->key) + 1);
        }
    }
    if (object != NULL)
        object_unlock(object);
    return rv;
}

/* Makes the session's HMAC ready for a message: the one that is there, if it is for this key. */
static CK_RV prepare_mac(struct lib *lib, struct operation *operation,
                         const struct crypto_hash *hash, const struct key_taken *taken)
{
    AUTO_SECRET key = {0};
    CK_RV rv;

    if (operation->mac != NULL && operation->mac_key == taken->handle &&
        operation->mac_serial == taken->serial && operation->mac_hash == hash) {
        crypto_mac_restart(operation->mac);
        return CKR_OK;
    }
    rv = key_decode(taken->name, taken->encoding, &taken->value, &key);
    if (rv != CKR_OK)
        return rv;
    if (key.len > MECHANISM_HMAC_KEY_MAX) {
        store_log(STORE_LOG_ERROR, "pkcs11: %s has %zu bytes; an HMAC key has at most %d",
                  taken->name, key.len, MECHANISM_HMAC_KEY_MAX);
        return CKR_KEY_SIZE_RANGE;
    }
    forget_mac(operation);
    rv = crypto_mac_new(&lib->crypto, hash, &key, &operation->mac);
    if (rv != CKR_OK)
        return rv;
    operation->mac_hash = hash;
    operation->mac_key = taken->handle;
    operation->mac_serial = taken->serial;
    return CKR_OK;
}

/* Begins a signature or a verification in a session that is held, unless the key's value must be
 * got first: then `*load` is set and nothing has begun. */
static CK_RV start_mac(struct lib *lib, struct session *session, enum operation_kind kind,
                       const struct crypto_hash *hash, CK_OBJECT_HANDLE key, bool *load)
{
    struct operation *operation = operation_of(session, kind);
    struct key_taken taken = {.handle = key};
    CK_RV rv;

    /* one prepared for another hash is of no use, and take_key is to give the value */
    if (operation->mac_hash != hash)
        forget_mac(operation);
    rv = take_key(lib, session->token, kind, operation, &taken);
    *load = rv == CKR_OK && !taken.usable;
    if (rv == CKR_OK && taken.usable)
        rv = prepare_mac(lib, operation, hash, &taken);
    store_secret_wipe(&taken.value);
    return rv;
}

/* Begins the operation in a session that is held. */
static CK_RV start_held(struct lib *lib, struct session *session, enum operation_kind kind,
                        const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, bool *load)
{
    struct operation *operation = operation_of(session, kind);
    const struct crypto_hash *hash = NULL;
    CK_ULONG len = 0;
    CK_RV rv;

    *load = false;
    if (mechanism == NULL) {
        operation_end(operation);
        return CKR_OK;
    }
    if (operation->hash != NULL)
        return CKR_OPERATION_ACTIVE;
    rv = read_mechanism(kind, mechanism, &hash, &len);
    if (rv != CKR_OK)
        return rv;
    if (kind == OPERATION_DIGEST)
        rv = crypto_digest_new(&lib->crypto, hash, &operation->digest);
    else
        rv = start_mac(lib, session, kind, hash, key, load);
    if (rv == CKR_OK && !*load) {
        operation->hash = hash;
        operation->len = len;
    }
    return rv;
}

CK_RV operation_start(struct lib *lib, CK_SESSION_HANDLE handle, enum operation_kind kind,
                      const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
    CK_RV rv = CKR_OK;

    /* A value that has just been got is fresh for a second, so a second round is enough; if it is
     * not, the store's changes come faster than we can follow. */
    for (int round = 0; round < 2; round++) {
        struct session *session = session_lock(lib, handle);
        bool load;

        if (session == NULL)
            return CKR_SESSION_HANDLE_INVALID;
        rv = start_held(lib, session, kind, mechanism, key, &load);
        session_unlock(session);
        if (rv != CKR_OK || !load)
            return rv;
        rv = object_load(lib, key, OBJECT_NEED_VALUE, CKR_CALL_USE);
        if (rv != CKR_OK)
            return rv == CKR_OBJECT_HANDLE_INVALID ? CKR_KEY_HANDLE_INVALID : rv;
    }
    return CKR_DEVICE_ERROR;
}

/* Feeds bytes to an active operation. */
static CK_RV feed(struct operation *operation, const void *data, CK_ULONG len)
{
    if (data == NULL && len > 0)
        return CKR_ARGUMENTS_BAD;
    if (len > MECHANISM_DATA_MAX)
        return CKR_DATA_LEN_RANGE;
    if (len == 0)
        return CKR_OK;
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

/* The session, held, if the operation is active in it; else NULL and the reason. The end of its key
 * has ended it. */
static struct session *session_with(struct lib *lib, CK_SESSION_HANDLE handle,
                                    enum operation_kind kind, CK_RV *rv)
{
    struct session *session = session_lock(lib, handle);
    struct operation *operation;

    *rv = CKR_SESSION_HANDLE_INVALID;
    if (session == NULL)
        return NULL;
    operation = operation_of(session, kind);
    if (operation->mac != NULL && !object_exists(&lib->objects, operation->mac_key))
        operation_clear(operation);
    if (operation->hash != NULL)
        return session;
    *rv = CKR_OPERATION_NOT_INITIALIZED;
    session_unlock(session);
    return NULL;
}

CK_RV operation_update(struct lib *lib, CK_SESSION_HANDLE handle, enum operation_kind kind,
                       const void *data, CK_ULONG len)
{
    CK_RV rv;
    struct session *session = session_with(lib, handle, kind, &rv);
    struct operation *operation;

    if (session == NULL)
        return rv;
    operation = operation_of(session, kind);
    operation->multipart = true;
    rv = feed(operation, data, len);
    if (rv != CKR_OK)
        operation_end(operation);
    session_unlock(session);
    return rv;
}

/* Finishes a digest or a signature in a session that is held, after a last part. */
static CK_RV finish(struct operation *operation, const void *data, CK_ULONG len, CK_BYTE *out,
                    CK_ULONG *out_len)
{
    unsigned char result[CRYPTO_DIGEST_MAX];
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
    rv = feed(operation, data, len);
    if (rv == CKR_OK)
        rv = result_of(operation, result);
    if (rv == CKR_OK)
        memcpy(out, result, operation->len);
    operation_end(operation);
    return rv;
}

CK_RV operation_final(struct lib *lib, CK_SESSION_HANDLE handle, enum operation_kind kind,
                      CK_BYTE *out, CK_ULONG *out_len)
{
    CK_RV rv;
    struct session *session = session_with(lib, handle, kind, &rv);

    if (session == NULL)
        return rv;
    rv = finish(operation_of(session, kind), NULL, 0, out, out_len);
    session_unlock(session);
    return rv;
}

CK_RV operation_single(struct lib *lib, CK_SESSION_HANDLE handle, enum operation_kind kind,
                       const void *data, CK_ULONG len, CK_BYTE *out, CK_ULONG *out_len)
{
    CK_RV rv;
    struct session *session = session_with(lib, handle, kind, &rv);
    struct operation *operation;

    if (session == NULL)
        return rv;
    operation = operation_of(session, kind);
    if (operation->multipart) {
        operation_end(operation);
        rv = CKR_OPERATION_ACTIVE;
    } else {
        rv = finish(operation, data, len, out, out_len);
    }
    session_unlock(session);
    return rv;
}

/* Ends a verification in a session that is held with its answer. */
static CK_RV judge(struct operation *operation, const CK_BYTE *signature, CK_ULONG signature_len)
{
    unsigned char result[CRYPTO_DIGEST_MAX];
    struct store_secret expected = {.data = result, .len = operation->len};
    CK_RV rv;

    if (signature == NULL)
        return CKR_ARGUMENTS_BAD;
    if (signature_len != operation->len)
        return CKR_SIGNATURE_LEN_RANGE;
    rv = result_of(operation, result);
    if (rv == CKR_OK && !store_secret_equal(&expected, signature, signature_len))
        rv = CKR_SIGNATURE_INVALID;
    store_wipe(result, sizeof result); /* the signature that would have been right */
    return rv;
}

CK_RV operation_verify(struct lib *lib, CK_SESSION_HANDLE handle, bool single, const void *data,
                       CK_ULONG len, const CK_BYTE *signature, CK_ULONG signature_len)
{
    CK_RV rv;
    struct session *session = session_with(lib, handle, OPERATION_VERIFY, &rv);

    if (session == NULL)
        return rv;
    rv = CKR_OK;
    if (single)
        rv = session->verify.multipart ? CKR_OPERATION_ACTIVE : feed(&session->verify, data, len);
    if (rv == CKR_OK)
        rv = judge(&session->verify, signature, signature_len);
    operation_end(&session->verify);
    session_unlock(session);
    return rv;
}

CK_RV operation_cancel(struct lib *lib, CK_SESSION_HANDLE handle, enum operation_kind kind)
{
    struct session *session = session_lock(lib, handle);

    if (session == NULL)
        return CKR_SESSION_HANDLE_INVALID;
    operation_end(operation_of(session, kind));
    session_unlock(session);
    return CKR_OK;
}
