/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/use.h"

#include <string.h>

#include "module/audit.h"
#include "module/token.h"

static const char *const calls[] = {
    [OPERATION_SIGN] = "sign",
    [OPERATION_VERIFY] = "verify",
    [OPERATION_ENCRYPT] = "encrypt",
    [OPERATION_DECRYPT] = "decrypt",
};

void use_begin(struct operation *operation, const CK_MECHANISM *mechanism,
               const struct object_view *view)
{
    operation->use = (struct operation_use){
        .handle = view->handle, .mechanism = mechanism->mechanism, .stale = view->record.stale};
}

void use_refused(const struct caller *caller, enum operation_kind kind,
                 const CK_MECHANISM *mechanism, const struct object_view *view, CK_RV rv)
{
    if (kind != OPERATION_DIGEST)
        audit_key(caller->token, calls[kind], view->key, mechanism->mechanism, view->record.stale,
                  rv);
}

/* Copies the key of an object; "" if it is gone, or a session object. */
static void find_key(struct object_table *objects, CK_OBJECT_HANDLE handle,
                     char out[STORE_KEY_MAX + 1])
{
    struct object *object = object_lock(objects, handle);

    out[0] = '\0';
    if (object == NULL)
        return;
    if (object->key != NULL)
        memcpy(out, object->key, strlen(object->key) + 1);
    object_unlock(objects, object);
}

/* Notes a call with the key of an operation. */
static void note(const struct caller *caller, const struct operation_use *use, const char *call,
                 CK_RV rv)
{
    char key[STORE_KEY_MAX + 1];

    if (caller->token->audit == NULL)
        return;
    find_key(&caller->token->objects, use->handle, key);
    audit_key(caller->token, call, key, use->mechanism, use->stale, rv);
}

void use_login_failed(const struct caller *caller, const struct operation_use *use, CK_RV rv)
{
    note(caller, use, "login", rv);
}

void use_end(const struct caller *caller, const struct operation *operation,
             enum operation_kind kind, CK_RV rv)
{
    if (kind != OPERATION_DIGEST && rv != CKR_BUFFER_TOO_SMALL)
        note(caller, &operation->use, calls[kind], rv);
}
