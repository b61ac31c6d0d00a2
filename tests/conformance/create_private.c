/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/pair.h"

#include <string.h>

#include "sideseat-pkcs11.h"
#include "tests/conformance/numbers.h"
#include "tests/unit/module/pki/keys.h"

/*
 * C_CreateObject and C_DestroyObject of private keys. 5.7.1: "If a call to C_CreateObject cannot
 * support the precise template supplied to it, it will fail and return without creating any
 * object." 4.9: "If C_CreateObject is used to create a key object, the key object will have its
 * CKA_LOCAL attribute set to CK_FALSE."
 */

#define session pair_session

#define NEW_LABEL "org/acme/tls_new"
#define MOST 16

static CK_OBJECT_CLASS private_class = CKO_PRIVATE_KEY;
static CK_KEY_TYPE rsa = CKK_RSA;
static CK_KEY_TYPE ec = CKK_EC;
static CK_KEY_TYPE edwards = CKK_EC_EDWARDS;

/* A template that may be changed. */
struct template
{
    CK_ATTRIBUTE attributes[MOST];
    CK_ULONG count;
};

/* The keys, the text that the store gets, and how each signs. */
static const struct key {
    CK_KEY_TYPE *type;
    CK_ATTRIBUTE numbers[8];
    CK_ULONG count;
    const char *text;
    CK_MECHANISM_TYPE sign;
} keys[] = {
    {&rsa,
     {VARIABLE(CKA_MODULUS, rsa_n), VARIABLE(CKA_PUBLIC_EXPONENT, rsa_e),
      VARIABLE(CKA_PRIVATE_EXPONENT, rsa_d), VARIABLE(CKA_PRIME_1, rsa_p),
      VARIABLE(CKA_PRIME_2, rsa_q), VARIABLE(CKA_EXPONENT_1, rsa_dp),
      VARIABLE(CKA_EXPONENT_2, rsa_dq), VARIABLE(CKA_COEFFICIENT, rsa_qi)},
     8,
     RSA_PKCS8,
     CKM_SHA256_RSA_PKCS},
    {&ec,
     {VARIABLE(CKA_EC_PARAMS, pair_p256), VARIABLE(CKA_VALUE, p256_value)},
     2,
     P256_PKCS8,
     CKM_ECDSA_SHA256},
    {&edwards,
     {VARIABLE(CKA_EC_PARAMS, pair_ed25519), VARIABLE(CKA_VALUE, ed25519_value)},
     2,
     ED25519_PKCS8,
     CKM_EDDSA},
};

static void add(struct template *template, CK_ATTRIBUTE attribute)
{
    template->attributes[template->count++] = attribute;
}

static struct template template_of(const struct key *key, bool token)
{
    struct template template = {.count = 0};

    add(&template, (CK_ATTRIBUTE)VARIABLE(CKA_CLASS, private_class));
    add(&template, (CK_ATTRIBUTE)VARIABLE(CKA_KEY_TYPE, *key->type));
    add(&template, (CK_ATTRIBUTE)VARIABLE(CKA_TOKEN, *(token ? &yes : &no)));
    add(&template, (CK_ATTRIBUTE)TEXT(CKA_LABEL, NEW_LABEL));
    for (CK_ULONG i = 0; i < key->count; i++)
        add(&template, key->numbers[i]);
    return template;
}

static CK_RV create(struct template template, CK_OBJECT_HANDLE *key)
{
    return p11->C_CreateObject(session, template.attributes, template.count, key);
}

static void assert_signs(const struct key *key, CK_OBJECT_HANDLE handle)
{
    CK_MECHANISM mechanism = {key->sign, NULL, 0};
    unsigned char text[] = "signed text";
    unsigned char signature[1024];
    CK_ULONG n = sizeof signature;

    assert_rv(p11->C_SignInit(session, &mechanism, handle), CKR_OK);
    assert_rv(p11->C_Sign(session, text, sizeof text, signature, &n), CKR_OK);
    if (!suite.writable || pair_find(CKO_PUBLIC_KEY, NEW_LABEL) == 0)
        return;
    assert_rv(p11->C_VerifyInit(session, &mechanism, pair_find(CKO_PUBLIC_KEY, NEW_LABEL)), CKR_OK);
    assert_rv(p11->C_Verify(session, text, sizeof text, signature, n), CKR_OK);
}

