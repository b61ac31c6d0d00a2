/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_change.h"

#include <string.h>

#include "module/audit.h"
#include "module/object/attribute.h"
#include "module/object/object_certificate.h"
#include "module/object/object_publish.h"
#include "module/object/object_session.h"
#include "module/object/object_version.h"
#include "module/object/object_view.h"
#include "module/object/schema.h"
#include "module/object/template.h"
#include "module/token.h"
#include "store/log.h"
#include "store/time.h"

/* Replaces the value of an existing secret, if it is at the version `if_version`. Never creates a
 * secret that has been deleted meanwhile. */
static CK_RV replace(const struct object_view *subject, const struct store_secret *value,
                     const char *if_version)
{
    AUTO_RECORD record = {0};
    int64_t began_ns = store_time_monotonic();
    enum store_err err = token_write(subject->token, subject->key, value, if_version, &record);

    if (err == STORE_OK)
        (void)object_written(subject->token, subject->key, value, &record, began_ns);
    if (err == STORE_NOT_FOUND)
        object_remove_key(&subject->token->objects, subject->key, began_ns);
    return ckr_from_store(CKR_CALL_SET, err);
}

static CK_RV set_secret(const struct object_view *subject, const CK_ATTRIBUTE *template,
                        CK_ULONG count)
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
    return replace(subject, &value, version[0] == '\0' ? STORE_VERSION_ANY : version);
}

/* Changes all attributes of a session object, or none. Other threads' views keep the old ones. */
static CK_RV set_own(const struct object_view *subject, const CK_ATTRIBUTE *template,
                     CK_ULONG count)
{
    const CK_ATTRIBUTE *given = template_find(template, count, CKA_VALUE);
    struct object_table *objects = &subject->token->objects;
    AUTO_SECRET value = {0};
    struct session_attributes *fresh;
    struct object *object;
    CK_RV rv = attribute_secret(given, &value);

    if (rv != CKR_OK)
        return rv;
    object = object_lock(objects, subject->handle);
    if (object == NULL)
        return CKR_OBJECT_HANDLE_INVALID;
    fresh = session_attributes_copy(object->own);
    rv = fresh == NULL ? CKR_HOST_MEMORY : template_check_change(template, count, fresh);
    if (rv == CKR_OK)
        rv = template_apply(template, count, fresh);
    if (rv == CKR_OK) {
        struct session_attributes *old = object->own;
        object->own = fresh;
        fresh = old;
        if (given != NULL)
            store_secret_move(&object->record.value, &value);
    }
    object_unlock(objects, object);
    session_attributes_free(fresh);
    return rv;
}

/* A status object permits two changes, each with the value "1". */
static const struct order {
    CK_ATTRIBUTE_TYPE type;
    bool writes; /* so the session and the token must be writable */
    enum store_err (*carry_out)(struct token *token);
} orders[] = {
    {CKA_SIDESEAT_ACCEPT_LOSS, true, token_accept_loss},
    {CKA_SIDESEAT_LOCK, false, token_lock},
};

static CK_RV set_status(const struct caller *caller, const CK_ATTRIBUTE *template, CK_ULONG count)
{
    const struct order *order = NULL;
    AUTO_SECRET value = {0};
    CK_RV rv;

    for (size_t i = 0; count == 1 && i < sizeof orders / sizeof orders[0]; i++)
        if (orders[i].type == template[0].type)
            order = &orders[i];
    if (order == NULL)
        return CKR_ACTION_PROHIBITED;
    rv = order->writes ? object_may_write(caller) : CKR_OK;
    if (rv == CKR_OK)
        rv = schema_check(OBJECT_STATUS, SCHEMA_SET, template, count);
    if (rv == CKR_OK)
        rv = attribute_secret(&template[0], &value);
    if (rv != CKR_OK)
        return rv;
    if (!store_secret_equal(&value, "1", 1))
        return CKR_ATTRIBUTE_VALUE_INVALID;
    return ckr_from_store(CKR_CALL_SET, order->carry_out(caller->token));
}

