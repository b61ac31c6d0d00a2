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
    struct operation_use *use = &operation->use;

    use->handle = view->handle;
    use->mechanism = mechanism->mechanism;
    use->stale = view->record.stale;
    memcpy(use->key, view->key, strlen(view->key) + 1);
}

void use_refused(const struct caller *caller, enum operation_kind kind,
                 const CK_MECHANISM *mechanism, const struct object_view *view, CK_RV rv)
{
    if (kind != OPERATION_DIGEST)
        audit_key(caller->token, calls[kind], view->key, mechanism->mechanism, view->record.stale,
                  rv);
}

/* Notes a call with the key of an operation. */
static void note(const struct token *token, const struct operation_use *use, const char *call,
                 CK_RV rv)
{
    audit_key(token, call, use->key, use->mechanism, use->stale, rv);
}

void use_login_failed(const struct caller *caller, const struct operation_use *use, CK_RV rv)
{
    note(caller->token, use, "login", rv);
}

void use_end(const struct token *token, const struct operation *operation, enum operation_kind kind,
             CK_RV rv)
{
    if (kind != OPERATION_DIGEST && rv != CKR_BUFFER_TOO_SMALL)
        note(token, &operation->use, calls[kind], rv);
}

void use_cancelled(const struct token *token, const struct operation *operation,
                   enum operation_kind kind)
{
    if (operation->used)
        use_end(token, operation, kind, CKR_FUNCTION_CANCELED);
}
