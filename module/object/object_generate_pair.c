/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_generate_pair.h"

#include "module/object/attribute.h"
#include "module/object/object_publish.h"
#include "module/object/object_pair.h"
#include "module/object/object_public.h"
#include "module/object/object_session.h"
#include "module/object/schema.h"
#include "module/object/template.h"
#include "module/pki/generate.h"
#include "module/pki/keypair.h"
#include "module/pki/pki.h"
#include "module/pki/private_write.h"
#include "module/pki/scheme.h"
#include "module/token.h"
#include "store/log.h"

/* A pair in the making. */
struct making {
    const struct caller *caller;
    CK_MECHANISM_TYPE mechanism;
    const struct pair_template *public;
    const struct pair_template *private;
    enum object_kind public_kind;
    enum object_kind private_kind;
    enum pki_type type;
    size_t bits;         /* of RSA */
    struct der exponent; /* likewise */
    struct pki *pki;
    struct store_secret text; /* the private key as the store keeps it */
};

static CK_RV incomplete(const char *name)
{
    store_log(STORE_LOG_INFO, "pkcs11: the template of the public key lacks %s; add it", name);
    return CKR_TEMPLATE_INCOMPLETE;
}

static CK_RV read_rsa(struct making *making)
{
    static const unsigned char f4[] = {1, 0, 1};
    const struct pair_template *public = making->public;
    const CK_ATTRIBUTE *bits = template_find(public->template, public->count, CKA_MODULUS_BITS);
    CK_ULONG wanted = 0;
    CK_RV rv = attribute_ulong(bits, &wanted);

    if (bits == NULL)
        return incomplete("CKA_MODULUS_BITS");
    making->type = PKI_RSA;
    making->bits = wanted;
    making->exponent = object_public_number(public->template, public->count, CKA_PUBLIC_EXPONENT);
    if (making->exponent.len == 0)
        making->exponent = (struct der){f4, sizeof f4};
    if (rv == CKR_OK && !pki_can_generate_rsa(wanted, making->exponent)) {
        store_log(STORE_LOG_WARNING,
                  "pkcs11: an RSA key of %lu bits, or with that exponent, is not made here; use "
                  "2048 to %d bits, and 65537",
                  wanted, PKI_NEW_RSA_MAX);
        rv = CKR_ATTRIBUTE_VALUE_INVALID;
    }
    return rv;
}

static CK_RV read_curve(struct making *making, CK_KEY_TYPE key_type)
{
    const struct pair_template *public = making->public;

    if (template_find(public->template, public->count, CKA_EC_PARAMS) == NULL)
        return incomplete("CKA_EC_PARAMS");
    return object_public_curve(public->template, public->count, key_type, &making->type);
}

