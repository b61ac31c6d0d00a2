/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_private.h"

#include "module/object/attribute.h"
#include "module/object/object_publish.h"
#include "module/object/object_pair.h"
#include "module/object/object_public.h"
#include "module/object/template.h"
#include "module/pki/keypair.h"
#include "module/pki/pki.h"
#include "module/pki/private_write.h"
#include "module/token.h"
#include "store/log.h"

static CK_RV refuse(CK_RV rv, const char *reason)
{
    store_log(STORE_LOG_WARNING, "pkcs11: the template is not a private key: %s", reason);
    return rv;
}

static CK_RV read_rsa(const CK_ATTRIBUTE *template, CK_ULONG count, struct pki_private *key)
{
    static const CK_ATTRIBUTE_TYPE types[RSA_NUMBERS] = {
        [RSA_N] = CKA_MODULUS,     [RSA_E] = CKA_PUBLIC_EXPONENT, [RSA_D] = CKA_PRIVATE_EXPONENT,
        [RSA_P] = CKA_PRIME_1,     [RSA_Q] = CKA_PRIME_2,         [RSA_DP] = CKA_EXPONENT_1,
        [RSA_DQ] = CKA_EXPONENT_2, [RSA_QI] = CKA_COEFFICIENT};

    if (template_find(template, count, CKA_EC_PARAMS) != NULL ||
        template_find(template, count, CKA_VALUE) != NULL)
        return refuse(CKR_TEMPLATE_INCONSISTENT, "an RSA key has neither a curve nor CKA_VALUE");
    key->type = PKI_RSA;
    for (size_t i = 0; i < RSA_NUMBERS; i++) {
        key->rsa[i] = object_public_number(template, count, types[i]);
        if (key->rsa[i].len == 0)
            return refuse(CKR_TEMPLATE_INCOMPLETE,
                          "add the modulus, both exponents, the primes, CKA_EXPONENT_1, "
                          "CKA_EXPONENT_2 and CKA_COEFFICIENT");
    }
    return CKR_OK;
}

static CK_RV read_curve(const CK_ATTRIBUTE *template, CK_ULONG count, CK_KEY_TYPE type,
                        struct pki_private *key)
{
    const CK_ATTRIBUTE *value = template_find(template, count, CKA_VALUE);

    if (template_find(template, count, CKA_MODULUS) != NULL)
        return refuse(CKR_TEMPLATE_INCONSISTENT, "a key on a curve has no modulus");
    if (value == NULL || template_find(template, count, CKA_EC_PARAMS) == NULL)
        return refuse(CKR_TEMPLATE_INCOMPLETE, "add CKA_EC_PARAMS and CKA_VALUE");
    /* a number of ECDSA may have leading zeros; a seed is bytes */
    if (type == CKK_EC)
        key->scalar = object_public_number(template, count, CKA_VALUE);
    else
        key->scalar = (struct der){value->pValue, value->ulValueLen};
    return object_public_curve(template, count, type, &key->type);
}

static CK_RV read_numbers(const CK_ATTRIBUTE *template, CK_ULONG count, CK_KEY_TYPE type,
                          struct pki_private *key)
{
    bool on_curve;
    CK_RV rv = object_public_type(type, &on_curve);

    if (rv != CKR_OK)
        return rv;
    return on_curve ? read_curve(template, count, type, key) : read_rsa(template, count, key);
}

/* Writes the key as text, and reads the text as every later use will. */
static CK_RV make_text(const struct pki_private *key, struct store_secret *text, struct pki **pki)
{
    struct pki_public public = {0};
    enum pki_fault fault = pki_private_check(key);

    if (fault == PKI_OK)
        fault = keypair_check(key);
    if (fault == PKI_OK)
        fault = keypair_derive_public(key, &public);
    if (fault == PKI_OK && pki_private_write(key, &public, text) != STORE_OK)
        fault = PKI_NO_MEMORY;
    pki_public_free(&public);
    if (fault == PKI_OK) {
        *pki = pki_read(text, NULL, NULL);
        fault = *pki == NULL ? PKI_NO_MEMORY : (*pki)->fault;
    }
    if (fault == PKI_OK)
        return CKR_OK;
    if (fault == PKI_NO_MEMORY)
        return CKR_HOST_MEMORY;
    return fault == PKI_NO_LIBRARY
               ? CKR_FUNCTION_FAILED
               : refuse(CKR_ATTRIBUTE_VALUE_INVALID, "its numbers do not belong together, or its "
                                                     "modulus is not of 2048 to 8192 bits");
}

static CK_RV publish(const struct caller *caller, struct session_attributes *own, struct pki *pki,
                     struct store_secret *text, CK_OBJECT_HANDLE *out)
{
    CK_RV rv = template_check_session_private(own);

    own->pki = pki_share(pki);
    if (rv == CKR_OK)
        return object_publish_own(caller, OBJECT_SESSION_PRIVATE, own, text, out);
    session_attributes_free(own);
    return rv;
}

static CK_RV store(const struct caller *caller, const CK_ATTRIBUTE *template, CK_ULONG count,
                   struct pki *pki, const struct store_secret *text, CK_OBJECT_HANDLE *out)
{
    struct token *token = caller->token;
    char key[STORE_KEY_MAX + 1];
    CK_RV rv = object_pair_secret(token, template, count, key);

    if (rv == CKR_OK)
        rv = object_pair_check(token, key, OBJECT_PRIVATE_KEY, pki, 0, template, count);
    return rv == CKR_OK ? object_pair_store(token, key, text, CK_UNAVAILABLE_INFORMATION, out, NULL)
                        : rv;
}

CK_RV object_private_create(const struct caller *caller, const CK_ATTRIBUTE *template,
                            CK_ULONG count, bool token, CK_OBJECT_HANDLE *out)
{
    struct session_attributes *own = session_attributes_new(OBJECT_SESSION_PRIVATE_FLAGS);
    AUTO_PRIVATE key = {0};
    AUTO_SECRET text = {0};
    struct pki *pki = NULL;
    CK_RV rv = own == NULL ? CKR_HOST_MEMORY : template_apply_key(template, count, own);

    if (rv == CKR_OK)
        rv = read_numbers(template, count, own->key_type, &key);
    if (rv == CKR_OK)
        rv = make_text(&key, &text, &pki);
    if (rv == CKR_OK)
        rv = object_public_check_info(template, count, pki);
    if (rv == CKR_OK && token)
        rv = store(caller, template, count, pki, &text, out);
    if (rv == CKR_OK && !token)
        rv = publish(caller, own, pki, &text, out);
    else
        session_attributes_free(own);
    pki_drop(pki);
    return rv;
}
