/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_read.h"

#include "module/audit.h"
#include "module/ckr.h"
#include "module/object/attribute.h"
#include "module/object/object_view.h"
#include "module/token.h"

/* True for values on which a length query and the read after it must agree. */
static bool is_value(CK_ATTRIBUTE_TYPE type)
{
    return type == CKA_VALUE || type == CKA_SIDESEAT_STATUS || type == CKA_SIDESEAT_DIAGNOSIS;
}

/* The parts of an object that a call asks for. */
struct request {
    enum object_need need;
    bool asks_size;  /* the call asks for the length of the value */
    bool asks_value; /* the call asks for the value itself */
};

/* A value that the caller may not read counts as neither. */
static struct request read_template(const struct object_view *view, const CK_ATTRIBUTE *template,
                                    CK_ULONG count)
{
    struct request request = {0};

    for (CK_ULONG i = 0; i < count; i++) {
        enum object_need need = object_need(view, template[i].type);
        bool value = is_value(template[i].type) && need != OBJECT_NEED_NOTHING &&
                     !object_shows_face(view->kind);
        request.need |= need;
        request.asks_size = request.asks_size || (value && template[i].pValue == NULL);
        request.asks_value = request.asks_value || (value && template[i].pValue != NULL);
    }
    return request;
}

/* Finds the record that the session has sized, if this call reads it. */
static bool find_sized(const struct caller *caller, const struct request *request,
                       struct object_view *view)
{
    const struct sized *sized = &caller->session->sized;
    bool found;

    if (!request->asks_value || request->asks_size || !session_lock(caller))
        return false;
    found = sized->first != NULL && sized_find(sized, view->handle, request->need, &view->record);
    session_unlock(caller);
    return found;
}

/* Keeps the sized record for the read, unless the user has logged out meanwhile. */
static CK_RV keep_sized(const struct caller *caller, const struct request *request,
                        const struct object_view *view)
{
    bool kept = true;

    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    if (!object_view_is_hidden(view))
        kept = sized_keep(&caller->session->sized, view->handle, request->need, &view->record);
    session_unlock(caller);
    return kept ? CKR_OK : CKR_HOST_MEMORY;
}

/* Drops a sized value after its read: it need not stay in memory. */
static void drop_sized(const struct caller *caller, const struct object_view *view)
{
    session_drop_sized(caller, view->handle);
    object_forget_value(&caller->token->objects, view->handle, &view->record.value);
}

/* Fills one entry of the template; `failed` is the error of the load, or CKR_OK. */
static CK_RV fill_one(const struct object_view *view, CK_ATTRIBUTE *attribute, CK_RV failed)
{
    struct object_bytes bytes;
    CK_RV rv;

    if (failed != CKR_OK && object_need(view, attribute->type) != OBJECT_NEED_NOTHING)
        rv = failed;
    else
        rv = object_attribute(view, attribute->type, &bytes);
    if (rv == CKR_OK)
        return attribute_fill(attribute, bytes.data, bytes.len);
    attribute->ulValueLen = CK_UNAVAILABLE_INFORMATION; /* cases 1 and 2 of 5.7.5 */
    return rv;
}

/* The three results that leave the other entries valid (5.7.5). */
static bool is_partial(CK_RV rv)
{
    return rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_ATTRIBUTE_TYPE_INVALID ||
           rv == CKR_BUFFER_TOO_SMALL;
}

static CK_RV fill(const struct object_view *view, CK_ATTRIBUTE *template, CK_ULONG count,
                  CK_RV failed)
{
    CK_RV result = CKR_OK;

    for (CK_ULONG i = 0; i < count; i++) {
        CK_RV rv = fill_one(view, &template[i], failed);
        if (rv != CKR_OK && (result == CKR_OK || is_partial(result)))
            result = rv;
    }
    return result;
}

/* True if the call has returned each value that it asked for. */
static bool was_read(const CK_ATTRIBUTE *template, CK_ULONG count)
{
    for (CK_ULONG i = 0; i < count; i++)
        if (is_value(template[i].type) && template[i].ulValueLen == CK_UNAVAILABLE_INFORMATION)
            return false;
    return true;
}

