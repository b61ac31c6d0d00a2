/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/operate.h"

#include "module/ckr.h"
#include "module/hash.h"
#include "module/mechanism.h"
#include "module/object/object_face.h"
#include "module/object/object_view.h"
#include "module/session/ready_key.h"
#include "module/session/use.h"
#include "module/token.h"

static struct operation *operation_of(const struct caller *caller, enum operation_kind kind)
{
    switch (kind) {
    case OPERATION_DIGEST:
        return &caller->session->digest;
    case OPERATION_SIGN:
        return &caller->session->sign;
    case OPERATION_VERIFY:
        return &caller->session->verify;
    case OPERATION_ENCRYPT:
        return &caller->session->encrypt;
    case OPERATION_DECRYPT:
        return &caller->session->decrypt;
    }
    return NULL;
}

/* Checks that a secret key permits AES with this mechanism. A token that does not list the
 * mechanism does not have it. */
static CK_RV check_cipher_key(const struct object_view *view, enum operation_kind kind,
                              CK_MECHANISM_TYPE mechanism)
{
    if ((view->token->usage & STORE_USAGE_ENCRYPT) == 0)
        return CKR_MECHANISM_INVALID;
    return ready_key_check_aes(view, kind == OPERATION_ENCRYPT ? OBJECT_ENCRYPT : OBJECT_DECRYPT,
                               mechanism, CKR_KEY_TYPE_INCONSISTENT);
}

/* Checks that a secret key permits this operation and mechanism. */
static CK_RV check_secret_key(const struct object_view *view, enum operation_kind kind,
                              CK_MECHANISM_TYPE mechanism)
{
    const struct session_attributes *own = view->own;

    if (kind == OPERATION_ENCRYPT || kind == OPERATION_DECRYPT)
        return cipher_has(mechanism) ? check_cipher_key(view, kind, mechanism)
                                     : CKR_KEY_TYPE_INCONSISTENT;
    if (crypto_hash_find(mechanism) == NULL)
        return CKR_KEY_TYPE_INCONSISTENT;
    if (own == NULL)
        return store_conf_aes_find(view->token->conf, view->key) == NULL
                   ? CKR_OK
                   : CKR_KEY_FUNCTION_NOT_PERMITTED;
    if (!session_attributes_has(own, kind == OPERATION_SIGN ? OBJECT_SIGN : OBJECT_VERIFY))
        return CKR_KEY_FUNCTION_NOT_PERMITTED;
    if (!mechanism_fits_key(mechanism, own->key_type))
        return CKR_KEY_TYPE_INCONSISTENT;
    return session_attributes_allows(own, mechanism) ? CKR_OK : CKR_MECHANISM_INVALID;
}

/* The same for a session's public key. */
static CK_RV check_session_public(const struct object_view *view, enum operation_kind kind,
                                  CK_MECHANISM_TYPE mechanism)
{
    if (kind != OPERATION_VERIFY)
        return CKR_KEY_FUNCTION_NOT_PERMITTED;
    return session_attributes_permit(view->own, OBJECT_VERIFY, mechanism);
}

/* The same for a session's private key. */
static CK_RV check_session_private(const struct object_view *view, enum operation_kind kind,
                                   CK_MECHANISM_TYPE mechanism)
{
    if (kind == OPERATION_VERIFY)
        return CKR_KEY_FUNCTION_NOT_PERMITTED;
    return session_attributes_permit(
        view->own, kind == OPERATION_DECRYPT ? OBJECT_DECRYPT : OBJECT_SIGN, mechanism);
}

/* The same for one half of a key pair of the token. */
static CK_RV check_half(const struct object_view *view, enum operation_kind kind)
{
    enum object_kind half = kind == OPERATION_VERIFY ? OBJECT_PUBLIC_KEY : OBJECT_PRIVATE_KEY;

    return view->kind == half ? CKR_OK : CKR_KEY_FUNCTION_NOT_PERMITTED;
}