/* The store gets the text that openssl(1) writes for the key. */
static void a_key_of_the_token_is_a_secret_in_pem(void **state)
{
    (void)state;
    for (size_t i = 0; suite.writable && i < COUNT(keys); i++) {
        CK_OBJECT_HANDLE key = 0;

        assert_rv(create(template_of(&keys[i], true), &key), CKR_OK);
        assert_int_equal(pair_find(CKO_PRIVATE_KEY, NEW_LABEL), key);
        expect_secret(session, NEW_LABEL, keys[i].text);
        assert_int_equal(get_bool(session, key, CKA_LOCAL), CK_FALSE);
        assert_signs(&keys[i], key);
        assert_rv(create(template_of(&keys[i], true), &key), CKR_SIDESEAT_CONFLICT);
        assert_rv(p11->C_DestroyObject(session, key), CKR_OK);
        assert_int_equal(pair_find(CKO_PRIVATE_KEY, NEW_LABEL), 0);
    }
}

/* 5.7.3: the private key is its secret, and all other objects of that go with it. */
static void a_destroyed_key_takes_its_secret_with_it(void **state)
{
    CK_OBJECT_HANDLE public = pair_find(CKO_PUBLIC_KEY, "org/acme/tls_rsa");
    CK_OBJECT_HANDLE private = pair_find(CKO_PRIVATE_KEY, "org/acme/tls_rsa");

    (void)state;
    assert_int_equal(get_bool(session, public, CKA_DESTROYABLE), CK_FALSE);
    if (!suite.writable) {
        assert_int_equal(get_bool(session, private, CKA_DESTROYABLE), CK_FALSE);
        assert_rv(p11->C_DestroyObject(session, private), CKR_TOKEN_WRITE_PROTECTED);
        return;
    }
    assert_int_equal(get_bool(session, private, CKA_DESTROYABLE), CK_TRUE);
    assert_rv(p11->C_DestroyObject(session, public), CKR_ACTION_PROHIBITED);
    assert_rv(p11->C_DestroyObject(session, private), CKR_OK);
    assert_rv(p11->C_DestroyObject(session, private), CKR_OBJECT_HANDLE_INVALID);
    assert_int_equal(find_label(session, "org/acme/tls_rsa"), 0);
    assert_int_equal(pair_find(CKO_PUBLIC_KEY, "org/acme/tls_rsa"), 0);
    assert_int_equal(pair_find(CKO_CERTIFICATE, "org/acme/tls_rsa"), 0);
}

static void a_key_of_a_session_is_not_stored(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        CK_OBJECT_HANDLE key = 0;

        assert_rv(create(template_of(&keys[i], false), &key), CKR_OK);
        assert_int_equal(get_bool(session, key, CKA_TOKEN), CK_FALSE);
        assert_int_equal(get_bool(session, key, CKA_LOCAL), CK_FALSE);
        assert_int_equal(get_bool(session, key, CKA_NEVER_EXTRACTABLE), CK_FALSE);
        assert_signs(&keys[i], key);
        assert_int_equal(find_label(session, NEW_LABEL), 0);
        assert_rv(p11->C_DestroyObject(session, key), CKR_OK);
    }
}

static void refuse(struct template template, CK_RV expected)
{
    CK_OBJECT_HANDLE key = 0;

    assert_rv(create(template, &key), expected);
    assert_int_equal(key, 0);
    assert_int_equal(find_label(session, NEW_LABEL), 0);
}

static void numbers_that_are_not_a_key_are_refused(void **state)
{
    unsigned char other[sizeof rsa_d];
    struct template template;

    (void)state;
    for (size_t at = 0; at < keys[0].count; at++) { /* one wrong bit in each number */
        template = template_of(&keys[0], false);
        memcpy(other, keys[0].numbers[at].pValue, keys[0].numbers[at].ulValueLen);
        other[keys[0].numbers[at].ulValueLen / 2] ^= 2;
        template.attributes[4 + at].pValue = other;
        refuse(template, CKR_ATTRIBUTE_VALUE_INVALID);
        template.attributes[4 + at].ulValueLen = 0;
        refuse(template, CKR_TEMPLATE_INCOMPLETE);
    }
    for (size_t i = 1; i < COUNT(keys); i++) {
        unsigned char longer[33] = {1};
        unsigned char zero[32] = {0};
        template = template_of(&keys[i], false);
        template.attributes[5] = (CK_ATTRIBUTE)VARIABLE(CKA_VALUE, longer);
        refuse(template, CKR_ATTRIBUTE_VALUE_INVALID);
        template.attributes[5] = (CK_ATTRIBUTE)VARIABLE(CKA_VALUE, zero);
        refuse(template, CKR_ATTRIBUTE_VALUE_INVALID);
        template.attributes[4] = (CK_ATTRIBUTE)VARIABLE(CKA_EC_PARAMS, pair_secp256k1);
        refuse(template, CKR_CURVE_NOT_SUPPORTED);
        template.count = 5;
        refuse(template, CKR_TEMPLATE_INCOMPLETE);
    }
}

