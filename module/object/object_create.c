/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_create.h"

#include <stdlib.h>
#include <string.h>

#include "module/object/attribute.h"
#include "module/ckr.h"
#include "module/key.h"
#include "module/token_key.h"
#include "module/token_usage.h"
#include "module/mechanism.h"
#include "module/object/object_publish.h"
#include "module/object/object_certificate.h"
#include "module/object/object_private.h"
#include "module/object/object_public.h"
#include "module/object/schema.h"
#include "module/object/template.h"
#include "module/random.h"
#include "store/log.h"
#include "store/time.h"

/* Stores the secret that a template describes. */
static CK_RV create_secret(struct token *token, const CK_ATTRIBUTE *template, CK_ULONG count,
                           CK_OBJECT_HANDLE *out)
{
    AUTO_SECRET value = {0};
    AUTO_OWN own = {.flags = OBJECT_DATA_FLAGS};
    char key[STORE_KEY_MAX + 1];
    char version[STORE_VERSION_SIZE];
    CK_RV rv = template_apply(template, count, &own);

    if (rv == CKR_OK)
        rv = template_check_secret(&own);
    if (rv == CKR_OK)
        rv = template_key(template, count, key);
    if (rv == CKR_OK)
        rv = template_version(template, count, version);
    if (rv == CKR_OK)
        rv = attribute_secret(template_find(template, count, CKA_VALUE), &value);
    if (rv == CKR_OK)
        rv = object_store(token, key, &value, version[0] == '\0' ? NULL : version, out);
    return rv;
}

/* Sets the attributes of a generated key that its template does not give (4.7, 4.8). */
static void mark_generated(struct session_attributes *own, CK_MECHANISM_TYPE mechanism)
{
    own->flags |= OBJECT_BIT(OBJECT_LOCAL);
    own->key_gen_mechanism = mechanism;
    if (session_attributes_has(own, OBJECT_SENSITIVE))
        own->flags |= OBJECT_BIT(OBJECT_ALWAYS_SENSITIVE);
    if (!session_attributes_has(own, OBJECT_EXTRACTABLE))
        own->flags |= OBJECT_BIT(OBJECT_NEVER_EXTRACTABLE);
}

/* The public key that a template describes becomes a part of the attributes. */
static CK_RV create_public(const struct caller *caller, const CK_ATTRIBUTE *template,
                           CK_ULONG count, CK_OBJECT_HANDLE *out)
{
    AUTO_SECRET nothing = {0};
    struct session_attributes *own;
    CK_RV rv;

    own = session_attributes_new(OBJECT_SESSION_PUBLIC_FLAGS);
    if (own == NULL)
        return CKR_HOST_MEMORY;
    rv = template_apply_key(template, count, own);
    if (rv == CKR_OK)
        rv = object_public_read(template, count, own->key_type, &own->pki);
    if (rv == CKR_OK)
        return object_publish_own(caller, OBJECT_SESSION_PUBLIC, own, &nothing, out);
    session_attributes_free(own);
    return rv;
}

/* Makes the session object that a template describes, or the key that `mechanism` has made with
 * `value`; without it, both come from the template. */
static CK_RV create_own(const struct caller *caller, enum object_kind kind,
                        const CK_MECHANISM *mechanism, const CK_ATTRIBUTE *template, CK_ULONG count,
                        struct store_secret *value, CK_OBJECT_HANDLE *out)
{
    bool aes = mechanism != NULL && mechanism->mechanism == CKM_AES_KEY_GEN;
    bool key = kind == OBJECT_SESSION_KEY;
    struct session_attributes *own =
        session_attributes_new(key ? OBJECT_SESSION_KEY_FLAGS : OBJECT_DATA_FLAGS);
    CK_RV rv;