CK_RV object_set_attributes(const struct caller *caller, CK_OBJECT_HANDLE handle,
                            const CK_ATTRIBUTE *template, CK_ULONG count)
{
    AUTO_VIEW subject;
    CK_RV rv = object_view(caller->token, handle, &subject);

    if (rv == CKR_OK && subject.key[0] != '\0')
        rv = object_may_write(caller);
    if (rv == CKR_OK)
        rv = template_check(template, count);
    if (rv == CKR_OK && subject.kind == OBJECT_STATUS) {
        rv = set_status(caller, template, count);
        session_drop_sized(caller, handle);
        return rv;
    }
    if (rv == CKR_OK && subject.kind == OBJECT_VERSION)
        return object_version_set(&subject, template, count);
    if (rv == CKR_OK && !object_is(&subject, CKA_MODIFIABLE))
        rv = CKR_ACTION_PROHIBITED;
    if (rv == CKR_OK)
        rv = schema_check(subject.kind, SCHEMA_SET, template, count);
    if (rv != CKR_OK)
        return rv;
    rv = subject.kind == OBJECT_SECRET ? set_secret(&subject, template, count)
                                       : set_own(&subject, template, count);
    if (rv == CKR_OK)
        session_drop_sized(caller, handle);
    return rv;
}

/* Makes the copy's attributes from the subject's and the template, and sets the copy's value in
 * `subject`. NULL, and the error in `rv`, if that is impossible. */
static struct session_attributes *
copied_own(struct object_view *subject, const CK_ATTRIBUTE *template, CK_ULONG count, CK_RV *rv)
{
    struct session_attributes *own = subject->own != NULL
                                         ? session_attributes_copy(subject->own)
                                         : session_attributes_new(OBJECT_DATA_FLAGS);

    *rv = own == NULL ? CKR_HOST_MEMORY : CKR_OK;
    if (own != NULL && subject->own == NULL &&
        (store_secret_set(&own->texts[OBJECT_LABEL], subject->key, strlen(subject->key)) !=
             STORE_OK ||
         store_secret_set(&own->texts[OBJECT_APPLICATION], OBJECT_APPLICATION_TEXT,
                          strlen(OBJECT_APPLICATION_TEXT)) != STORE_OK))
        *rv = CKR_HOST_MEMORY;
    if (*rv == CKR_OK)
        *rv = template_check_change(template, count, own);
    if (*rv == CKR_OK)
        *rv = template_apply(template, count, own);
    if (*rv == CKR_OK)
        *rv = attribute_secret(template_find(template, count, CKA_VALUE), &subject->record.value);
    if (*rv == CKR_OK)
        return own;
    session_attributes_free(own);
    return NULL;
}

/* Stores a copy under the scope key that the template's label gives. */
static CK_RV copy_to_token(const struct caller *caller, const struct object_view *subject,
                           const struct session_attributes *own, const CK_ATTRIBUTE *template,
                           CK_ULONG count, CK_OBJECT_HANDLE *out)
{
    char key[STORE_KEY_MAX + 1];
    char version[STORE_VERSION_SIZE];
    CK_RV rv = object_may_write(caller);

    if (rv == CKR_OK)
        rv = template_check_secret(own);
    if (rv == CKR_OK)
        rv = template_key(template, count, key);
    if (rv == CKR_OK)
        rv = template_version(template, count, version);
    if (rv == CKR_OK)
        rv = object_store(caller->token, key, &subject->record.value,
                          version[0] == '\0' ? "0" : version, out);
    return rv;
}

/* Checks that the copy can exist where the template wants it. */
static CK_RV check_place(const struct object_view *subject, bool to_token,
                         const CK_ATTRIBUTE *template, CK_ULONG count)
{
    if (to_token && subject->kind == OBJECT_SESSION_KEY) {
        store_log(STORE_LOG_WARNING,
                  "pkcs11: the store cannot keep a session key; store a data object "
                  "and list it in pkcs11.hmac_keys");
        return CKR_TEMPLATE_INCONSISTENT;
    }
    if (to_token && subject->kind == OBJECT_SESSION_PUBLIC)
        return object_refuse_public();
    if (to_token && subject->kind == OBJECT_SESSION_PRIVATE) {
        store_log(STORE_LOG_WARNING, "pkcs11: a private key of a session stays there; make it with "
                                     "CKA_TOKEN TRUE to keep it");
        return CKR_TEMPLATE_INCONSISTENT;
    }
    if (!to_token && template_find(template, count, CKA_SIDESEAT_VERSION) != NULL)
        return CKR_TEMPLATE_INCONSISTENT; /* a session object has no version */
    return CKR_OK;
}