/* Checks that the rule of a key pair, or the token of a session's, permits the scheme. Where it
 * permits another one for the same work, the key's CKA_ALLOWED_MECHANISMS says so. */
static CK_RV check_usage(const struct object_view *view, const struct scheme *scheme)
{
    unsigned usage = object_face_usage(view);

    if (scheme == NULL)
        return CKR_KEY_TYPE_INCONSISTENT;
    if ((usage & scheme->usage) != 0)
        return CKR_OK;
    return scheme_exists(scheme->key_type, scheme->work, usage) ? CKR_MECHANISM_INVALID
                                                                : CKR_KEY_FUNCTION_NOT_PERMITTED;
}

static CK_RV check_key(const struct object_view *view, enum operation_kind kind,
                       const CK_MECHANISM *mechanism, const struct scheme *scheme)
{
    CK_RV rv;

    switch (view->kind) {
    case OBJECT_KEY:
    case OBJECT_SESSION_KEY:
        return check_secret_key(view, kind, mechanism->mechanism);
    case OBJECT_PRIVATE_KEY:
    case OBJECT_PUBLIC_KEY:
        rv = check_half(view, kind);
        break;
    case OBJECT_SESSION_PUBLIC:
        rv = check_session_public(view, kind, mechanism->mechanism);
        break;
    case OBJECT_SESSION_PRIVATE:
        rv = check_session_private(view, kind, mechanism->mechanism);
        break;
    default:
        return CKR_KEY_HANDLE_INVALID;
    }
    return rv == CKR_OK ? check_usage(view, scheme) : rv;
}

/* Checks the form against the loaded key of a pair. With a parameter, EdDSA with a key of
 * Ed25519 is Ed25519ctx (PKCS#11 3.0, 2.3.14), which needs a context; Ed448 always has one. */
static CK_RV check_pair(const struct object_view *view, const CK_MECHANISM *mechanism,
                        const struct signature_form *form)
{
    const struct pki_public *key = &view->pki->key;

    if (form->scheme->key_type != scheme_key_type(key->type))
        return CKR_KEY_TYPE_INCONSISTENT;
    if (!scheme_fits_key(&form->form, form->data_len, key->bits))
        return CKR_MECHANISM_PARAM_INVALID;
    return key->type == PKI_ED25519 && mechanism->ulParameterLen != 0 ? CKR_MECHANISM_PARAM_INVALID
                                                                      : CKR_OK;
}

/* Loads the key with its value. */
static CK_RV find_key(const struct caller *caller, enum operation_kind kind,
                      const CK_MECHANISM *mechanism, const struct signature_form *form,
                      CK_OBJECT_HANDLE handle, struct object_view *view)
{
    CK_RV rv = object_view(caller->token, handle, view);

    if (rv == CKR_OK)
        rv = check_key(view, kind, mechanism, form->scheme);
    if (rv == CKR_OK)
        rv = object_view_load(view, ready_key_need(view), CKR_CALL_USE);
    if (rv == CKR_OK && view->pki != NULL)
        rv = check_pair(view, mechanism, form);
    return rv == CKR_OBJECT_HANDLE_INVALID ? CKR_KEY_HANDLE_INVALID : rv;
}

static CK_RV start_mac(struct operation *operation, struct crypto *crypto,
                       const struct operation_form *form, const struct object_view *view)
{
    const struct operation_key key = {.handle = view->handle,
                                      .value = &view->record.value,
                                      .encoding = view->own == NULL ? view->encoding : "raw",
                                      .name = view->own == NULL ? view->key : "the session key"};

    return operation_start_mac(operation, crypto, form, &key);
}

static void cancel(const struct caller *caller, struct operation *operation,
                   enum operation_kind kind)
{
    use_cancelled(caller->token, operation, kind);
    operation_end(operation);
}