/* Notes a secret's value that the caller has got, or was refused. A template may ask for it twice.
 */
static void note_read(const struct object_view *view, const CK_ATTRIBUTE *template, CK_ULONG count,
                      CK_RV failed)
{
    bool asked = false;
    bool got = false;

    if ((view->kind != OBJECT_SECRET && view->kind != OBJECT_VERSION) || failed != CKR_OK)
        return;
    for (CK_ULONG i = 0; i < count; i++) {
        bool value = template[i].type == CKA_VALUE && template[i].pValue != NULL;
        asked = asked || value;
        got = got || (value && template[i].ulValueLen != CK_UNAVAILABLE_INFORMATION);
    }
    if (got)
        audit_value(view->token, view->key, &view->record, CKR_OK);
    else if (asked && object_need(view, CKA_VALUE) == OBJECT_NEED_NOTHING)
        audit_value(view->token, view->key, &view->record, CKR_ATTRIBUTE_SENSITIVE);
}

/* Refuses a value that is at hand while the audit has to note each use and cannot. */
static CK_RV may_read(const struct object_view *view, const struct request *request)
{
    CK_RV rv = CKR_OK;

    if (request->asks_value && (view->kind == OBJECT_SECRET || view->kind == OBJECT_VERSION))
        rv = ckr_from_store(CKR_CALL_GET, token_permit(view->token));
    if (rv != CKR_OK) /* the line tries the target again */
        audit_value(view->token, view->key, &view->record, rv);
    return rv;
}

CK_RV object_get_attributes(const struct caller *caller, CK_OBJECT_HANDLE handle,
                            CK_ATTRIBUTE *template, CK_ULONG count)
{
    AUTO_VIEW view;
    struct request request;
    bool sized = false;
    CK_RV failed;
    CK_RV rv;

    rv = object_view(caller->token, handle, &view);
    if (rv == CKR_OK && (count > TEMPLATE_MAX || (template == NULL && count > 0)))
        rv = CKR_ARGUMENTS_BAD;
    if (rv != CKR_OK)
        return rv;
    request = read_template(&view, template, count);
    failed = may_read(&view, &request);
    if (failed == CKR_OK)
        sized = find_sized(caller, &request, &view);
    if (failed == CKR_OK && !sized)
        failed = object_view_load(&view, request.need, CKR_CALL_GET);
    if (failed == CKR_OBJECT_HANDLE_INVALID)
        return failed;
    if (request.asks_size && !request.asks_value && failed == CKR_OK)
        failed = keep_sized(caller, &request, &view);
    rv = fill(&view, template, count, failed);
    if (view.token->audit != NULL)
        note_read(&view, template, count, failed);
    if (sized && was_read(template, count))
        drop_sized(caller, &view);
    return rv;
}

/* Only a caller who may read the value learns its size. */
static CK_RV unknown_size(CK_ULONG *size)
{
    *size = CK_UNAVAILABLE_INFORMATION;
    return CKR_OK;
}

CK_RV object_get_size(const struct caller *caller, CK_OBJECT_HANDLE handle, CK_ULONG *size)
{
    AUTO_VIEW view;
    struct object_bytes bytes;
    CK_ULONG value_len;
    CK_RV rv = object_view(caller->token, handle, &view);

    if (rv == CKR_OK)
        rv = object_view_load(&view, object_need(&view, CKA_VALUE), CKR_CALL_GET);
    if (rv != CKR_OK)
        return rv == CKR_ATTRIBUTE_SENSITIVE ? unknown_size(size) : rv;
    if (object_attribute(&view, CKA_VALUE, &bytes) != CKR_OK)
        return unknown_size(size);
    value_len = bytes.len;
    if (object_attribute(&view, CKA_LABEL, &bytes) != CKR_OK)
        return unknown_size(size);
    *size = value_len + bytes.len;
    return CKR_OK;
}
