/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_face.h"

#include <stdio.h>
#include <string.h>

#include "module/object/object_bytes.h"
#include "module/pair.h"
#include "module/pki/pki.h"
#include "module/pki/scheme.h"
#include "module/token.h"

/* The categories of a certificate (PKCS#11 3.0, 4.6.2). */
#define CATEGORY_TOKEN_USER 1
#define CATEGORY_AUTHORITY 2
#define CATEGORY_OTHER 3

static const struct store_conf_rule *rule_of(const struct object_view *view)
{
    return store_conf_rule_find(view->token->conf, view->key);
}

bool object_face_exists(const struct object_view *view)
{
    if (view->pki == NULL)
        return false;
    if (view->kind != OBJECT_CERTIFICATE)
        return view->pki->has_key;
    return view->number < view->pki->count &&
           memcmp(view->pki->certificates[view->number].hash, view->hash, sizeof view->hash) == 0;
}

/* The certificate that the object is, or the first one that is of the key; NULL if there is none.
 */
static const struct pki_identity *certificate_of(const struct object_view *view)
{
    const struct pki *pki = view->pki;

    if (view->kind == OBJECT_CERTIFICATE)
        return &pki->certificates[view->number];
    return pki->count > 0 && pki->certificates[0].own ? &pki->certificates[0] : NULL;
}

static CK_RV set_der(struct object_bytes *out, struct der der)
{
    return set_bytes(out, der.data, der.len);
}

/* A key and its certificates share the identifier; the certificates of a chain have their own. */
static CK_RV set_id(const struct object_view *view, struct object_bytes *out)
{
    const struct store_conf_rule *rule = rule_of(view);
    const struct pki_identity *certificate = certificate_of(view);

    if (view->kind == OBJECT_CERTIFICATE && !certificate->own)
        return set_bytes(out, certificate->id, PKI_ID_LEN);
    if (rule->id_len > 0)
        return set_bytes(out, rule->id, rule->id_len);
    return set_bytes(out, view->pki->id, PKI_ID_LEN);
}

/* The certificates of a chain have labels of their own: Java drops entries that share one, and a
 * search by the key's label means the key's certificate. */
static CK_RV set_label(const struct object_view *view, struct object_bytes *out)
{
    const struct store_conf_rule *rule = rule_of(view);
    const char *label = rule->label[0] != '\0' ? rule->label : view->key;
    char *text = (char *)out->scratch;

    if (view->number == 0)
        return set_text(out, label);
    snprintf(text, sizeof out->scratch, "%s#%u", label, view->number);
    return set_text(out, text);
}

unsigned object_face_usage(const struct object_view *view)
{
    unsigned usage = 0;

    if (view->own == NULL)
        return rule_of(view)->usage;
    if (view->kind == OBJECT_SESSION_PUBLIC || session_attributes_has(view->own, OBJECT_SIGN))
        usage |= STORE_USAGE_SIGN | STORE_USAGE_RAW;
    if (view->kind == OBJECT_SESSION_PRIVATE && session_attributes_has(view->own, OBJECT_DECRYPT))
        usage |= STORE_USAGE_DECRYPT | STORE_USAGE_DECRYPT_PKCS1 | STORE_USAGE_RAW;
    if (view->kind == OBJECT_SESSION_PRIVATE && session_attributes_has(view->own, OBJECT_DERIVE))
        usage |= STORE_USAGE_DERIVE;
    return usage & view->token->usage;
}

/* The usage that wrapping adds: OAEP, with which a key that may wrap or unwrap does it. */
static unsigned wrap_usage(const struct object_view *view)
{
    bool wraps = view->own != NULL &&
                 session_attributes_has(
                     view->own, view->kind == OBJECT_SESSION_PUBLIC ? OBJECT_WRAP : OBJECT_UNWRAP);

    return wraps ? STORE_USAGE_DECRYPT & view->token->usage : 0;
}

