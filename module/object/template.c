/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/template.h"

#include <string.h>

#include "module/object/attribute.h"
#include "module/key.h"
#include "module/mechanism.h"
#include "module/object/schema.h"
#include "store/log.h"
#include "store/scope.h"

static CK_RV refuse(const char *what)
{
    store_log(STORE_LOG_WARNING,
              "pkcs11: a store cannot keep %s; leave that attribute out of the template", what);
    return CKR_ATTRIBUTE_VALUE_INVALID;
}

CK_RV template_apply(const CK_ATTRIBUTE *template, CK_ULONG count, struct session_attributes *own)
{
    CK_RV rv = attribute_ulong(template_find(template, count, CKA_KEY_TYPE), &own->key_type);

    for (CK_ULONG i = 0; rv == CKR_OK && i < count; i++) {
        const struct schema_row *row = schema_find(template[i].type);
        CK_BBOOL flag = CK_FALSE;

        if (row == NULL || row->place == SCHEMA_NOWHERE)
            continue;
        if (row->form == SCHEMA_FLAG) {
            rv = attribute_bool(&template[i], &flag);
            own->flags &= ~OBJECT_BIT(row->place);
            own->flags |= flag ? OBJECT_BIT(row->place) : 0;
        } else {
            rv = attribute_secret(&template[i], &own -> texts[row->place]);
            own->limited = own->limited || row->place == OBJECT_ALLOWED;
        }
    }
    return rv;
}

static bool names_a_use_of_aes(const CK_ATTRIBUTE *template, CK_ULONG count)
{
    static const CK_ATTRIBUTE_TYPE uses[] = {CKA_ENCRYPT, CKA_DECRYPT, CKA_WRAP, CKA_UNWRAP};

    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++)
        if (template_find(template, count, uses[i]) != NULL)
            return true;
    return false;
}

CK_RV template_apply_key(const CK_ATTRIBUTE *template, CK_ULONG count,
                         struct session_attributes *own)
{
    CK_RV rv = template_apply(template, count, own);

    if (own->key_type != CKK_AES && own->key_type != CKK_EC_MONTGOMERY)
        return rv;
    if (template_find(template, count, CKA_SIGN) == NULL)
        own->flags &= ~OBJECT_BIT(OBJECT_SIGN);
    if (template_find(template, count, CKA_VERIFY) == NULL)
        own->flags &= ~OBJECT_BIT(OBJECT_VERIFY);
    if (own->key_type == CKK_AES && !names_a_use_of_aes(template, count))
        own->flags |= OBJECT_BIT(OBJECT_ENCRYPT) | OBJECT_BIT(OBJECT_DECRYPT);
    return rv;
}

CK_RV template_check_change(const CK_ATTRIBUTE *template, CK_ULONG count,
                            const struct session_attributes *own)
{
    for (CK_ULONG i = 0; i < count; i++) {
        const struct schema_row *row = schema_find(template[i].type);
        CK_BBOOL flag = CK_FALSE;
        bool is;

        if (row == NULL || (row->change != SCHEMA_RAISE && row->change != SCHEMA_LOWER))
            continue;
        if (attribute_bool(&template[i], &flag) != CKR_OK)
            return CKR_ATTRIBUTE_VALUE_INVALID;
        is = session_attributes_has(own, (enum object_flag)row->place);
        if (is != (bool)flag && is == (row->change == SCHEMA_RAISE))
            return CKR_ATTRIBUTE_READ_ONLY;
    }
    return CKR_OK;
}

/* A flag that is fixed for an object of the token. */
struct fixed {
    enum object_flag flag;
    bool is;
    const char *other; /* the setting to name in the log */
};

static CK_RV check_fixed(const struct session_attributes *own, const struct fixed *fixed,
                         size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (session_attributes_has(own, fixed[i].flag) != fixed[i].is)
            return refuse(fixed[i].other);
    return CKR_OK;
}

CK_RV template_check_secret(const struct session_attributes *own)
{
    static const struct fixed fixed[] = {
        {OBJECT_MODIFIABLE, true, "CKA_MODIFIABLE FALSE"},
        {OBJECT_COPYABLE, true, "CKA_COPYABLE FALSE"},
        {OBJECT_DESTROYABLE, true, "CKA_DESTROYABLE FALSE"},
    };
    const struct store_secret *application = &own->texts[OBJECT_APPLICATION];

    if (application->len > 0 &&
        !store_secret_equal(application, OBJECT_APPLICATION_TEXT, strlen(OBJECT_APPLICATION_TEXT)))
        return refuse("a CKA_APPLICATION other than \"" OBJECT_APPLICATION_TEXT "\"");
    if (own->texts[OBJECT_OBJECT_ID].len > 0)
        return refuse("a CKA_OBJECT_ID");
    return check_fixed(own, fixed, sizeof fixed / sizeof fixed[0]);
}

/* Checks the attributes of bytes, none of which a store keeps. */
static CK_RV check_texts(const struct session_attributes *own, const char *key)
{
    const struct store_secret *id = &own->texts[OBJECT_ID];
    unsigned char real[KEY_ID_LEN];

    key_id(key, real);
    if (id->len > 0 && !store_secret_equal(id, real, sizeof real))
        return refuse("a CKA_ID of your choice");
    if (own->texts[OBJECT_START_DATE].len > 0 || own->texts[OBJECT_END_DATE].len > 0)
        return refuse("a CKA_START_DATE or CKA_END_DATE");
    if (own->limited)
        return refuse("CKA_ALLOWED_MECHANISMS of your choice");
    return CKR_OK;
}

