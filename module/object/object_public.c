/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_public.h"

#include <string.h>

#include "module/object/attribute.h"
#include "module/pki/keypair.h"
#include "module/pki/pki.h"
#include "module/pki/scheme.h"
#include "store/log.h"

#define DER_PRINTABLE 0x13

static CK_RV refuse(CK_RV rv, const char *reason)
{
    store_log(STORE_LOG_INFO, "pkcs11: the template does not fit a public key: %s", reason);
    return rv;
}

static struct der part(const CK_ATTRIBUTE *template, CK_ULONG count, CK_ATTRIBUTE_TYPE type)
{
    const CK_ATTRIBUTE *attribute = template_find(template, count, type);

    if (attribute == NULL)
        return (struct der){NULL, 0};
    return (struct der){attribute->pValue, attribute->ulValueLen};
}

struct der object_public_number(const CK_ATTRIBUTE *template, CK_ULONG count,
                                CK_ATTRIBUTE_TYPE type)
{
    struct der bytes = part(template, count, type);

    /* a big integer of PKCS#11 may have leading zeros */
    while (bytes.len > 1 && bytes.data[0] == 0) {
        bytes.data++;
        bytes.len--;
    }
    return bytes;
}

CK_RV object_public_type(CK_KEY_TYPE type, bool *on_curve)
{
    *on_curve = type == CKK_EC || type == CKK_EC_EDWARDS || type == CKK_EC_MONTGOMERY;
    if (*on_curve || type == CKK_RSA)
        return CKR_OK;
    store_log(STORE_LOG_WARNING, "pkcs11: the template gives a key pair a CKA_KEY_TYPE that is not "
                                 "RSA, EC, EC_EDWARDS or EC_MONTGOMERY");
    return CKR_TEMPLATE_INCONSISTENT;
}

static CK_RV read_rsa(const CK_ATTRIBUTE *template, CK_ULONG count, struct pki_public *out)
{
    struct der n = object_public_number(template, count, CKA_MODULUS);
    struct der e = object_public_number(template, count, CKA_PUBLIC_EXPONENT);
    enum pki_fault fault;

    if (template_find(template, count, CKA_EC_PARAMS) != NULL ||
        template_find(template, count, CKA_EC_POINT) != NULL)
        return refuse(CKR_TEMPLATE_INCONSISTENT, "an RSA key has no curve");
    if (n.len == 0 || e.len == 0)
        return refuse(CKR_TEMPLATE_INCOMPLETE, "add CKA_MODULUS and CKA_PUBLIC_EXPONENT");
    fault = pki_check_rsa(n, e);
    if (fault != PKI_OK)
        return refuse(CKR_ATTRIBUTE_VALUE_INVALID, "use a modulus of 2048 to 8192 bits and an odd "
                                                   "exponent of at most 64");
    return pki_public_rsa(out, n, e) ? CKR_OK : CKR_HOST_MEMORY;
}

/* The curve that CKA_EC_PARAMS names: by its OID, or one of the newer ones by its name (2.3.10). */
static bool find_curve(struct der params, enum pki_type *type)
{
    static const struct {
        const char *name;
        enum pki_type type;
    } names[] = {
        {"edwards25519", PKI_ED25519}, {"edwards448", PKI_ED448}, {"curve25519", PKI_X25519}};
    struct der name;

    if (der_read(&params, DER_OID, &name))
        return params.len == 0 && pki_curve_find(name, type);
    if (!der_read(&params, DER_PRINTABLE, &name) || params.len != 0)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *known = names[i].name;
        if (der_equal(name, (struct der){(const unsigned char *)known, strlen(known)})) {
            *type = names[i].type;
            return true;
        }
    }
    return false;
}

CK_RV object_public_curve(const CK_ATTRIBUTE *template, CK_ULONG count, CK_KEY_TYPE key_type,
                          enum pki_type *type)
{
    if (find_curve(part(template, count, CKA_EC_PARAMS), type) &&
        scheme_key_type(*type) == key_type)
        return CKR_OK;
    return refuse(CKR_CURVE_NOT_SUPPORTED, "name P-256, P-384, P-521, Ed25519, Ed448 or X25519");
}

static CK_RV read_curve(const CK_ATTRIBUTE *template, CK_ULONG count, CK_KEY_TYPE key_type,
                        struct pki_public *out)
{
    struct der params = part(template, count, CKA_EC_PARAMS);
    struct der given = part(template, count, CKA_EC_POINT);
    struct der point;
    enum pki_type type;
    CK_RV rv;

    if (template_find(template, count, CKA_MODULUS) != NULL ||
        template_find(template, count, CKA_PUBLIC_EXPONENT) != NULL)
        return refuse(CKR_TEMPLATE_INCONSISTENT, "a key on a curve has no modulus");
    if (params.len == 0 || given.len == 0)
        return refuse(CKR_TEMPLATE_INCOMPLETE, "add CKA_EC_PARAMS and CKA_EC_POINT");
    rv = object_public_curve(template, count, key_type, &type);
    if (rv != CKR_OK)
        return rv;
    if (!pki_point_read(type, given, &point))
        return refuse(CKR_ATTRIBUTE_VALUE_INVALID, "CKA_EC_POINT is not an OCTET STRING with a "
                                                   "point of the curve's length");
    return pki_public_curve(out, type, point) ? CKR_OK : CKR_HOST_MEMORY;
}

/* Has libcrypto check that the point is on its curve. */
static CK_RV try_key(const struct pki_public *key)
{
    struct keypair *keypair = NULL;
    enum pki_fault fault = keypair_new_public(key, &keypair);

    keypair_free(keypair);
    switch (fault) {
    case PKI_OK:
        return CKR_OK;
    case PKI_NO_MEMORY:
        return CKR_HOST_MEMORY;
    case PKI_NO_LIBRARY:
        return CKR_FUNCTION_FAILED;
    default:
        return refuse(CKR_ATTRIBUTE_VALUE_INVALID, "its point is not on the curve");
    }
}

CK_RV object_public_check_info(const CK_ATTRIBUTE *template, CK_ULONG count, const struct pki *pki)
{
    struct der given = part(template, count, CKA_PUBLIC_KEY_INFO);

    if (given.len == 0 || der_equal(given, pki->key.info))
        return CKR_OK;
    return refuse(CKR_TEMPLATE_INCONSISTENT, "CKA_PUBLIC_KEY_INFO is of another key");
}

CK_RV object_public_read(const CK_ATTRIBUTE *template, CK_ULONG count, CK_KEY_TYPE type,
                         struct pki **out)
{
    struct pki_public key = {0};
    bool on_curve;
    CK_RV rv = object_public_type(type, &on_curve);

    if (rv == CKR_OK)
        rv = on_curve ? read_curve(template, count, type, &key) : read_rsa(template, count, &key);
    if (rv == CKR_OK)
        rv = try_key(&key);
    if (rv == CKR_OK) {
        *out = pki_of_public(&key);
        rv = *out == NULL ? CKR_HOST_MEMORY : object_public_check_info(template, count, *out);
    }
    pki_public_free(&key);
    return rv;
}