static void attributes_that_the_key_cannot_have_are_refused(void **state)
{
    struct template template = template_of(&keys[1], suite.writable);

    (void)state;
    add(&template, (CK_ATTRIBUTE)VARIABLE(CKA_EXTRACTABLE, yes));
    refuse(template, CKR_ATTRIBUTE_VALUE_INVALID);
    template.attributes[6] = (CK_ATTRIBUTE)VARIABLE(CKA_SENSITIVE, no);
    refuse(template, CKR_ATTRIBUTE_VALUE_INVALID);
    template.attributes[6] = (CK_ATTRIBUTE)VARIABLE(CKA_MODULUS, rsa_n);
    refuse(template, CKR_TEMPLATE_INCONSISTENT);
    template.attributes[6] = (CK_ATTRIBUTE)VARIABLE(CKA_LOCAL, yes);
    refuse(template, CKR_ATTRIBUTE_READ_ONLY);
    template.attributes[6] = (CK_ATTRIBUTE)VARIABLE(CKA_VERIFY, yes);
    refuse(template, CKR_ATTRIBUTE_TYPE_INVALID);
    if (!suite.writable)
        return;
    template.attributes[6] = (CK_ATTRIBUTE)VARIABLE(CKA_DECRYPT, yes);
    refuse(template, CKR_ATTRIBUTE_VALUE_INVALID);
    template.count = 6;
    template.attributes[3] = (CK_ATTRIBUTE)TEXT(CKA_LABEL, "org/acme/new");
    refuse(template, CKR_TEMPLATE_INCONSISTENT);
    template.attributes[3] = (CK_ATTRIBUTE)TEXT(CKA_LABEL, "my key");
    refuse(template, CKR_SIDESEAT_CONFLICT); /* it exists */
}

static void only_a_session_that_may_write_stores_a_key(void **state)
{
    (void)state;
    assert_rv(p11->C_CloseSession(session), CKR_OK);
    session = open_ro();
    refuse(template_of(&keys[1], true),
           suite.writable ? CKR_SESSION_READ_ONLY : CKR_TOKEN_WRITE_PROTECTED);
}

static void a_token_without_key_pairs_takes_none(void **state)
{
    (void)state;
    session = open_ro();
    refuse(template_of(&keys[1], false), CKR_ATTRIBUTE_VALUE_INVALID);
}

/* 4.9: attributes of every private key, at their defaults, in a session and on the token. */
static void the_attributes_of_all_private_keys_may_be_named(void **state)
{
    CK_ATTRIBUTE more[] = {{CKA_SUBJECT, NULL, 0},
                           {CKA_PUBLIC_KEY_INFO, NULL, 0},
                           VARIABLE(CKA_ALWAYS_AUTHENTICATE, no),
                           VARIABLE(CKA_SIGN_RECOVER, no)};
    CK_ATTRIBUTE asks = VARIABLE(CKA_ALWAYS_AUTHENTICATE, yes);
    CK_ATTRIBUTE other = TEXT(CKA_PUBLIC_KEY_INFO, "x");
    CK_OBJECT_HANDLE key;

    (void)state;
    for (int token = 0; token <= suite.writable; token++) {
        struct template template = template_of(&keys[1], token);
        for (size_t i = 0; i < COUNT(more); i++)
            add(&template, more[i]);
        assert_rv(create(template, &key), CKR_OK);
        assert_rv(p11->C_DestroyObject(session, key), CKR_OK);
        template = template_of(&keys[1], token);
        add(&template, asks);
        assert_rv(create(template, &key), CKR_ATTRIBUTE_VALUE_INVALID);
        template.attributes[template.count - 1] = other;
        assert_rv(create(template, &key), CKR_TEMPLATE_INCONSISTENT);
    }
}

static const struct CMUnitTest tests[] = {
    paired(a_key_of_the_token_is_a_secret_in_pem),
    paired(a_destroyed_key_takes_its_secret_with_it),
    paired(a_key_of_a_session_is_not_stored),
    paired(numbers_that_are_not_a_key_are_refused),
    paired(attributes_that_the_key_cannot_have_are_refused),
    paired(only_a_session_that_may_write_stores_a_key),
    open_library(a_token_without_key_pairs_takes_none),
    paired(the_attributes_of_all_private_keys_may_be_named),
};

const struct chapter create_private_chapter = CHAPTER("create-private", tests);