static CK_RV set_mechanisms(const struct object_view *view, struct object_bytes *out)
{
    bool public = view->kind == OBJECT_PUBLIC_KEY || view->kind == OBJECT_SESSION_PUBLIC;
    CK_MECHANISM_TYPE types[SCHEMES_MAX];
    size_t count = scheme_types_of(scheme_key_type(view->pki->key.type), public,
                                   object_face_usage(view) | wrap_usage(view), types);

    return set_copy(out, types, count * sizeof types[0]);
}

/* True if the rule lets the key do the work, and keys of its type can. */
static bool can(const struct object_view *view, enum scheme_work work)
{
    return scheme_exists(scheme_key_type(view->pki->key.type), work, rule_of(view)->usage);
}

static bool can_wrap(const struct object_view *view)
{
    return (rule_of(view)->usage & STORE_USAGE_DECRYPT) != 0 && can(view, SCHEME_DECRYPT);
}

/* The flags that depend on the type of the key. */
static bool is_work(CK_ATTRIBUTE_TYPE type)
{
    return type == CKA_DECRYPT || type == CKA_SIGN || type == CKA_VERIFY || type == CKA_DERIVE ||
           type == CKA_WRAP || type == CKA_UNWRAP;
}

/* The secret that holds the object. */
static const char *holder_of(const struct object_view *view)
{
    if (view->kind == OBJECT_CERTIFICATE)
        return pair_certificate_holder(rule_of(view), view->key);
    return view->key;
}

static bool flag(const struct object_view *view, CK_ATTRIBUTE_TYPE type)
{
    bool sensitive = store_conf_sensitive(view->token->conf, view->key);

    switch (type) {
    case CKA_TOKEN:
    case CKA_PRIVATE:
    case CKA_SENSITIVE:
        return true;
    case CKA_DESTROYABLE: /* a private key with its secret and all that shows */
        return view->kind != OBJECT_PUBLIC_KEY &&
               !token_key_read_only(view->token, holder_of(view));
    case CKA_ALWAYS_SENSITIVE:
    case CKA_NEVER_EXTRACTABLE:
        return sensitive;
    case CKA_ALWAYS_AUTHENTICATE:
        return rule_of(view)->always_authenticate;
    case CKA_DECRYPT:
        return can(view, SCHEME_DECRYPT);
    case CKA_SIGN:
    case CKA_VERIFY:
        return can(view, SCHEME_SIGN);
    case CKA_WRAP: /* the public half, for the private one */
        return can_wrap(view);
    case CKA_UNWRAP: /* no login belongs to this call, nor to C_DeriveKey */
        return can_wrap(view) && !rule_of(view)->always_authenticate;
    case CKA_DERIVE: /* the public half is only data of a derivation */
        return view->kind == OBJECT_PRIVATE_KEY && can(view, SCHEME_DERIVE) &&
               !rule_of(view)->always_authenticate;
    default:
        return false;
    }
}

static CK_RV set_number(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                        struct object_bytes *out)
{
    const struct pki_identity *certificate = certificate_of(view);

    switch (type) {
    case CKA_KEY_TYPE:
        return set_ulong(out, scheme_key_type(view->pki->key.type));
    case CKA_MODULUS_BITS:
        return view->pki->key.type == PKI_RSA ? set_ulong(out, (CK_ULONG)view->pki->key.bits)
                                              : CKR_ATTRIBUTE_TYPE_INVALID;
    case CKA_CERTIFICATE_TYPE:
        return set_ulong(out, CKC_X_509);
    case CKA_CERTIFICATE_CATEGORY:
        return set_ulong(out, certificate->x509.authority ? CATEGORY_AUTHORITY
                              : certificate->own          ? CATEGORY_TOKEN_USER
                                                          : CATEGORY_OTHER);
    default: /* CKA_KEY_GEN_MECHANISM */
        return set_ulong(out, CK_UNAVAILABLE_INFORMATION);
    }
}

static CK_RV set_class(const struct object_view *view, struct object_bytes *out)
{
    bool private = view->kind == OBJECT_PRIVATE_KEY || view->kind == OBJECT_SESSION_PRIVATE;

    return set_ulong(out, private                            ? CKO_PRIVATE_KEY
                          : view->kind == OBJECT_CERTIFICATE ? CKO_CERTIFICATE
                                                             : CKO_PUBLIC_KEY);
}