CK_RV template_check_key(const struct session_attributes *own, const char *key)
{
    static const struct fixed fixed[] = {
        {OBJECT_MODIFIABLE, false, "CKA_MODIFIABLE TRUE"},
        {OBJECT_COPYABLE, false, "CKA_COPYABLE TRUE"},
        {OBJECT_DESTROYABLE, false, "CKA_DESTROYABLE TRUE"},
        {OBJECT_EXTRACTABLE, false, "CKA_EXTRACTABLE TRUE"},
        {OBJECT_SIGN, true, "CKA_SIGN FALSE"},
        {OBJECT_VERIFY, true, "CKA_VERIFY FALSE"},
    };
    CK_RV rv = check_texts(own, key);

    if (own->key_type != CKK_GENERIC_SECRET)
        return CKR_TEMPLATE_INCONSISTENT;
    return rv == CKR_OK ? check_fixed(own, fixed, sizeof fixed / sizeof fixed[0]) : rv;
}

CK_RV template_check_aes(const struct session_attributes *own, const char *key, uint32_t flags)
{
    /* common tools send FALSE unasked, which is taken as TRUE: it makes the key safer */
    const uint32_t raised = OBJECT_BIT(OBJECT_PRIVATE) | OBJECT_BIT(OBJECT_SENSITIVE);
    uint32_t wrong = (own->flags ^ flags) & ~raised;

    if (own->key_type != CKK_AES)
        return CKR_TEMPLATE_INCONSISTENT;
    if (wrong == 0)
        return check_texts(own, key);
    store_log(STORE_LOG_WARNING,
              "pkcs11: the template for the AES key %s gives %s another value than its rule; leave "
              "that attribute out, or change the \"usage\" of the rule in pkcs11.keys",
              key, schema_flag_name(wrong));
    return CKR_ATTRIBUTE_VALUE_INVALID;
}

CK_RV template_check_session_key(const CK_ATTRIBUTE *template, CK_ULONG count,
                                 const struct session_attributes *own, size_t len)
{
    CK_ULONG said = (CK_ULONG)len;
    CK_RV rv = attribute_ulong(template_find(template, count, CKA_VALUE_LEN), &said);

    if (rv != CKR_OK)
        return rv;
    if (!mechanism_has_key_type(own->key_type) || said != len)
        return CKR_TEMPLATE_INCONSISTENT;
    if (own->key_type == CKK_AES)
        return mechanism_is_aes_length(len) ? CKR_OK : CKR_ATTRIBUTE_VALUE_INVALID;
    if (len < MECHANISM_HMAC_KEY_MIN || len > MECHANISM_HMAC_KEY_MAX)
        return CKR_ATTRIBUTE_VALUE_INVALID;
    return CKR_OK;
}

CK_RV template_check_session_private(const struct session_attributes *own)
{
    if (session_attributes_has(own, OBJECT_ALWAYS_AUTHENTICATE)) {
        store_log(STORE_LOG_WARNING,
                  "pkcs11: a key of a session asks for no login before each use; leave "
                  "CKA_ALWAYS_AUTHENTICATE TRUE out of the template");
        return CKR_ATTRIBUTE_VALUE_INVALID;
    }
    if (session_attributes_has(own, OBJECT_SENSITIVE) &&
        !session_attributes_has(own, OBJECT_EXTRACTABLE))
        return CKR_OK;
    store_log(STORE_LOG_WARNING, "pkcs11: the module gives no private key out; leave CKA_SENSITIVE "
                                 "FALSE and CKA_EXTRACTABLE TRUE out of the template");
    return CKR_ATTRIBUTE_VALUE_INVALID;
}

CK_RV template_key(const CK_ATTRIBUTE *template, CK_ULONG count, char out[STORE_KEY_MAX + 1])
{
    const CK_ATTRIBUTE *label = template_find(template, count, CKA_LABEL);

    if (label == NULL || label->ulValueLen == 0)
        return CKR_TEMPLATE_INCOMPLETE;
    if (store_scope_complete(label->pValue, label->ulValueLen, out) == STORE_OK)
        return CKR_OK;
    /* without the label: a user who swaps the arguments has put a value there */
    store_log(
        STORE_LOG_WARNING,
        "pkcs11: the CKA_LABEL of %lu bytes is not a scope key; use global/NAME, org/ID/NAME, "
        "project/ID/NAME or user/ID/NAME, in UTF-8 and at most %d bytes",
        label->ulValueLen, STORE_KEY_MAX);
    return CKR_ATTRIBUTE_VALUE_INVALID;
}

CK_RV template_version(const CK_ATTRIBUTE *template, CK_ULONG count, char out[STORE_VERSION_SIZE])
{
    const CK_ATTRIBUTE *version = template_find(template, count, CKA_SIDESEAT_VERSION);

    out[0] = '\0';
    if (version == NULL)
        return CKR_OK;
    if (version->ulValueLen == 0 || version->ulValueLen >= STORE_VERSION_SIZE ||
        memchr(version->pValue, '\0', version->ulValueLen) != NULL)
        return CKR_ATTRIBUTE_VALUE_INVALID;
    memcpy(out, version->pValue, version->ulValueLen);
    out[version->ulValueLen] = '\0';
    return strcmp(out, STORE_VERSION_ANY) == 0 ? CKR_ATTRIBUTE_VALUE_INVALID : CKR_OK;
}