    if (own == NULL)
        return CKR_HOST_MEMORY;
    if (aes)
        own->key_type = CKK_AES;
    rv = template_apply_key(template, count, own);
    if (mechanism != NULL)
        mark_generated(own, mechanism->mechanism);
    if (rv == CKR_OK && mechanism != NULL && (own->key_type == CKK_AES) != aes)
        rv = CKR_TEMPLATE_INCONSISTENT;
    if (rv == CKR_OK && mechanism == NULL)
        rv = attribute_secret(template_find(template, count, CKA_VALUE), value);
    if (rv == CKR_OK && key)
        rv = template_check_session_key(template, count, own, value->len);
    if (rv != CKR_OK) {
        session_attributes_free(own);
        return rv;
    }
    return object_publish_own(caller, kind, own, value, out);
}

/* Finds the kind of object that a template describes. */
static CK_RV template_kind(const CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_CLASS class,
                           enum object_kind *kind)
{
    const CK_ATTRIBUTE *given = template_find(template, count, CKA_CLASS);
    CK_BBOOL token = CK_FALSE;
    CK_RV rv = attribute_ulong(given, &class);

    if (rv == CKR_OK)
        rv = attribute_bool(template_find(template, count, CKA_TOKEN), &token);
    if (rv != CKR_OK)
        return rv;
    if (class == CKO_DATA)
        *kind = token ? OBJECT_SECRET : OBJECT_SESSION_DATA;
    else if (class == CKO_SECRET_KEY)
        *kind = token ? OBJECT_KEY : OBJECT_SESSION_KEY;
    else if (class == CKO_PUBLIC_KEY)
        *kind = token ? OBJECT_PUBLIC_KEY : OBJECT_SESSION_PUBLIC;
    else if (class == CKO_CERTIFICATE && token)
        *kind = OBJECT_CERTIFICATE;
    else if (class == CKO_PRIVATE_KEY)
        *kind = token ? OBJECT_PRIVATE_KEY : OBJECT_SESSION_PRIVATE;
    else
        return CKR_ATTRIBUTE_VALUE_INVALID;
    return CKR_OK;
}

/* Checks that a token for an object of a key pair has mechanisms for it. */
static CK_RV check_has_pairs(struct token *token, enum object_kind kind)
{
    if (kind == OBJECT_SECRET || kind == OBJECT_KEY || kind == OBJECT_SESSION_DATA ||
        kind == OBJECT_SESSION_KEY || store_conf_rule_at(token->conf, 0) != NULL)
        return CKR_OK;
    store_log(STORE_LOG_INFO, "pkcs11: the token has no mechanism for key pairs; name the secrets "
                              "that hold them in pkcs11.keys");
    return CKR_ATTRIBUTE_VALUE_INVALID;
}

/* Writes a new key to the store, once; `aes` is the rule of an AES key, and the mechanism is as for
 * token_write_new. */
static CK_RV store_key(struct token *token, const CK_ATTRIBUTE *template, CK_ULONG count,
                       const struct store_secret *bytes, const struct store_conf_rule *aes,
                       CK_MECHANISM_TYPE mechanism, CK_OBJECT_HANDLE *out)
{
    const uint32_t flags = aes == NULL ? OBJECT_TOKEN_KEY_FLAGS : token_aes_flags(aes);
    AUTO_SECRET text = {0};
    AUTO_RECORD record = {0};
    AUTO_OWN own = {.flags = flags, .key_type = aes == NULL ? CKK_GENERIC_SECRET : CKK_AES};
    char key[STORE_KEY_MAX + 1];
    const char *encoding;
    int64_t began_ns = store_time_monotonic();
    CK_RV rv = template_apply(template, count, &own);

    if (rv == CKR_OK)
        rv = template_key(template, count, key);
    if (rv == CKR_OK)
        rv = aes == NULL ? template_check_key(&own, key) : template_check_aes(&own, key, flags);
    if (rv == CKR_OK)
        rv = key_encode(token_made_encoding(token, key), bytes, &text);
    if (rv == CKR_OK)
        rv = ckr_from_store(CKR_CALL_CREATE,
                            token_make_key(token, key, &text, own.flags, mechanism, &record));
    if (rv != CKR_OK)
        return rv;
    (void)object_written(token, key, &text, &record, began_ns);
    encoding = token_key_encoding(token, key);
    if (encoding == NULL)
        return CKR_HOST_MEMORY;
    *out = object_key_of_secret(&token->objects, key, encoding);
    return *out == 0 ? CKR_HOST_MEMORY : CKR_OK;
}