static CK_RV certificate_bytes(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                               struct object_bytes *out)
{
    const struct pki_identity *certificate = certificate_of(view);

    switch (type) {
    case CKA_VALUE:
        return set_der(out, certificate->x509.whole);
    case CKA_SUBJECT:
        return set_der(out, certificate->x509.subject);
    case CKA_ISSUER:
        return set_der(out, certificate->x509.issuer);
    case CKA_SERIAL_NUMBER:
        return set_der(out, certificate->x509.serial);
    case CKA_PUBLIC_KEY_INFO:
        return set_der(out, certificate->x509.info);
    default: /* CKA_CHECK_VALUE (4.6.2): the first three bytes of the hash */
        return set_bytes(out, certificate->hash, 3);
    }
}

/* The bytes of a key that one type of key has, and another has not. */
static CK_RV typed_bytes(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                         struct object_bytes *out)
{
    const struct pki_public *key = &view->pki->key;
    bool rsa = key->type == PKI_RSA;

    switch (type) {
    case CKA_MODULUS:
        return rsa ? set_der(out, key->modulus) : CKR_ATTRIBUTE_TYPE_INVALID;
    case CKA_PUBLIC_EXPONENT:
        return rsa ? set_der(out, key->exponent) : CKR_ATTRIBUTE_TYPE_INVALID;
    case CKA_EC_PARAMS:
        return rsa ? CKR_ATTRIBUTE_TYPE_INVALID : set_der(out, key->params);
    case CKA_EC_POINT:
        return rsa ? CKR_ATTRIBUTE_TYPE_INVALID : set_der(out, key->ec_point);
    case CKA_VALUE:
        return rsa ? CKR_ATTRIBUTE_TYPE_INVALID : CKR_ATTRIBUTE_SENSITIVE;
    default: /* the numbers of a private RSA key */
        return rsa ? CKR_ATTRIBUTE_SENSITIVE : CKR_ATTRIBUTE_TYPE_INVALID;
    }
}

static CK_RV set_key_bytes(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                           struct object_bytes *out)
{
    const struct pki_identity *certificate = certificate_of(view);

    switch (type) {
    case CKA_SUBJECT:
        return certificate == NULL ? set_bytes(out, NULL, 0)
                                   : set_der(out, certificate->x509.subject);
    case CKA_PUBLIC_KEY_INFO:
        return set_der(out, view->pki->key.info);
    case CKA_ALLOWED_MECHANISMS:
        return set_mechanisms(view, out);
    default:
        return typed_bytes(view, type, out);
    }
}

CK_RV object_face_attribute(const struct object_view *view, const struct schema_row *row,
                            struct object_bytes *out)
{
    if (row->type == CKA_CLASS)
        return set_class(view, out);
    if (row->form == SCHEMA_FLAG && !is_work(row->type))
        return set_bool(out, flag(view, row->type));
    if (row->type == CKA_LABEL)
        return set_label(view, out);
    if (row->form == SCHEMA_DATE)
        return set_bytes(out, NULL, 0);
    if (!object_face_exists(view))
        return CKR_OBJECT_HANDLE_INVALID; /* unreachable: the load has found it */
    if (row->type == CKA_ID)
        return set_id(view, out);
    if (row->form == SCHEMA_FLAG)
        return set_bool(out, flag(view, row->type));
    if (row->form == SCHEMA_ULONG)
        return set_number(view, row->type, out);
    return view->kind == OBJECT_CERTIFICATE ? certificate_bytes(view, row->type, out)
                                            : set_key_bytes(view, row->type, out);
}

enum object_need object_face_need(const struct object_view *view, CK_ATTRIBUTE_TYPE type)
{
    const struct schema_row *row = schema_find(type);

    if (!schema_allows(row, view->kind, SCHEMA_READ) || type >= CKA_SIDESEAT_BASE ||
        (row->form == SCHEMA_FLAG && !is_work(type)) || row->form == SCHEMA_DATE ||
        type == CKA_CLASS || type == CKA_LABEL || type == CKA_UNIQUE_ID)
        return OBJECT_NEED_NOTHING;
    return OBJECT_NEED_FACE;
}
