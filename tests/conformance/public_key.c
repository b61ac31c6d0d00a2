/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/cryptoki30.h"
#include "tests/conformance/pair.h"

#include <string.h>

/*
 * Public keys of a session. 5.7.1: "If C_CreateObject is used to create a key object, the key
 * object will have its CKA_LOCAL attribute set to CK_FALSE." The tests make each from the parts of
 * a public key of the token, which the private key beside it has signed for.
 */

#define session pair_session

static CK_OBJECT_CLASS public_key = CKO_PUBLIC_KEY;

/* The parts of a public key, from the token's object. */
struct parts {
    unsigned char first[1100]; /* the modulus, or the parameters of the curve */
    unsigned char second[300]; /* the exponent, or the point */
    CK_ULONG first_len;
    CK_ULONG second_len;
    CK_KEY_TYPE type;
};

static void read_parts(const struct pair *pair, struct parts *out)
{
    CK_OBJECT_HANDLE key = pair_find(CKO_PUBLIC_KEY, pair->label);
    bool rsa = pair->type == CKK_RSA;
    CK_ATTRIBUTE get[] = {
        {rsa ? CKA_MODULUS : CKA_EC_PARAMS, out->first, sizeof out->first},
        {rsa ? CKA_PUBLIC_EXPONENT : CKA_EC_POINT, out->second, sizeof out->second}};

    assert_rv(p11->C_GetAttributeValue(session, key, get, 2), CKR_OK);
    out->first_len = get[0].ulValueLen;
    out->second_len = get[1].ulValueLen;
    out->type = pair->type;
}

/* Creates the key, with another attribute if `more` is one. */
static CK_RV create(struct parts *parts, const CK_ATTRIBUTE *more, CK_OBJECT_HANDLE *out)
{
    bool rsa = parts->type == CKK_RSA;
    CK_ATTRIBUTE template[6] = {
        VARIABLE(CKA_CLASS, public_key),
        VARIABLE(CKA_KEY_TYPE, parts->type),
        {rsa ? CKA_MODULUS : CKA_EC_PARAMS, parts->first, parts->first_len},
        {rsa ? CKA_PUBLIC_EXPONENT : CKA_EC_POINT, parts->second, parts->second_len},
        TEXT(CKA_LABEL, "theirs"),
    };

    if (more == NULL)
        return p11->C_CreateObject(session, template, 5, out);
    template[5] = *more;
    return p11->C_CreateObject(session, template, 6, out);
}

static CK_MECHANISM mechanism_of(const struct pair *pair)
{
    CK_MECHANISM_TYPE type = pair->type == CKK_RSA  ? CKM_SHA256_RSA_PKCS
                             : pair->type == CKK_EC ? CKM_ECDSA_SHA256
                                                    : CKM_EDDSA;

    return (CK_MECHANISM){type, NULL, 0};
}

static void a_created_key_verifies_as_the_tokens_own_does(void **state)
{
    unsigned char text[] = "signed text";

    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        CK_MECHANISM mechanism = mechanism_of(&pairs[i]);
        CK_OBJECT_HANDLE private = pair_find(CKO_PRIVATE_KEY, pairs[i].label);
        unsigned char signature[1024];
        CK_ULONG n = sizeof signature;
        CK_OBJECT_HANDLE key;
        struct parts parts;

        read_parts(&pairs[i], &parts);
        assert_rv(create(&parts, NULL, &key), CKR_OK);
        assert_int_equal(get_bool(session, key, CKA_LOCAL), CK_FALSE);
        assert_int_equal(get_bool(session, key, CKA_TOKEN), CK_FALSE);
        assert_int_equal(get_bool(session, key, CKA_VERIFY), CK_TRUE);
        assert_rv(p11->C_SignInit(session, &mechanism, private), CKR_OK);
        assert_rv(p11->C_Sign(session, text, sizeof text, signature, &n), CKR_OK);
        assert_rv(p11->C_VerifyInit(session, &mechanism, key), CKR_OK);
        assert_rv(p11->C_Verify(session, text, sizeof text, signature, n), CKR_OK);
        text[0] ^= 1;
        assert_rv(p11->C_VerifyInit(session, &mechanism, key), CKR_OK);
        assert_rv(p11->C_Verify(session, text, sizeof text, signature, n), CKR_SIGNATURE_INVALID);
        text[0] ^= 1;
        assert_rv(p11->C_SignInit(session, &mechanism, key), CKR_KEY_FUNCTION_NOT_PERMITTED);
        assert_rv(p11->C_DestroyObject(session, key), CKR_OK);
        assert_rv(p11->C_VerifyInit(session, &mechanism, key), CKR_KEY_HANDLE_INVALID);
    }
}

