/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_pair.h"

#include <string.h>

#include "module/object/attribute.h"
#include "module/object/object_publish.h"
#include "module/object/object_view.h"
#include "module/object/schema.h"
#include "module/object/template.h"
#include "module/pair.h"
#include "module/token.h"
#include "store/log.h"

/* The exact key whose rule gives its objects this label; NULL if there is none, and for a scope key
 * that has a rule of its own: what is stored under a key goes there. */
static const char *labelled(const struct store_conf *conf, const CK_ATTRIBUTE *label)
{
    const struct store_conf_rule *rule;
    char key[STORE_KEY_MAX + 1];

    if (label != NULL && store_scope_complete(label->pValue, label->ulValueLen, key) == STORE_OK &&
        attribute_equal(label, key, (CK_ULONG)strlen(key)) &&
        store_conf_rule_find(conf, key) != NULL)
        return NULL;
    for (size_t i = 0; (rule = store_conf_rule_at(conf, i)) != NULL; i++)
        if (label != NULL && rule->label[0] != '\0' &&
            attribute_equal(label, rule->label, (CK_ULONG)strlen(rule->label)))
            return rule->pattern;
    return NULL;
}

CK_RV object_pair_secret(struct token *token, const CK_ATTRIBUTE *template, CK_ULONG count,
                         char key[STORE_KEY_MAX + 1])
{
    const char *exact = labelled(token->conf, template_find(template, count, CKA_LABEL));
    CK_RV rv = CKR_OK;

    if (exact != NULL)
        memcpy(key, exact, strlen(exact) + 1);
    else
        rv = template_key(template, count, key);
    if (rv != CKR_OK || store_conf_rule_find(token->conf, key) != NULL)
        return rv;
    store_log(STORE_LOG_WARNING,
              "pkcs11: %s matches no rule of pkcs11.keys, so nothing could use the key; add it "
              "there, or use a CKA_LABEL that matches",
              key);
    return CKR_TEMPLATE_INCONSISTENT;
}

/* True for an attribute that is checked elsewhere, or that common tools give so: a public key's
 * CKA_ENCRYPT means that others may encrypt for its private half. */
static bool is_passed_over(const CK_ATTRIBUTE *attribute)
{
    switch (attribute->type) {
    case CKA_LABEL:
    case CKA_PUBLIC_EXPONENT:
    case CKA_EC_PARAMS:
    case CKA_ENCRYPT:
    case CKA_MODULUS: /* from here on the numbers of the key itself */
    case CKA_PRIVATE_EXPONENT:
    case CKA_PRIME_1:
    case CKA_PRIME_2:
    case CKA_EXPONENT_1:
    case CKA_EXPONENT_2:
    case CKA_COEFFICIENT:
    case CKA_VALUE:
        return true;
    case CKA_PRIVATE: /* FALSE counts as TRUE, which makes the object safer */
        return attribute->ulValueLen == sizeof(CK_BBOOL);
    case CKA_ID:
    case CKA_PUBLIC_KEY_INFO:
        return attribute->ulValueLen == 0;
    default:
        return false;
    }
}

CK_RV object_pair_check(struct token *token, const char *key, enum object_kind kind,
                        struct pki *pki, unsigned char number, const CK_ATTRIBUTE *template,
                        CK_ULONG count)
{
    struct object_view view = {.token = token, .kind = kind, .pki = pki, .number = number};

    memcpy(view.key, key, strlen(key) + 1);
    if (kind == OBJECT_CERTIFICATE)
        memcpy(view.hash, pki->certificates[number].hash, sizeof view.hash);
    for (CK_ULONG i = 0; i < count; i++) {
        struct object_bytes bytes;
        if (is_passed_over(&template[i]) && kind != OBJECT_CERTIFICATE)
            continue;
        if (template[i].type == CKA_DERIVE && kind == OBJECT_PUBLIC_KEY)
            continue; /* like CKA_ENCRYPT: its private half derives */
        if (is_passed_over(&template[i]) && template[i].type != CKA_VALUE)
            continue;
        if (object_attribute(&view, template[i].type, &bytes) == CKR_OK &&
            attribute_equal(&template[i], bytes.data, bytes.len))
            continue;
        store_log(STORE_LOG_WARNING,
                  "pkcs11: the key pair %s cannot have this %s; leave it out of the template, or "
                  "change \"id\" or \"usage\" of its rule in pkcs11.keys",
                  key, schema_find(template[i].type)->name);
        return CKR_ATTRIBUTE_VALUE_INVALID;
    }
    return CKR_OK;
}

CK_RV object_pair_store(struct token *token, const char *key, const struct store_secret *text,
                        CK_MECHANISM_TYPE mechanism, CK_OBJECT_HANDLE *private,
                        CK_OBJECT_HANDLE *public)
{
    AUTO_RECORD record = {0};
    AUTO_SECRET kept = {0};
    int64_t began_ns = store_time_monotonic();
    struct object_found found = {.kind = OBJECT_PRIVATE_KEY,
                                 .key = key,
                                 .record = &record,
                                 .has_value = true,
                                 .has_metadata = true,
                                 .began_ns = began_ns};
    CK_RV rv = pair_protect(token, key, text, &kept);
    enum store_err err;

    if (rv != CKR_OK)
        return rv;
    err = token_write_new(token, key, &kept, mechanism, &record);
    if (err == STORE_CONFLICT)
        store_log(STORE_LOG_WARNING,
                  "pkcs11: %s exists, and a new key would replace it; delete it before, or use "
                  "another CKA_LABEL",
                  key);
    if (err != STORE_OK)
        return ckr_from_store(CKR_CALL_CREATE, err);
    (void)object_written(token, key, &kept, &record, began_ns);
    rv = pair_read(token, key, &record, store_time_monotonic(), &found.pki);
    if (rv != CKR_OK)
        return rv;
    found.asked_ns = store_time_monotonic();
    *private = object_upsert(&token->objects, &found);
    store_secret_wipe(&record.value);
    found.kind = OBJECT_PUBLIC_KEY;
    found.has_value = false;
    if (public != NULL)
        *public = object_upsert(&token->objects, &found);
    pki_drop(found.pki);
    return *private == 0 || (public != NULL && *public == 0) ? CKR_HOST_MEMORY : CKR_OK;
}