/* Parses the mechanism if the operation can begin; a NULL mechanism ends the active operation. */
static CK_RV prepare(const struct caller *caller, enum operation_kind kind,
                     const CK_MECHANISM *mechanism, struct operation_form *form)
{
    struct operation *operation = operation_of(caller, kind);
    CK_RV rv = CKR_OK;

    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    if (mechanism == NULL)
        cancel(caller, operation, kind);
    else if (operation_is_active(operation))
        rv = CKR_OPERATION_ACTIVE;
    else
        rv = operation_form(kind, mechanism, form);
    session_unlock(caller);
    return rv;
}

/* A digest is not in the audit. */
static CK_RV may_use(const struct caller *caller, enum operation_kind kind)
{
    return kind == OPERATION_DIGEST ? CKR_OK
                                    : ckr_from_store(CKR_CALL_USE, token_permit(caller->token));
}

/* Notes the key of an operation that begins, and whether it waits for a login. */
static void begin_use(const struct caller *caller, struct operation *operation,
                      const CK_MECHANISM *mechanism, const struct object_view *view)
{
    operation->unconfirmed = ready_key_asks_for_login(view);
    operation->begun = ++caller->session->begun;
    use_begin(operation, mechanism, view);
}

/* Begins a signature or verification with a key pair. */
static CK_RV start_signature(struct crypto *crypto, const struct caller *caller,
                             struct operation *operation, const CK_MECHANISM *mechanism,
                             const struct operation_form *form, const struct object_view *view)
{
    bool private = view->kind == OBJECT_PRIVATE_KEY || view->kind == OBJECT_SESSION_PRIVATE;
    const struct signature_key key = {.handle = view->handle,
                                      .value = private ? &view->record.value : NULL,
                                      .face = private ? NULL : view->pki};
    struct keypair *keypair = NULL;
    CK_RV rv = CKR_OK;
    bool ready;

    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    ready = signature_is_ready(&operation->signature, &key);
    session_unlock(caller);
    if (!ready)
        rv = ready_key_new(view, &keypair);
    if (rv != CKR_OK)
        return rv;
    if (!session_lock(caller)) {
        keypair_free(keypair);
        return CKR_SESSION_HANDLE_INVALID;
    }
    ready = signature_is_ready(&operation->signature, &key);
    if (operation_is_active(operation) || (!ready && keypair == NULL)) {
        rv = CKR_OPERATION_ACTIVE; /* another thread uses the session at the same time */
    } else {
        if (!ready) {
            signature_make_ready(&operation->signature, &key, keypair);
            keypair = NULL;
        }
        rv = operation_start_signature(operation, crypto, form);
        begin_use(caller, operation, mechanism, view);
    }
    session_unlock(caller);
    keypair_free(keypair);
    return rv;
}

/* Begins a digest, or a signature or verification with an HMAC key. */
static CK_RV start_hash(struct crypto *crypto, const struct caller *caller,
                        enum operation_kind kind, const CK_MECHANISM *mechanism,
                        const struct operation_form *form, const struct object_view *view)
{
    struct operation *operation = operation_of(caller, kind);
    CK_RV rv;

    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    if (operation_is_active(operation)) /* another thread has begun one meanwhile */
        rv = CKR_OPERATION_ACTIVE;
    else if (kind == OPERATION_DIGEST)
        rv = operation_start_digest(operation, crypto, form);
    else
        rv = start_mac(operation, crypto, form, view);
    if (kind != OPERATION_DIGEST && rv == CKR_OK)
        use_begin(operation, mechanism, view);
    session_unlock(caller);
    return rv;
}

