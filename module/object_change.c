/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "module/attribute.h"
#include "module/lib.h"
#include "module/object_create.h"
#include "module/object_read.h"
#include "module/object_write.h"
#include "module/schema.h"
#include "module/template.h"
#include "store/time.h"

/* How often a change is tried again when another one comes between. */
#define CHANGE_ROUNDS 8

/* What a change needs to know of an object that it must not hold. */
struct subject {
    struct token *token;
    enum object_kind kind;
    bool writable; /* the session is */
    bool modifiable;
    bool copyable;
    bool destroyable;
    char key[STORE_KEY_MAX + 1];
};

static CK_BBOOL flag_of(const struct object *object, CK_ATTRIBUTE_TYPE type)
{
    struct object_bytes bytes;
    CK_BBOOL flag = CK_FALSE;

    if (object_attribute(object, type, &bytes) == CKR_OK && bytes.len == sizeof flag)
        memcpy(&flag, bytes.data, sizeof flag);
    return flag;
}

static CK_RV subject_take(struct lib *lib, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle,
                          struct subject *subject)
{
    struct object *object;
    CK_RV rv;

    subject->token = session_token(lib, session, &subject->writable);
    if (subject->token == NULL)
        return CKR_SESSION_HANDLE_INVALID;
    object = object_lock(&lib->objects, handle);
    if (object == NULL)
        return CKR_OBJECT_HANDLE_INVALID;
    rv = object_visible(object, subject->token);
    subject->kind = object->kind;
    subject->modifiable = flag_of(object, CKA_MODIFIABLE);
    subject->copyable = flag_of(object, CKA_COPYABLE);
    subject->destroyable = flag_of(object, CKA_DESTROYABLE);
    subject->key[0] = '\0';
    if (object->key != NULL)
        memcpy(subject->key, object->key, strlen(object->key) + 1);
    object_unlock(object);
    return rv;
}

/* Replaces the value of a secret that is there, at `if_version` or, with none given, at whatever
 * version it is found: one that has been deleted in the meantime is not made again. */
static CK_RV replace(struct lib *lib, const struct subject *subject,
                     const struct store_secret *value, const char *if_version)
{
    enum store_err err = STORE_CONFLICT;
    int64_t first_ns = store_time_monotonic();

    for (int round = 0; err == STORE_CONFLICT && round < CHANGE_ROUNDS; round++) {
        AUTO_RECORD now = {0};
        AUTO_RECORD record = {0};
        int64_t began_ns = store_time_monotonic();
        const char *expected = if_version;

        if (expected == NULL) {
            err = token_read(subject->token, subject->key, &now);
            expected = now.version[0] == '\0' ? NULL : now.version;
            if (err == STORE_NO_VALUE) {
                err = STORE_OK;
                expected = "0";
            }
        } else {
            err = STORE_OK;
        }
        if (err == STORE_OK)
            err = token_write(subject->token, subject->key, value, expected, &record);
        if (err == STORE_OK)
            (void)object_written(lib, subject->token, subject->key, value, &record, began_ns);
        if (if_version != NULL)
            break;
    }
    if (err == STORE_NOT_FOUND)
        object_remove_key(&lib->objects, subject->token, subject->key, first_ns);
    return ckr_from_store(CKR_CALL_SET, err);
}

static CK_RV set_secret(struct lib *lib, const struct subject *subject,
                        const CK_ATTRIBUTE *template, CK_ULONG count)
{
    const CK_ATTRIBUTE *given = template_find(template, count, CKA_VALUE);
    AUTO_SECRET value = {0};
    char version[STORE_VERSION_SIZE];
    CK_RV rv = template_version(template, count, version);

    if (rv == CKR_OK && given == NULL)
        rv = version[0] == '\0' ? CKR_OK : CKR_TEMPLATE_INCONSISTENT;
    else if (rv == CKR_OK && given->ulValueLen == 0)
        rv = CKR_ATTRIBUTE_VALUE_INVALID;
    if (rv != CKR_OK || given == NULL)
        return rv;
    rv = attribute_secret(given, &value);
    if (rv != CKR_OK)
        return rv;
    return replace(lib, subject, &value, version[0] == '\0' ? NULL : version);
}

