/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object_read.h"

#include <string.h>

#include "module/attribute.h"
#include "module/lib.h"
#include "module/object_place.h"
#include "store/time.h"

CK_RV object_visible(const struct object *object, const struct token *token)
{
    if (object->token != token)
        return CKR_OBJECT_HANDLE_INVALID;
    if (object->kind == OBJECT_STATUS || (object->own != NULL && !object->own->private))
        return CKR_OK;
    return token_secrets_hidden(token) ? CKR_OBJECT_HANDLE_INVALID : CKR_OK;
}

/* Whether the value of this attribute is what a length query and the read after it must agree on.
 */
static bool is_value(CK_ATTRIBUTE_TYPE type)
{
    return type == CKA_VALUE || type == CKA_SIDESEAT_STATUS;
}

/* What a template needs, and whether it only asks how long the value is. */
static enum object_need template_need(const struct object *object, const CK_ATTRIBUTE *template,
                                      CK_ULONG count, bool *measures)
{
    enum object_need need = OBJECT_NEED_NOTHING;

    *measures = false;
    for (CK_ULONG i = 0; i < count; i++) {
        enum object_need one = object_need(object, template[i].type);
        /* the length of one that is not given out is not told either */
        if (is_value(template[i].type) && template[i].pValue == NULL && one != OBJECT_NEED_NOTHING)
            *measures = true;
        need |= one;
    }
    return need;
}

/* Whether this session was told the value's length and has yet to read it. */
static bool is_pinned(const struct object *object, CK_SESSION_HANDLE session)
{
    return object->pinned_by == session && object_is_pinned(object);
}

/* Whether the object has what is needed: as new as it has to be or, for the read after a length
 * query, as it was measured. */
static bool is_ready(struct object *object, CK_SESSION_HANDLE session, enum object_need need,
                     bool measures)
{
    if (!measures && (need & OBJECT_NEED_VALUE) != 0 && is_pinned(object, session) &&
        object_has(object, need))
        return true;
    return object_holds(object, need);
}

static void pin(struct object *object, CK_SESSION_HANDLE session)
{
    object_unpin(object);
    object->pinned_ns = store_time_coarse();
    object->pinned_by = session;
}

/* The object, locked, if a session on `token` may work with it; else NULL and the reason. */
static struct object *object_for(struct lib *lib, const struct token *token,
                                 CK_OBJECT_HANDLE handle, bool loaded, CK_RV *rv)
{
    struct object *object =
        loaded ? object_lock_loaded(&lib->objects, handle) : object_lock(&lib->objects, handle);

    *rv = object == NULL ? CKR_OBJECT_HANDLE_INVALID : object_visible(object, token);
    if (*rv == CKR_OK || object == NULL)
        return object;
    object_unlock(object);
    return NULL;
}

/* The object, locked and holding what the template needs. Its error is in `failed` if that could
 * not be got; NULL and an error in `failed` if the object itself is out of reach. */
static struct object *object_ready(struct lib *lib, CK_SESSION_HANDLE session,
                                   CK_OBJECT_HANDLE handle, const CK_ATTRIBUTE *template,
                                   CK_ULONG count, CK_RV *failed)
{
    const struct token *token = session_token(lib, session, NULL);
    CK_RV rv = CKR_OK;

    *failed = CKR_SESSION_HANDLE_INVALID;
    if (token == NULL)
        return NULL;
    for (int round = 0;; round++) {
        struct object *object = object_for(lib, token, handle, round > 0 && rv == CKR_OK, failed);
        enum object_need need;
        bool measures;

        if (object == NULL)
            return NULL;
        need = template_need(object, template, count, &measures);
        if (is_ready(object, session, need, measures)) {
            if (measures)
                pin(object, session);
            return object;
        }
        if (rv != CKR_OK || round == OBJECT_ROUNDS) {
            *failed = rv != CKR_OK ? rv : CKR_DEVICE_ERROR;
            return object;
        }
        object_unlock(object);
        rv = object_load(lib, handle, need, CKR_CALL_GET);
    }
}

