/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/operate.h"

#include "module/mechanism.h"
#include "module/object/object_view.h"
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
    }
    return NULL;
}

/* Checks that the key permits this operation and mechanism. */
static CK_RV check_key(const struct object_view *view, enum operation_kind kind,
                       CK_MECHANISM_TYPE mechanism)
{
    const struct session_attributes *own = view->own;

    if (view->kind != OBJECT_KEY && view->kind != OBJECT_SESSION_KEY)
        return CKR_KEY_HANDLE_INVALID;
    if (own == NULL)
        return CKR_OK;
    if (!session_attributes_has(own, kind == OPERATION_SIGN ? OBJECT_SIGN : OBJECT_VERIFY))
        return CKR_KEY_FUNCTION_NOT_PERMITTED;
    if (!mechanism_fits_key(mechanism, own->key_type))
        return CKR_KEY_TYPE_INCONSISTENT;
    return session_attributes_allows(own, mechanism) ? CKR_OK : CKR_MECHANISM_INVALID;
}

/* Loads the key with its value. */
static CK_RV find_key(const struct caller *caller, enum operation_kind kind,
                      CK_MECHANISM_TYPE mechanism, CK_OBJECT_HANDLE handle,
                      struct object_view *view)
{
    CK_RV rv = object_view(caller->token, handle, view);

    if (rv == CKR_OK)
        rv = check_key(view, kind, mechanism);
    if (rv == CKR_OK)
        rv = object_view_load(view, OBJECT_NEED_VALUE, CKR_CALL_USE);
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

/* Parses the mechanism if the operation can begin; a NULL mechanism ends the active operation. */
static CK_RV prepare(const struct caller *caller, enum operation_kind kind,
                     const CK_MECHANISM *mechanism, struct operation_form *form)
{
    struct operation *operation = operation_of(caller, kind);
    CK_RV rv = CKR_OK;

    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    if (mechanism == NULL)
        operation_end(operation);
    else if (operation->hash != NULL)
        rv = CKR_OPERATION_ACTIVE;
    else
        rv = operation_form(kind, mechanism, form);
    session_unlock(caller);
    return rv;
}

CK_RV operate_start(struct crypto *crypto, const struct caller *caller, enum operation_kind kind,
                    const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
    struct operation *operation = operation_of(caller, kind);
    struct operation_form form = {0};
    AUTO_VIEW view = {0};
    CK_RV rv = prepare(caller, kind, mechanism, &form);

    if (rv != CKR_OK || mechanism == NULL)
        return rv;
    if (kind != OPERATION_DIGEST)
        rv = find_key(caller, kind, mechanism->mechanism, key, &view);
    if (rv != CKR_OK)
        return rv;
    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    if (operation->hash != NULL) /* another thread has begun one meanwhile */
        rv = CKR_OPERATION_ACTIVE;
    else if (kind == OPERATION_DIGEST)
        rv = operation_start_digest(operation, crypto, &form);
    else
        rv = start_mac(operation, crypto, &form, &view);
    session_unlock(caller);
    return rv;
}

/* Locks the session if the operation is active in it. Destroying a key ends its operations. */
static CK_RV lock_active(const struct caller *caller, enum operation_kind kind)
{
    struct operation *operation = operation_of(caller, kind);

    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    if (operation->mac != NULL && !object_exists(&caller->token->objects, operation->mac_key))
        operation_clear(operation);
    if (operation->hash != NULL)
        return CKR_OK;
    session_unlock(caller);
    return CKR_OPERATION_NOT_INITIALIZED;
}

CK_RV operate_update(const struct caller *caller, enum operation_kind kind, const void *data,
                     CK_ULONG len)
{
    struct operation *operation = operation_of(caller, kind);
    CK_RV rv = lock_active(caller, kind);

    if (rv != CKR_OK)
        return rv;
    operation->multipart = true;
    rv = operation_update(operation, data, len);
    if (rv != CKR_OK)
        operation_end(operation);
    session_unlock(caller);
    return rv;
}

CK_RV operate_final(const struct caller *caller, enum operation_kind kind, CK_BYTE *out,
                    CK_ULONG *out_len)
{
    CK_RV rv = lock_active(caller, kind);

    if (rv != CKR_OK)
        return rv;
    rv = operation_finish(operation_of(caller, kind), NULL, 0, out, out_len);
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
        operation_end(operation);
        rv = CKR_OPERATION_ACTIVE;
    } else {
        rv = operation_finish(operation, data, len, out, out_len);
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
    operation_end(operation);
    session_unlock(caller);
    return rv;
}

CK_RV operate_cancel(const struct caller *caller, enum operation_kind kind)
{
    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    operation_end(operation_of(caller, kind));
    session_unlock(caller);
    return CKR_OK;
}