/* What the rule allows the token's object, a session's own may do, too: it obeys no rule. */
static void assert_allows_as_much(CK_OBJECT_HANDLE token, CK_OBJECT_HANDLE key)
{
    CK_MECHANISM_TYPE types[2][64];
    CK_ATTRIBUTE theirs = {CKA_ALLOWED_MECHANISMS, types[0], sizeof types[0]};
    CK_ATTRIBUTE ours = {CKA_ALLOWED_MECHANISMS, types[1], sizeof types[1]};

    assert_rv(p11->C_GetAttributeValue(session, token, &theirs, 1), CKR_OK);
    assert_rv(p11->C_GetAttributeValue(session, key, &ours, 1), CKR_OK);
    for (size_t i = 0; i < theirs.ulValueLen / sizeof types[0][0]; i++) {
        size_t j = 0;
        while (j < ours.ulValueLen / sizeof types[1][0] && types[1][j] != types[0][i])
            j++;
        assert_true(j < ours.ulValueLen / sizeof types[1][0]);
    }
}

/* The attributes of the token's object, which both have. */
static void a_created_key_has_the_same_attributes(void **state)
{
    static const CK_ATTRIBUTE_TYPE types[] = {
        CKA_CLASS,     CKA_KEY_TYPE,     CKA_PUBLIC_KEY_INFO, CKA_MODULUS, CKA_PUBLIC_EXPONENT,
        CKA_EC_PARAMS, CKA_EC_POINT,     CKA_ENCRYPT,         CKA_VERIFY,  CKA_WRAP,
        CKA_DERIVE,    CKA_MODULUS_BITS, CKA_START_DATE};

    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        CK_OBJECT_HANDLE token = pair_find(CKO_PUBLIC_KEY, pairs[i].label);
        CK_OBJECT_HANDLE key;
        struct parts parts;

        read_parts(&pairs[i], &parts);
        assert_rv(create(&parts, NULL, &key), CKR_OK);
        assert_allows_as_much(token, key);
        for (size_t j = 0; j < COUNT(types); j++) {
            unsigned char values[2][2100];
            CK_ATTRIBUTE theirs = {types[j], values[0], sizeof values[0]};
            CK_ATTRIBUTE ours = {types[j], values[1], sizeof values[1]};
            CK_RV rv = p11->C_GetAttributeValue(session, token, &theirs, 1);
            assert_rv(p11->C_GetAttributeValue(session, key, &ours, 1), rv);
            assert_int_equal(ours.ulValueLen, theirs.ulValueLen);
            if (rv == CKR_OK && ours.ulValueLen > 0)
                assert_memory_equal(values[1], values[0], ours.ulValueLen);
        }
        assert_rv(p11->C_DestroyObject(session, key), CKR_OK);
    }
}

static void a_search_finds_it_and_a_copy_is_equal(void **state)
{
    CK_ATTRIBUTE wanted[] = {VARIABLE(CKA_CLASS, public_key), VARIABLE(CKA_TOKEN, no)};
    CK_ATTRIBUTE label = TEXT(CKA_LABEL, "copy");
    CK_ATTRIBUTE kept = VARIABLE(CKA_TOKEN, yes);
    CK_MECHANISM mechanism = mechanism_of(&pairs[1]);
    CK_OBJECT_HANDLE found[3];
    CK_OBJECT_HANDLE key;
    CK_OBJECT_HANDLE copy;
    CK_ULONG n;
    struct parts parts;

    (void)state;
    read_parts(&pairs[1], &parts);
    assert_rv(create(&parts, NULL, &key), CKR_OK);
    assert_rv(p11->C_CopyObject(session, key, &label, 1, &copy), CKR_OK);
    assert_true(p11->C_CopyObject(session, key, &kept, 1, &found[0]) != CKR_OK);
    assert_rv(p11->C_FindObjectsInit(session, wanted, 2), CKR_OK);
    assert_rv(p11->C_FindObjects(session, found, 3, &n), CKR_OK);
    assert_rv(p11->C_FindObjectsFinal(session), CKR_OK);
    assert_int_equal(n, 2);
    assert_rv(p11->C_DestroyObject(session, key), CKR_OK);
    assert_rv(p11->C_VerifyInit(session, &mechanism, copy), CKR_OK);
    assert_rv(p11->C_SetAttributeValue(session, copy, &label, 1), CKR_OK);
    assert_rv(p11->C_DestroyObject(session, copy), CKR_OK);
}