/* Whether who asks for the value, and for nothing else that changes with it, has measured one that
 * has been replaced since by one that does not fit. Who asks for times or the version as well gets
 * what belongs together: the measured value with the version of another would let a compare-and-set
 * undo what nobody has seen. */
static bool wants_pinned(const struct object *object, CK_SESSION_HANDLE session,
                         const CK_ATTRIBUTE *value, const CK_ATTRIBUTE *template, CK_ULONG count)
{
    bool measures;

    return value->pValue != NULL && object->record.value.len > value->ulValueLen &&
           object->pinned_kept && is_pinned(object, session) &&
           (template_need(object, template, count, &measures) & OBJECT_NEED_RECORD) == 0;
}

/* One entry of the template. */
static CK_RV fill_one(const struct object *object, CK_ATTRIBUTE *attribute, bool pinned,
                      CK_RV failed)
{
    struct object_bytes bytes;
    CK_RV rv;

    if (failed != CKR_OK && object_need(object, attribute->type) != OBJECT_NEED_NOTHING)
        rv = failed;
    else
        rv = object_attribute(object, attribute->type, &bytes);
    if (rv != CKR_OK)
        attribute_refuse(attribute);
    else if (pinned)
        rv = attribute_give(attribute, object->pinned.data, object->pinned.len);
    else
        rv = attribute_give(attribute, bytes.data, bytes.len);
    return rv;
}

/* The three results that leave the other entries valid (5.7.5). */
static bool is_partial(CK_RV rv)
{
    return rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_ATTRIBUTE_TYPE_INVALID ||
           rv == CKR_BUFFER_TOO_SMALL;
}

/* The bytes that were measured have been read. A value that was got for just that is not kept: what
 * nobody waits for need not lie in memory. One that came with a listing is the listing's, and one
 * that another thread has just loaded is kept for that. */
static void object_read_done(struct object *object, CK_SESSION_HANDLE session)
{
    if (object->pinned_ns == 0 || object->pinned_by != session)
        return;
    if (object->kind == OBJECT_SECRET && !object->listing_record && object->wanted == 0) {
        store_secret_wipe(&object->record.value);
        object->complete = false;
    }
    object_unpin(object);
}

CK_RV object_get_attributes(struct lib *lib, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle,
                            CK_ATTRIBUTE *template, CK_ULONG count)
{
    struct object *object;
    CK_RV result = CKR_OK;
    CK_RV failed;
    bool was_read = false;

    if (count > TEMPLATE_MAX || (template == NULL && count > 0))
        return CKR_ARGUMENTS_BAD;
    object = object_ready(lib, session, handle, template, count, &failed);
    if (object == NULL)
        return failed;
    for (CK_ULONG i = 0; i < count; i++) {
        bool value = is_value(template[i].type);
        bool pinned = value && wants_pinned(object, session, &template[i], template, count);
        CK_RV rv = fill_one(object, &template[i], pinned, failed);
        was_read = was_read || (rv == CKR_OK && value && template[i].pValue != NULL);
        if (rv != CKR_OK && (result == CKR_OK || is_partial(result)))
            result = rv;
    }
    if (was_read)
        object_read_done(object, session);
    object_unlock(object);
    return result;
}

CK_RV object_get_size(struct lib *lib, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle,
                      CK_ULONG *size)
{
    /* the value's own size is only known to who may read it */
    CK_ATTRIBUTE template[] = {{CKA_VALUE, NULL, 0}, {CKA_LABEL, NULL, 0}};
    CK_RV rv = object_get_attributes(lib, session, handle, template, 2);

    if (rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_ATTRIBUTE_TYPE_INVALID)
        *size = CK_UNAVAILABLE_INFORMATION;
    else if (rv == CKR_OK)
        *size = template[0].ulValueLen + template[1].ulValueLen;
    return is_partial(rv) ? CKR_OK : rv;
}