/* Parses the mechanism and what it needs of the public key's template. */
static CK_RV read_mechanism(struct making *making, const CK_MECHANISM *mechanism,
                            CK_KEY_TYPE *key_type)
{
    making->mechanism = mechanism->mechanism;
    switch (mechanism->mechanism) {
    case CKM_RSA_PKCS_KEY_PAIR_GEN:
        *key_type = CKK_RSA;
        break;
    case CKM_EC_KEY_PAIR_GEN:
        *key_type = CKK_EC;
        break;
    case CKM_EC_EDWARDS_KEY_PAIR_GEN:
        *key_type = CKK_EC_EDWARDS;
        break;
    case CKM_EC_MONTGOMERY_KEY_PAIR_GEN:
        *key_type = CKK_EC_MONTGOMERY;
        break;
    default:
        return CKR_MECHANISM_INVALID;
    }
    if (store_conf_rule_at(making->caller->token->conf, 0) == NULL) {
        store_log(STORE_LOG_WARNING, "pkcs11: the token has no key pairs; name the secrets that "
                                     "hold them in pkcs11.keys");
        return CKR_MECHANISM_INVALID;
    }
    return mechanism->ulParameterLen == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

/* Checks one half's template against its class, and gives its kind: the first on the token, else
 * the second. */
static CK_RV read_half(const struct pair_template *half, CK_OBJECT_CLASS class, CK_KEY_TYPE type,
                       enum object_kind token, enum object_kind session, enum object_kind *kind)
{
    CK_OBJECT_CLASS given_class = class;
    CK_KEY_TYPE given_type = type;
    CK_BBOOL stored = CK_FALSE;
    CK_RV rv = half->out == NULL ? CKR_ARGUMENTS_BAD : template_check(half->template, half->count);

    if (rv == CKR_OK)
        rv = attribute_ulong(template_find(half->template, half->count, CKA_CLASS), &given_class);
    if (rv == CKR_OK)
        rv = attribute_ulong(template_find(half->template, half->count, CKA_KEY_TYPE), &given_type);
    if (rv == CKR_OK)
        rv = attribute_bool(template_find(half->template, half->count, CKA_TOKEN), &stored);
    if (rv == CKR_OK && (given_class != class || given_type != type))
        rv = CKR_TEMPLATE_INCONSISTENT;
    *kind = stored ? token : session;
    return rv == CKR_OK ? schema_check(*kind, SCHEMA_GENERATE, half->template, half->count) : rv;
}

static CK_RV read_templates(struct making *making, CK_KEY_TYPE type)
{
    CK_RV rv = read_half(making->private, CKO_PRIVATE_KEY, type, OBJECT_PRIVATE_KEY,
                         OBJECT_SESSION_PRIVATE, &making->private_kind);

    if (rv == CKR_OK)
        rv = read_half(making->public, CKO_PUBLIC_KEY, type, OBJECT_PUBLIC_KEY,
                       OBJECT_SESSION_PUBLIC, &making->public_kind);
    if (rv == CKR_OK && making->public_kind == OBJECT_PUBLIC_KEY &&
        making->private_kind != OBJECT_PRIVATE_KEY)
        rv = object_refuse_public();
    if (rv == CKR_OK && making->private_kind == OBJECT_PRIVATE_KEY)
        rv = object_may_write(making->caller);
    if (rv == CKR_OK)
        rv = type == CKK_RSA ? read_rsa(making) : read_curve(making, type);
    return rv;
}

static CK_RV generate(struct making *making)
{
    AUTO_PRIVATE key = {0};
    struct pki_public public = {0};
    enum pki_fault fault = pki_generate(making->type, making->bits, making->exponent, &key);

    if (fault == PKI_OK)
        fault = keypair_derive_public(&key, &public);
    if (fault == PKI_OK && pki_private_write(&key, &public, &making->text) != STORE_OK)
        fault = PKI_NO_MEMORY;
    pki_public_free(&public);
    if (fault != PKI_OK)
        return fault == PKI_NO_MEMORY ? CKR_HOST_MEMORY : CKR_FUNCTION_FAILED;
    making->pki = pki_read(&making->text, NULL, NULL);
    if (making->pki == NULL)
        return CKR_HOST_MEMORY;
    return making->pki->fault == PKI_OK ? CKR_OK : CKR_FUNCTION_FAILED;
}

/* Makes a session's half of the pair visible. */
static CK_RV publish(const struct making *making, enum object_kind kind,
                     const struct pair_template *half, struct store_secret *value)
{
    bool private = kind == OBJECT_SESSION_PRIVATE;
    struct session_attributes *own = session_attributes_new(private ? OBJECT_SESSION_PRIVATE_FLAGS
                                                                    : OBJECT_SESSION_PUBLIC_FLAGS);
    CK_RV rv;

    if (own == NULL)
        return CKR_HOST_MEMORY;
    own->key_type = scheme_key_type(making->type);
    rv = template_apply_key(half->template, half->count, own);
    own->key_gen_mechanism = making->mechanism;
    own->pki = pki_share(making->pki);
    own->flags |= OBJECT_BIT(OBJECT_LOCAL);
    if (private)
        own->flags |= OBJECT_BIT(OBJECT_ALWAYS_SENSITIVE) | OBJECT_BIT(OBJECT_NEVER_EXTRACTABLE);
    if (rv == CKR_OK && private)
        rv = template_check_session_private(own);
    if (rv == CKR_OK)
        return object_publish_own(making->caller, kind, own, value, half->out);
    session_attributes_free(own);
    return rv;
}

/* Finds the secret that both templates name. */
static CK_RV find_name(const struct making *making, char key[STORE_KEY_MAX + 1])
{
    const struct pair_template *named = making->private;
    const struct pair_template *public = making->public;
    const CK_ATTRIBUTE *label = template_find(named->template, named->count, CKA_LABEL);
    const CK_ATTRIBUTE *other = template_find(public->template, public->count, CKA_LABEL);

    if (label == NULL)
        named = public;
    else if (other != NULL && making->public_kind == OBJECT_PUBLIC_KEY &&
             !attribute_equal(label, other->pValue, other->ulValueLen))
        return CKR_TEMPLATE_INCONSISTENT;
    return object_pair_secret(making->caller->token, named->template, named->count, key);
}

/* Checks the halves that the store will keep, each against the object that it becomes. */
static CK_RV check_stored(const struct making *making, const char *key)
{
    struct token *token = making->caller->token;
    CK_RV rv = object_pair_check(token, key, OBJECT_PRIVATE_KEY, making->pki, 0,
                                 making->private->template, making->private->count);

    if (rv == CKR_OK && making->public_kind == OBJECT_PUBLIC_KEY)
        rv = object_pair_check(token, key, OBJECT_PUBLIC_KEY, making->pki, 0,
                               making->public->template, making->public->count);
    return rv;
}

static CK_RV finish_stored(struct making *making)
{
    bool both = making->public_kind == OBJECT_PUBLIC_KEY;
    struct token *token = making->caller->token;
    AUTO_SECRET nothing = {0};
    char key[STORE_KEY_MAX + 1];
    CK_RV rv = find_name(making, key);

    if (rv == CKR_OK)
        rv = generate(making);
    if (rv == CKR_OK)
        rv = check_stored(making, key);
    if (rv == CKR_OK && !both)
        rv = publish(making, OBJECT_SESSION_PUBLIC, making->public, &nothing);
    if (rv != CKR_OK)
        return rv;
    rv = object_pair_store(token, key, &making->text, making->mechanism, making->private->out,
                           both ? making->public->out : NULL);
    if (rv != CKR_OK && !both)
        object_remove(&token->objects, *making->public->out);
    return rv;
}

static CK_RV finish_in_session(struct making *making)
{
    AUTO_SECRET nothing = {0};
    CK_RV rv = generate(making);

    if (rv == CKR_OK)
        rv = publish(making, OBJECT_SESSION_PRIVATE, making->private, &making->text);
    if (rv != CKR_OK)
        return rv;
    rv = publish(making, OBJECT_SESSION_PUBLIC, making->public, &nothing);
    if (rv != CKR_OK)
        object_remove(&making->caller->token->objects, *making->private->out);
    return rv;
}

CK_RV object_generate_pair(const struct caller *caller, const CK_MECHANISM *mechanism,
                           const struct pair_template *public, const struct pair_template *private)
{
    struct making making = {.caller = caller, .public = public, .private = private};
    CK_KEY_TYPE type = 0;
    CK_RV rv = mechanism == NULL ? CKR_ARGUMENTS_BAD : read_mechanism(&making, mechanism, &type);

    if (rv == CKR_OK)
        rv = read_templates(&making, type);
    if (rv == CKR_OK)
        rv = making.private_kind == OBJECT_PRIVATE_KEY ? finish_stored(&making)
                                                       : finish_in_session(&making);
    pki_drop(making.pki);
    store_secret_wipe(&making.text);
    return rv;
}