/* Gives the rule for the AES key that the template labels. CKR_TEMPLATE_INCONSISTENT, with a line
 * in the log, if there is none: the key could not be found again. */
static CK_RV find_aes_rule(struct token *token, const CK_ATTRIBUTE *template, CK_ULONG count,
                           const struct store_conf_rule **out)
{
    char key[STORE_KEY_MAX + 1];
    CK_RV rv = template_key(template, count, key);

    if (rv != CKR_OK)
        return rv;
    *out = store_conf_aes_find(token->conf, key);
    if (*out != NULL)
        return CKR_OK;
    store_log(STORE_LOG_WARNING,
              "pkcs11: no rule makes %s an AES key; add {\"key\": \"%s\", \"type\": \"aes\"} to "
              "pkcs11.keys",
              key, key);
    return CKR_TEMPLATE_INCONSISTENT;
}

/* Stores the AES key that a template describes. No store keeps another key with a given value. */
static CK_RV create_key(struct token *token, const CK_ATTRIBUTE *template, CK_ULONG count,
                        CK_OBJECT_HANDLE *out)
{
    const struct store_conf_rule *aes = NULL;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    AUTO_SECRET value = {0};
    CK_ULONG len;
    CK_RV rv = attribute_ulong(template_find(template, count, CKA_KEY_TYPE), &type);

    if (rv == CKR_OK && type != CKK_AES) {
        store_log(STORE_LOG_WARNING,
                  "pkcs11: the store cannot keep a key with a value of its own; store "
                  "a data object and list it in pkcs11.hmac_keys");
        return CKR_TEMPLATE_INCONSISTENT;
    }
    if (rv == CKR_OK)
        rv = find_aes_rule(token, template, count, &aes);
    if (rv == CKR_OK)
        rv = attribute_secret(template_find(template, count, CKA_VALUE), &value);
    len = (CK_ULONG)value.len;
    if (rv == CKR_OK)
        rv = attribute_ulong(template_find(template, count, CKA_VALUE_LEN), &len);
    if (rv == CKR_OK && len != value.len)
        rv = CKR_TEMPLATE_INCONSISTENT;
    if (rv == CKR_OK && !mechanism_is_aes_length(value.len))
        rv = CKR_ATTRIBUTE_VALUE_INVALID;
    if (rv != CKR_OK)
        return rv;
    return store_key(token, template, count, &value, aes, CK_UNAVAILABLE_INFORMATION, out);
}