/* Makes the copy; the caller has made the checks. */
static CK_RV make_copy(const struct caller *caller, struct object_view *subject, bool to_token,
                       const CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *out)
{
    enum object_kind kind = subject->own != NULL ? subject->kind : OBJECT_SESSION_DATA;
    struct session_attributes *own;
    CK_RV rv = object_view_load(subject, OBJECT_NEED_VALUE, CKR_CALL_GET);

    if (rv != CKR_OK)
        return rv;
    if (subject->kind == OBJECT_SECRET) /* the caller can read the copy instead */
        audit_value(subject->token, subject->key, &subject->record, CKR_OK);
    own = copied_own(subject, template, count, &rv);
    if (own == NULL)
        return rv;
    if (!to_token)
        return object_publish_own(caller, kind, own, &subject->record.value, out);
    rv = copy_to_token(caller, subject, own, template, count, out);
    session_attributes_free(own);
    return rv;
}

CK_RV object_copy(const struct caller *caller, CK_OBJECT_HANDLE handle,
                  const CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *out)
{
    AUTO_VIEW subject;
    CK_BBOOL to_token;
    CK_RV rv = object_view(caller->token, handle, &subject);

    if (rv == CKR_OK && out == NULL)
        rv = CKR_ARGUMENTS_BAD;
    if (rv == CKR_OK && !object_is(&subject, CKA_COPYABLE))
        rv = CKR_ACTION_PROHIBITED;
    if (rv == CKR_OK)
        rv = template_check(template, count);
    if (rv == CKR_OK)
        rv = schema_check(subject.kind, SCHEMA_COPY, template, count);
    if (rv != CKR_OK)
        return rv;
    to_token = subject.kind == OBJECT_SECRET;
    rv = attribute_bool(template_find(template, count, CKA_TOKEN), &to_token);
    if (rv == CKR_OK)
        rv = check_place(&subject, to_token, template, count);
    return rv == CKR_OK ? make_copy(caller, &subject, to_token, template, count, out) : rv;
}

/* Deletes the secret of a data object in any version, and that of a private key only while it holds
 * the key: a value that another program has stored since stays. */
static CK_RV destroy_secret(struct object_view *subject)
{
    struct object_table *objects = &subject->token->objects;
    bool pair = subject->kind == OBJECT_PRIVATE_KEY;
    int64_t began_ns = store_time_monotonic();
    enum store_err err;
    CK_RV rv = CKR_OK;

    if (pair)
        rv = object_view_load(subject, OBJECT_NEED_FACE | OBJECT_NEED_RECORD, CKR_CALL_DESTROY);
    if (rv != CKR_OK)
        return rv;
    err =
        token_remove(subject->token, subject->key, pair ? object_expected(&subject->record) : NULL);
    if (err == STORE_OK || err == STORE_NOT_FOUND)
        object_remove_key(objects, subject->key, began_ns);
    if (err == STORE_CONFLICT)
        object_drop_faces(objects, subject->key);
    return ckr_from_store(CKR_CALL_DESTROY, err);
}

CK_RV object_destroy(const struct caller *caller, CK_OBJECT_HANDLE handle)
{
    AUTO_VIEW subject;
    CK_RV rv = object_view(caller->token, handle, &subject);

    if (rv == CKR_OK && subject.key[0] != '\0')
        rv = object_may_write(caller);
    if (rv == CKR_OK && !object_is(&subject, CKA_DESTROYABLE))
        rv = CKR_ACTION_PROHIBITED;
    if (rv != CKR_OK)
        return rv;
    if (subject.own != NULL) {
        object_remove(&caller->token->objects, handle);
        return CKR_OK;
    }
    if (subject.kind == OBJECT_CERTIFICATE)
        return object_certificate_destroy(&subject);
    return destroy_secret(&subject);
}