/* Begins an encryption or decryption with an AES key. */
static CK_RV start_encryption(const struct caller *caller, enum operation_kind kind,
                              const CK_MECHANISM *mechanism, const struct cipher_form *form,
                              const struct object_view *view)
{
    struct operation *operation = operation_of(caller, kind);
    struct encryption *encryption = NULL;
    AUTO_SECRET key = {0};
    CK_RV rv = ready_key_aes(view, &key);

    if (rv == CKR_OK)
        rv = encryption_new(form, &key, kind == OPERATION_ENCRYPT, &encryption);
    if (rv != CKR_OK)
        return rv;
    if (!session_lock(caller)) {
        encryption_free(encryption);
        return CKR_SESSION_HANDLE_INVALID;
    }
    if (operation_is_active(operation)) { /* another thread has begun one meanwhile */
        encryption_free(encryption);
        rv = CKR_OPERATION_ACTIVE;
    } else {
        operation->encryption = encryption;
        begin_use(caller, operation, mechanism, view);
        if (operation->unconfirmed)
            store_secret_share(&operation->unconfirmed_value, &view->record.value);
    }
    session_unlock(caller);
    return rv;
}

CK_RV operate_start(struct crypto *crypto, const struct caller *caller, enum operation_kind kind,
                    const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
    struct operation_form form = {0};
    AUTO_VIEW view = {0};
    CK_RV rv = prepare(caller, kind, mechanism, &form);

    if (rv != CKR_OK || mechanism == NULL)
        return rv;
    if (kind == OPERATION_DIGEST)
        return start_hash(crypto, caller, kind, mechanism, &form, &view);
    rv = find_key(caller, kind, mechanism, &form.signature, key, &view);
    if (rv == CKR_OK)
        rv = may_use(caller, kind);
    if (rv == CKR_OK && form.is_cipher)
        rv = start_encryption(caller, kind, mechanism, &form.cipher, &view);
    else if (rv == CKR_OK && form.signature.scheme != NULL)
        rv = start_signature(crypto, caller, operation_of(caller, kind), mechanism, &form, &view);
    else if (rv == CKR_OK)
        rv = start_hash(crypto, caller, kind, mechanism, &form, &view);
    if (rv != CKR_OK)
        use_refused(caller, kind, mechanism, &view, rv);
    return rv;
}

static bool key_has_ended(const struct caller *caller, const struct operation *operation)
{
    struct object_table *objects = &caller->token->objects;

    return (operation->mac != NULL && !object_exists(objects, operation->mac_key)) ||
           (operation->signature.keypair != NULL &&
            !object_exists(objects, operation->signature.handle)) ||
           (operation->encryption != NULL && !object_exists(objects, operation->use.handle));
}

/* Locks the session if the operation is active in it. Destroying a key ends its operations, and so
 * does a use without the login that the key asks for, or while a required audit takes no lines. */
static CK_RV lock_active(const struct caller *caller, enum operation_kind kind)
{
    struct operation *operation = operation_of(caller, kind);
    CK_RV rv = CKR_OPERATION_NOT_INITIALIZED;

    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    if (key_has_ended(caller, operation)) {
        use_cancelled(caller->token, operation, kind);
        operation_clear(operation);
    }
    if (operation_is_active(operation)) {
        rv = operation->unconfirmed ? CKR_USER_NOT_LOGGED_IN : may_use(caller, kind);
        if (rv == CKR_OK)
            return CKR_OK;
        use_end(caller->token, operation, kind, rv);
        operation_end(operation);
    }
    session_unlock(caller);
    return rv;
}

CK_RV operate_update(const struct caller *caller, enum operation_kind kind, const void *data,
                     CK_ULONG len)
{
    struct operation *operation = operation_of(caller, kind);
    CK_RV rv = lock_active(caller, kind);

    if (rv != CKR_OK)
        return rv;
    operation->multipart = true;
    operation->used = true;
    rv = operation_update(operation, data, len);
    if (rv != CKR_OK) {
        use_end(caller->token, operation, kind, rv);
        operation_end(operation);
    }
    session_unlock(caller);
    return rv;
}

/* Finishes a digest or a signature. */
static CK_RV finish(const struct caller *caller, enum operation_kind kind, const void *data,
                    CK_ULONG len, CK_BYTE *out, CK_ULONG *out_len)
{
    struct operation *operation = operation_of(caller, kind);
    CK_RV rv = operation_finish(operation, data, len, out, out_len);

    if (rv != CKR_OK || out != NULL)
        use_end(caller->token, operation, kind, rv);
    return rv;
}