CK_RV object_create(const struct caller *caller, const CK_ATTRIBUTE *template, CK_ULONG count,
                    CK_OBJECT_HANDLE *out)
{
    AUTO_SECRET value = {0};
    enum object_kind kind = OBJECT_SECRET;
    CK_RV rv;

    rv = out == NULL ? CKR_ARGUMENTS_BAD : template_check(template, count);
    if (rv == CKR_OK && template_find(template, count, CKA_CLASS) == NULL)
        rv = CKR_TEMPLATE_INCOMPLETE;
    if (rv == CKR_OK)
        rv = template_kind(template, count, CKO_DATA, &kind);
    if (rv == CKR_OK && kind == OBJECT_PUBLIC_KEY)
        rv = object_refuse_public();
    if (rv == CKR_OK)
        rv = check_has_pairs(caller->token, kind);
    if (rv == CKR_OK && (kind == OBJECT_SECRET || kind == OBJECT_KEY ||
                         kind == OBJECT_PRIVATE_KEY || kind == OBJECT_CERTIFICATE))
        rv = object_may_write(caller);
    if (rv == CKR_OK)
        rv = schema_check(kind, SCHEMA_CREATE, template, count);
    if (rv != CKR_OK)
        return rv;
    if (kind == OBJECT_CERTIFICATE)
        return object_certificate_create(caller, template, count, out);
    if (kind == OBJECT_PRIVATE_KEY || kind == OBJECT_SESSION_PRIVATE)
        return object_private_create(caller, template, count, kind == OBJECT_PRIVATE_KEY, out);
    if (kind == OBJECT_SECRET) {
        rv = create_secret(caller->token, template, count, out);
        if (rv == CKR_OK) /* it may have replaced a value that the session has sized */
            session_drop_sized(caller, *out);
        return rv;
    }
    if (kind == OBJECT_KEY)
        return create_key(caller->token, template, count, out);
    if (kind == OBJECT_SESSION_PUBLIC)
        return create_public(caller, template, count, out);
    return create_own(caller, kind, NULL, template, count, &value, out);
}

/* Reads the key length from the template. */
static CK_RV new_key_length(const CK_ATTRIBUTE *template, CK_ULONG count, bool aes, CK_ULONG *len)
{
    CK_RV rv = attribute_ulong(template_find(template, count, CKA_VALUE_LEN), len);

    if (rv == CKR_OK && (*len < MECHANISM_NEW_KEY_MIN || *len > MECHANISM_NEW_KEY_MAX ||
                         (aes && !mechanism_is_aes_length(*len))))
        rv = CKR_ATTRIBUTE_VALUE_INVALID;
    return rv;
}

CK_RV object_generate(const struct caller *caller, const CK_MECHANISM *mechanism,
                      const CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *out)
{
    AUTO_SECRET bytes = {0};
    const struct store_conf_rule *rule = NULL;
    enum object_kind kind = OBJECT_KEY;
    unsigned char *random = NULL;
    bool aes;
    CK_ULONG len = 0;
    CK_RV rv;

    if (mechanism == NULL || out == NULL)
        return CKR_ARGUMENTS_BAD;
    aes = mechanism->mechanism == CKM_AES_KEY_GEN;
    if (mechanism->mechanism != CKM_GENERIC_SECRET_KEY_GEN &&
        (!aes || (caller->token->usage & STORE_USAGE_ENCRYPT) == 0))
        return CKR_MECHANISM_INVALID;
    if (mechanism->ulParameterLen != 0)
        return CKR_MECHANISM_PARAM_INVALID;
    rv = template_check(template, count);
    if (rv == CKR_OK)
        rv = template_kind(template, count, CKO_SECRET_KEY, &kind);
    if (rv == CKR_OK && kind != OBJECT_SESSION_KEY && kind != OBJECT_KEY)
        rv = CKR_TEMPLATE_INCONSISTENT;
    if (rv == CKR_OK && kind == OBJECT_KEY)
        rv = object_may_write(caller);
    if (rv == CKR_OK)
        rv = schema_check(kind, SCHEMA_GENERATE, template, count);
    if (rv == CKR_OK)
        rv = new_key_length(template, count, aes, &len);
    if (rv == CKR_OK && aes && kind == OBJECT_KEY)
        rv = find_aes_rule(caller->token, template, count, &rule);
    if (rv == CKR_OK && store_secret_resize(&bytes, len, &random) != STORE_OK)
        rv = CKR_HOST_MEMORY;
    if (rv == CKR_OK)
        rv = random_fill(random, len);
    if (rv != CKR_OK)
        return rv;
    if (kind == OBJECT_KEY)
        return store_key(caller->token, template, count, &bytes, rule, mechanism->mechanism, out);
    return create_own(caller, kind, mechanism, template, count, &bytes, out);
}