/* 4.8, tables 11 and 23: attributes of every public key, at their defaults and, of CKA_SUBJECT, as
 * "may be modified". */
static void the_attributes_of_all_public_keys_may_be_named(void **state)
{
    CK_ATTRIBUTE empty = {CKA_SUBJECT, NULL, 0};
    CK_ATTRIBUTE subject = TEXT(CKA_SUBJECT, "0\x00");
    CK_ATTRIBUTE recover = VARIABLE(CKA_VERIFY_RECOVER, no);
    CK_ATTRIBUTE recovers = VARIABLE(CKA_VERIFY_RECOVER, yes);
    CK_ATTRIBUTE info = {CKA_PUBLIC_KEY_INFO, NULL, 0};
    CK_OBJECT_HANDLE key;
    CK_OBJECT_HANDLE copy;
    struct parts parts;
    CK_ULONG len;

    (void)state;
    read_parts(&pairs[1], &parts);
    assert_rv(create(&parts, &empty, &key), CKR_OK);
    assert_rv(create(&parts, &recover, &key), CKR_OK);
    assert_rv(create(&parts, &recovers, &key), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_rv(create(&parts, &info, &key), CKR_OK);
    info.pValue = (void *)(uintptr_t)get_text(session, pair_find(CKO_PUBLIC_KEY, pairs[1].label),
                                              CKA_PUBLIC_KEY_INFO, &info.ulValueLen);
    assert_rv(create(&parts, &info, &key), CKR_OK);
    info.ulValueLen--;
    assert_rv(create(&parts, &info, &key), CKR_TEMPLATE_INCONSISTENT);
    assert_rv(create(&parts, &subject, &key), CKR_OK);
    (void)get_text(session, key, CKA_SUBJECT, &len);
    assert_int_equal(len, 2);
    assert_rv(p11->C_CopyObject(session, key, &empty, 1, &copy), CKR_OK);
    (void)get_text(session, copy, CKA_SUBJECT, &len);
    assert_int_equal(len, 0);
    assert_rv(p11->C_SetAttributeValue(session, copy, &subject, 1), CKR_OK);
    assert_rv(p11->C_SetAttributeValue(session, copy, &recover, 1), CKR_OK);
    (void)get_text(session, copy, CKA_SUBJECT, &len);
    assert_int_equal(len, 2);
}

/* 5.7.1: "CKR_TEMPLATE_INCOMPLETE", "CKR_ATTRIBUTE_VALUE_INVALID", "CKR_CURVE_NOT_SUPPORTED". */
static void bytes_that_are_not_a_key_are_refused(void **state)
{
    CK_OBJECT_HANDLE key = 0;
    struct parts parts;

    (void)state;
    read_parts(&pairs[0], &parts);
    parts.first[parts.first_len - 1] &= 0xfe; /* an even modulus */
    assert_rv(create(&parts, NULL, &key), CKR_ATTRIBUTE_VALUE_INVALID);
    read_parts(&pairs[0], &parts);
    parts.first_len = 127; /* too small */
    assert_rv(create(&parts, NULL, &key), CKR_ATTRIBUTE_VALUE_INVALID);
    parts.first_len = 0;
    assert_rv(create(&parts, NULL, &key), CKR_TEMPLATE_INCOMPLETE);
    for (size_t i = 1; i < PAIRS - 1; i++) {
        read_parts(&pairs[i], &parts);
        if (pairs[i].type == CKK_EC) { /* a point beside the curve */
            parts.second[parts.second_len - 1] ^= 1;
            assert_rv(create(&parts, NULL, &key), CKR_ATTRIBUTE_VALUE_INVALID);
        }
        parts.second_len--;
        assert_rv(create(&parts, NULL, &key), CKR_ATTRIBUTE_VALUE_INVALID);
        parts.second_len = 0;
        assert_rv(create(&parts, NULL, &key), CKR_TEMPLATE_INCOMPLETE);
        memcpy(parts.first, pair_secp256k1, sizeof pair_secp256k1);
        parts.first_len = sizeof pair_secp256k1;
        parts.second_len = 65;
        assert_rv(create(&parts, NULL, &key), CKR_CURVE_NOT_SUPPORTED);
    }
    assert_int_equal(key, 0);
}

static void attributes_of_another_type_or_place_are_refused(void **state)
{
    unsigned char byte = 3;
    CK_ATTRIBUTE exponent = VARIABLE(CKA_PUBLIC_EXPONENT, byte);
    CK_ATTRIBUTE kept = VARIABLE(CKA_TOKEN, yes);
    CK_ATTRIBUTE trusted = VARIABLE(CKA_TRUSTED, yes);
    CK_ATTRIBUTE value = TEXT(CKA_VALUE, "x");
    CK_ATTRIBUTE idle = VARIABLE(CKA_VERIFY, no);
    CK_MECHANISM mechanism = mechanism_of(&pairs[1]);
    CK_OBJECT_HANDLE key = 0;
    struct parts parts;

    (void)state;
    read_parts(&pairs[1], &parts);
    assert_rv(create(&parts, &exponent, &key), CKR_TEMPLATE_INCONSISTENT);
    assert_rv(create(&parts, &kept, &key), CKR_TEMPLATE_INCONSISTENT);
    assert_rv(create(&parts, &trusted, &key), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_rv(create(&parts, &value, &key), CKR_ATTRIBUTE_TYPE_INVALID);
    parts.type = CKK_EC_EDWARDS;
    assert_rv(create(&parts, NULL, &key), CKR_CURVE_NOT_SUPPORTED);
    parts.type = CKK_DSA;
    assert_true(create(&parts, NULL, &key) != CKR_OK);
    parts.type = CKK_EC;
    assert_rv(create(&parts, &idle, &key), CKR_OK);
    assert_rv(p11->C_VerifyInit(session, &mechanism, key), CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_rv(p11->C_DestroyObject(session, key), CKR_OK);
}

/* Some programs give the bare point. */
static void the_bare_point_is_accepted(void **state)
{
    CK_OBJECT_HANDLE key;
    struct parts parts;

    (void)state;
    read_parts(&pairs[1], &parts);
    assert_int_equal(parts.second_len, 67);
    memmove(parts.second, parts.second + 2, 65);
    parts.second_len = 65;
    assert_rv(create(&parts, NULL, &key), CKR_OK);
    assert_rv(p11->C_DestroyObject(session, key), CKR_OK);
}

/* Mechanisms 2.3.5: the key is for an agreement, which needs its point. It verifies nothing. */
static void a_key_of_x25519_is_for_agreement_alone(void **state)
{
    CK_OBJECT_HANDLE token = pair_find(CKO_PUBLIC_KEY, "global/agree_x25519");
    CK_MECHANISM mechanism = {CKM_EDDSA, NULL, 0};
    struct parts parts = {.type = CKK_EC_MONTGOMERY};
    CK_ATTRIBUTE get[] = {{CKA_EC_PARAMS, parts.first, sizeof parts.first},
                          {CKA_EC_POINT, parts.second, sizeof parts.second}};
    CK_OBJECT_HANDLE key;
    CK_ULONG len;

    (void)state;
    assert_rv(p11->C_GetAttributeValue(session, token, get, 2), CKR_OK);
    parts.first_len = get[0].ulValueLen;
    parts.second_len = get[1].ulValueLen;
    assert_rv(create(&parts, NULL, &key), CKR_OK);
    assert_int_equal(get_bool(session, key, CKA_VERIFY), CK_FALSE);
    assert_memory_equal(get_text(session, key, CKA_EC_POINT, &len), parts.second, parts.second_len);
    assert_int_equal(len, parts.second_len);
    assert_rv(p11->C_VerifyInit(session, &mechanism, key), CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_rv(p11->C_DestroyObject(session, key), CKR_OK);
    parts.second_len--;
    assert_rv(create(&parts, NULL, &key), CKR_ATTRIBUTE_VALUE_INVALID);
    parts.second_len++;
    parts.type = CKK_EC_EDWARDS;
    assert_rv(create(&parts, NULL, &key), CKR_CURVE_NOT_SUPPORTED);
}

static const struct CMUnitTest tests[] = {
    paired(a_created_key_verifies_as_the_tokens_own_does),
    paired(a_created_key_has_the_same_attributes),
    paired(a_search_finds_it_and_a_copy_is_equal),
    paired(the_attributes_of_all_public_keys_may_be_named),
    paired(bytes_that_are_not_a_key_are_refused),
    paired(attributes_of_another_type_or_place_are_refused),
    paired(the_bare_point_is_accepted),
    paired(a_key_of_x25519_is_for_agreement_alone),
};

const struct chapter public_key_chapter = CHAPTER("public-key", tests);
