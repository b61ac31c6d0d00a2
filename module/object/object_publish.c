/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_publish.h"

#include "module/ckr.h"
#include "module/object/object_session.h"
#include "module/token_key.h"
#include "store/log.h"
#include "store/time.h"

CK_RV object_may_write(const struct caller *caller)
{
    if (token_read_only(caller->token))
        return CKR_TOKEN_WRITE_PROTECTED;
    if (!caller->writable)
        return CKR_SESSION_READ_ONLY;
    return token_secrets_hidden(caller->token) ? CKR_USER_NOT_LOGGED_IN : CKR_OK;
}

const char *object_expected(const struct store_record *record)
{
    return record->version[0] == '\0' ? NULL : record->version;
}

CK_OBJECT_HANDLE object_written(struct token *token, const char *key,
                                const struct store_secret *value, struct store_record *record,
                                int64_t began_ns)
{
    struct object_found found = {
        .kind = OBJECT_SECRET,
        .key = key,
        .record = record,
        .has_value = true,
        .has_metadata = true,
        .asked_ns = store_time_monotonic(),
        .began_ns = began_ns,
    };
    CK_OBJECT_HANDLE handle;

    store_secret_share(&record->value, value);
    object_drop_faces(&token->objects, key);
    handle = object_upsert(&token->objects, &found);
    found.encoding = token_key_encoding(token, key);
    if (found.encoding != NULL) {
        found.kind = OBJECT_KEY;
        (void)object_upsert(&token->objects, &found);
    }
    return handle;
}

CK_RV object_store(struct token *token, const char *key, const struct store_secret *value,
                   const char *if_version, CK_OBJECT_HANDLE *out)
{
    AUTO_RECORD record = {0};
    int64_t began_ns = store_time_monotonic();
    enum store_err err;

    if (value->len == 0) {
        store_log(STORE_LOG_WARNING, "pkcs11: %s: the value is empty; give CKA_VALUE", key);
        return CKR_ATTRIBUTE_VALUE_INVALID;
    }
    err = token_write(token, key, value, if_version, &record);
    if (err != STORE_OK)
        return ckr_from_store(CKR_CALL_CREATE, err);
    *out = object_written(token, key, value, &record, began_ns);
    return *out == 0 ? CKR_HOST_MEMORY : CKR_OK;
}

/* Ends the object if, before it was visible, the session closed or the user logged out. */
static CK_RV check_published(const struct caller *caller, bool private, CK_OBJECT_HANDLE handle)
{
    CK_RV rv = CKR_OK;

    if (!session_is_open(caller))
        rv = CKR_SESSION_HANDLE_INVALID;
    else if (private && token_secrets_hidden(caller->token))
        rv = CKR_USER_NOT_LOGGED_IN;
    if (rv != CKR_OK)
        object_remove(&caller->token->objects, handle);
    return rv;
}

CK_RV object_publish_own(const struct caller *caller, enum object_kind kind,
                         struct session_attributes *own, struct store_secret *value,
                         CK_OBJECT_HANDLE *out)
{
    bool private = session_attributes_has(own, OBJECT_PRIVATE);
    CK_RV rv = private && token_secrets_hidden(caller->token) ? CKR_USER_NOT_LOGGED_IN : CKR_OK;

    if (rv == CKR_OK) {
        *out = object_new_in_session(&caller->token->objects, caller->handle, kind, own, value);
        if (*out != 0)
            return check_published(caller, private, *out);
        rv = CKR_HOST_MEMORY;
    }
    session_attributes_free(own);
    return rv;
}

CK_RV object_refuse_public(void)
{
    store_log(
        STORE_LOG_WARNING,
        "pkcs11: the store keeps private keys, whose public halves are there with them; leave "
        "CKA_TOKEN out to use a public key in this session");
    return CKR_TEMPLATE_INCONSISTENT;
}