CK_RV operate_final(const struct caller *caller, enum operation_kind kind, CK_BYTE *out,
                    CK_ULONG *out_len)
{
    CK_RV rv = lock_active(caller, kind);

    if (rv != CKR_OK)
        return rv;
    rv = finish(caller, kind, NULL, 0, out, out_len);
    session_unlock(caller);
    return rv;
}

CK_RV operate_single(const struct caller *caller, enum operation_kind kind, const void *data,
                     CK_ULONG len, CK_BYTE *out, CK_ULONG *out_len)
{
    struct operation *operation = operation_of(caller, kind);
    CK_RV rv = lock_active(caller, kind);

    if (rv != CKR_OK)
        return rv;
    if (operation->multipart) {
        rv = CKR_OPERATION_ACTIVE;
        use_end(caller->token, operation, kind, rv);
        operation_end(operation);
    } else {
        rv = finish(caller, kind, data, len, out, out_len);
    }
    session_unlock(caller);
    return rv;
}

CK_RV operate_verify(const struct caller *caller, bool single, const void *data, CK_ULONG len,
                     const CK_BYTE *signature, CK_ULONG signature_len)
{
    struct operation *operation = operation_of(caller, OPERATION_VERIFY);
    CK_RV rv = lock_active(caller, OPERATION_VERIFY);

    if (rv != CKR_OK)
        return rv;
    if (single)
        rv = operation->multipart ? CKR_OPERATION_ACTIVE : operation_update(operation, data, len);
    if (rv == CKR_OK)
        rv = operation_compare(operation, signature, signature_len);
    use_end(caller->token, operation, OPERATION_VERIFY, rv);
    operation_end(operation);
    session_unlock(caller);
    return rv;
}

/* Makes the call in the active operation, which ends on any error but a short buffer. */
static CK_RV crypt(struct operation *operation, enum operate_part part, const CK_BYTE *data,
                   CK_ULONG len, CK_BYTE *out, CK_ULONG *out_len)
{
    CK_RV rv;

    if (out_len == NULL)
        rv = CKR_ARGUMENTS_BAD;
    else if (part == OPERATE_SINGLE && operation->multipart)
        rv = CKR_OPERATION_ACTIVE;
    else if (operation->encryption != NULL)
        rv = encryption_run(operation->encryption, data, len, part != OPERATE_UPDATE, out, out_len);
    else if (part == OPERATE_SINGLE)
        return operation_decrypt(operation, data, len, out, out_len);
    else
        rv = CKR_FUNCTION_NOT_SUPPORTED; /* a key pair decrypts in one part */
    if (rv == CKR_OK && part == OPERATE_UPDATE && out != NULL)
        operation->multipart = true;
    else if (rv != CKR_BUFFER_TOO_SMALL && (rv != CKR_OK || out != NULL))
        operation_end(operation);
    operation->used = operation->used || operation->multipart || rv == CKR_BUFFER_TOO_SMALL;
    return rv;
}

CK_RV operate_crypt(const struct caller *caller, enum operation_kind kind, enum operate_part part,
                    const CK_BYTE *data, CK_ULONG len, CK_BYTE *out, CK_ULONG *out_len)
{
    struct operation *operation = operation_of(caller, kind);
    CK_RV rv = lock_active(caller, kind);

    if (rv != CKR_OK)
        return rv;
    rv = crypt(operation, part, data, len, out, out_len);
    if (rv != CKR_OK || (out != NULL && part != OPERATE_UPDATE))
        use_end(caller->token, operation, kind, rv);
    session_unlock(caller);
    return rv;
}

CK_RV operate_cancel(const struct caller *caller, enum operation_kind kind)
{
    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    cancel(caller, operation_of(caller, kind), kind);
    session_unlock(caller);
    return CKR_OK;
}