/* Changes a session object, all of it or nothing. */
static CK_RV set_own(struct lib *lib, CK_OBJECT_HANDLE handle, const CK_ATTRIBUTE *template,
                     CK_ULONG count)
{
    const CK_ATTRIBUTE *given = template_find(template, count, CKA_VALUE);
    struct object_own fresh = {0};
    AUTO_SECRET value = {0};
    struct object *object;
    CK_BBOOL copyable = CK_TRUE;
    CK_RV rv = attribute_bool(template_find(template, count, CKA_COPYABLE), &copyable);

    if (rv == CKR_OK)
        rv = attribute_secret(given, &value);
    object = object_lock(&lib->objects, handle);
    if (object == NULL)
        return CKR_OBJECT_HANDLE_INVALID;
    if (rv == CKR_OK && template_find(template, count, CKA_COPYABLE) != NULL && copyable &&
        !object->own->copyable)
        rv = CKR_ATTRIBUTE_READ_ONLY; /* it can only be taken away (4.4) */
    if (rv == CKR_OK) {
        store_secret_share(&fresh.label, &object->own->label);
        store_secret_share(&fresh.application, &object->own->application);
        store_secret_share(&fresh.object_id, &object->own->object_id);
        store_secret_share(&fresh.id, &object->own->id);
        rv = template_to_own(template, count, &fresh);
    }
    if (rv == CKR_OK) {
        store_secret_move(&object->own->label, &fresh.label);
        store_secret_move(&object->own->application, &fresh.application);
        store_secret_move(&object->own->object_id, &fresh.object_id);
        store_secret_move(&object->own->id, &fresh.id);
        object->own->copyable = object->own->copyable && copyable;
        if (given != NULL)
            store_secret_move(&object->record.value, &value);
    }
    object_unlock(object);
    store_secret_wipe(&fresh.label);
    store_secret_wipe(&fresh.application);
    store_secret_wipe(&fresh.object_id);
    store_secret_wipe(&fresh.id);
    return rv;
}

CK_RV object_set_attributes(struct lib *lib, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle,
                            const CK_ATTRIBUTE *template, CK_ULONG count)
{
    struct subject subject;
    CK_RV rv = subject_take(lib, session, handle, &subject);

    if (rv == CKR_OK && subject.key[0] != '\0')
        rv = object_may_write(subject.token, subject.writable);
    if (rv == CKR_OK && !subject.modifiable)
        rv = CKR_ACTION_PROHIBITED;
    if (rv == CKR_OK)
        rv = schema_check(subject.kind, SCHEMA_SET, template, count);
    if (rv != CKR_OK)
        return rv;
    return subject.kind == OBJECT_SECRET ? set_secret(lib, &subject, template, count)
                                         : set_own(lib, handle, template, count);
}

/* What a copy starts from. */
struct source {
    struct store_secret value;
    struct object_own *own; /* for a copy that is a session object */
};

static void source_clear(struct source *source)
{
    store_secret_wipe(&source->value);
    object_own_free(source->own);
}

/* The object, locked and holding its value; NULL and the reason if that cannot be got. */
static struct object *object_with_value(struct lib *lib, CK_OBJECT_HANDLE handle, CK_RV *rv)
{
    for (int round = 0;; round++) {
        struct object *object = round == 0 ? object_lock(&lib->objects, handle)
                                           : object_lock_loaded(&lib->objects, handle);

        *rv = object == NULL ? CKR_OBJECT_HANDLE_INVALID : CKR_OK;
        if (object == NULL || object_holds(object, OBJECT_NEED_VALUE))
            return object;
        object_unlock(object);
        *rv = round == OBJECT_ROUNDS ? CKR_DEVICE_ERROR
                                     : object_load(lib, handle, OBJECT_NEED_VALUE, CKR_CALL_GET);
        if (*rv != CKR_OK)
            return NULL;
    }
}

static CK_RV take_source(struct lib *lib, CK_OBJECT_HANDLE handle, bool to_token,
                         struct source *source)
{
    struct object *object;
    CK_RV rv;

    source->own = to_token ? NULL : object_own_new(OBJECT_SESSION_DATA);
    if (!to_token && source->own == NULL)
        return CKR_HOST_MEMORY;
    object = object_with_value(lib, handle, &rv);
    if (object == NULL)
        return rv;
    store_secret_share(&source->value, &object->record.value);
    if (!to_token && object->own != NULL) {
        store_secret_share(&source->own->label, &object->own->label);
        store_secret_share(&source->own->application, &object->own->application);
        store_secret_share(&source->own->object_id, &object->own->object_id);
        source->own->private = object->own->private;
        source->own->modifiable = object->own->modifiable;
        source->own->destroyable = object->own->destroyable;
    } else if (!to_token) {
        if (store_secret_set(&source->own->label, object->key, strlen(object->key)) != STORE_OK ||
            store_secret_set(&source->own->application, "sideseat", 8) != STORE_OK)
            rv = CKR_HOST_MEMORY;
    }
    object_unlock(object);
    return rv;
}

/* The scope key of a copy that goes to the store: the label that the template gives. */
static CK_RV copy_to_token(struct lib *lib, const struct subject *subject,
                           const struct source *source, const CK_ATTRIBUTE *template,
                           CK_ULONG count, CK_OBJECT_HANDLE *out)
{
    char key[STORE_KEY_MAX + 1];
    char version[STORE_VERSION_SIZE];
    CK_RV rv = object_may_write(subject->token, subject->writable);

    if (rv == CKR_OK)
        rv = template_check_secret(template, count);
    if (rv == CKR_OK)
        rv = template_key(template, count, key);
    if (rv == CKR_OK)
        rv = template_version(template, count, version);
    if (rv == CKR_OK)
        rv = object_store(lib, subject->token, key, &source->value,
                          version[0] == '\0' ? "0" : version, out);
    return rv;
}

CK_RV object_copy(struct lib *lib, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle,
                  const CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *out)
{
    struct subject subject;
    __attribute__((cleanup(source_clear))) struct source source = {0};
    struct object_own *own;
    CK_BBOOL to_token;
    CK_RV rv = subject_take(lib, session, handle, &subject);

    if (rv == CKR_OK && out == NULL)
        rv = CKR_ARGUMENTS_BAD;
    if (rv == CKR_OK && !subject.copyable)
        rv = CKR_ACTION_PROHIBITED;
    if (rv == CKR_OK)
        rv = schema_check(subject.kind == OBJECT_SECRET ? OBJECT_SECRET : OBJECT_SESSION_DATA,
                          SCHEMA_COPY, template, count);
    if (rv != CKR_OK)
        return rv;
    to_token = subject.kind == OBJECT_SECRET;
    rv = attribute_bool(template_find(template, count, CKA_TOKEN), &to_token);
    if (rv == CKR_OK)
        rv = take_source(lib, handle, to_token, &source);
    if (rv == CKR_OK && to_token)
        return copy_to_token(lib, &subject, &source, template, count, out);
    if (rv == CKR_OK)
        rv = template_to_own(template, count, source.own);
    if (rv != CKR_OK)
        return rv;
    own = source.own;
    source.own = NULL; /* handed over */
    return object_publish_own(lib, subject.token, session, OBJECT_SESSION_DATA, own, &source.value,
                              out);
}

CK_RV object_destroy(struct lib *lib, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle)
{
    struct subject subject;
    int64_t began_ns;
    enum store_err err;
    CK_RV rv = subject_take(lib, session, handle, &subject);

    if (rv == CKR_OK && subject.key[0] != '\0')
        rv = object_may_write(subject.token, subject.writable);
    if (rv == CKR_OK && !subject.destroyable)
        rv = CKR_ACTION_PROHIBITED;
    if (rv != CKR_OK)
        return rv;
    if (subject.kind != OBJECT_SECRET) {
        object_remove(&lib->objects, handle);
        return CKR_OK;
    }
    began_ns = store_time_monotonic();
    err = token_remove(subject.token, subject.key);
    if (err == STORE_OK || err == STORE_NOT_FOUND)
        object_remove_key(&lib->objects, subject.token, subject.key, began_ns);
    return ckr_from_store(CKR_CALL_DESTROY, err);
}
