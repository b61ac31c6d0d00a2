/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/pair.h"

#include <string.h>

#include "sideseat-pkcs11.h"

/*
 * C_GenerateKeyPair, 5.18.2: "If a call to C_GenerateKeyPair cannot support the precise template
 * supplied to it, it will fail and return without creating any key objects." and "A call to
 * C_GenerateKeyPair will never create just one key and return."
 */

#define session pair_session

#define NEW_LABEL "org/acme/tls_new"

static CK_OBJECT_CLASS private_class = CKO_PRIVATE_KEY;
static CK_OBJECT_CLASS public_class = CKO_PUBLIC_KEY;
static CK_OBJECT_CLASS data_class = CKO_DATA;

static unsigned char ed25519_name[] = "\x13\x0c"
                                      "edwards25519";
static unsigned char ed448[] = {0x06, 0x03, 0x2b, 0x65, 0x71};
static CK_ULONG bits_2048 = 2048;

/* The kinds of key pair, and how each is asked for and used. */
static const struct kind {
    CK_MECHANISM_TYPE generate;
    CK_ATTRIBUTE parameter;
    CK_MECHANISM_TYPE sign;
    CK_ULONG signature_len;
} kinds[] = {
    {CKM_EC_KEY_PAIR_GEN, VARIABLE(CKA_EC_PARAMS, pair_p256), CKM_ECDSA_SHA256, 64},
    {CKM_RSA_PKCS_KEY_PAIR_GEN, VARIABLE(CKA_MODULUS_BITS, bits_2048), CKM_SHA256_RSA_PKCS, 256},
    {CKM_EC_KEY_PAIR_GEN, VARIABLE(CKA_EC_PARAMS, pair_p384), CKM_ECDSA_SHA384, 96},
    {CKM_EC_KEY_PAIR_GEN, VARIABLE(CKA_EC_PARAMS, pair_p521), CKM_ECDSA_SHA512, 132},
    {CKM_EC_EDWARDS_KEY_PAIR_GEN, VARIABLE(CKA_EC_PARAMS, pair_ed25519), CKM_EDDSA, 64},
    {CKM_EC_EDWARDS_KEY_PAIR_GEN,
     {CKA_EC_PARAMS, ed25519_name, sizeof ed25519_name - 1},
     CKM_EDDSA,
     64},
    {CKM_EC_EDWARDS_KEY_PAIR_GEN, VARIABLE(CKA_EC_PARAMS, ed448), CKM_EDDSA, 114},
};

/* A call: a private and a public template that may be changed before it. */
struct call {
    CK_MECHANISM mechanism;
    CK_ATTRIBUTE public[8];
    CK_ATTRIBUTE private[8];
    CK_ULONG public_count;
    CK_ULONG private_count;
    CK_OBJECT_HANDLE public_key;
    CK_OBJECT_HANDLE private_key;
};

static void add(struct call *call, bool private, CK_ATTRIBUTE attribute)
{
    CK_ULONG *count = private ? &call->private_count : &call->public_count;

    (private ? call->private : call->public)[(*count)++] = attribute;
}

static struct call call_for(const struct kind *kind, bool token, const char *label)
{
    struct call call = {.mechanism = {kind->generate, NULL, 0}};
    CK_BBOOL *stored = token ? &yes : &no;

    add(&call, true, (CK_ATTRIBUTE)VARIABLE(CKA_TOKEN, *stored));
    add(&call, false, (CK_ATTRIBUTE)VARIABLE(CKA_TOKEN, *stored));
    add(&call, false, kind->parameter);
    if (label != NULL) {
        add(&call, true, (CK_ATTRIBUTE)STRING(CKA_LABEL, label));
        add(&call, false, (CK_ATTRIBUTE)STRING(CKA_LABEL, label));
    }
    return call;
}

static CK_RV generate(struct call *call)
{
    return p11->C_GenerateKeyPair(session, &call->mechanism, call->public, call->public_count,
                                  call->private, call->private_count, &call->public_key,
                                  &call->private_key);
}

/* Signs with one key and verifies with the other. */
static void assert_pair(const struct kind *kind, CK_OBJECT_HANDLE private, CK_OBJECT_HANDLE public)
{
    CK_MECHANISM mechanism = {kind->sign, NULL, 0};
    unsigned char text[] = "signed text";
    unsigned char signature[1024];
    CK_ULONG n = sizeof signature;

    assert_rv(p11->C_SignInit(session, &mechanism, private), CKR_OK);
    assert_rv(p11->C_Sign(session, text, sizeof text, signature, &n), CKR_OK);
    assert_int_equal(n, kind->signature_len);
    assert_rv(p11->C_VerifyInit(session, &mechanism, public), CKR_OK);
    assert_rv(p11->C_Verify(session, text, sizeof text, signature, n), CKR_OK);
    signature[n / 2] ^= 1;
    assert_rv(p11->C_VerifyInit(session, &mechanism, public), CKR_OK);
    assert_rv(p11->C_Verify(session, text, sizeof text, signature, n), CKR_SIGNATURE_INVALID);
}

static void a_pair_of_the_token_is_a_secret_of_the_store(void **state)
{
    (void)state;
    for (size_t i = 0; suite.writable && i < COUNT(kinds); i++) {
        struct call call = call_for(&kinds[i], true, NEW_LABEL);
        CK_OBJECT_HANDLE data;

        assert_rv(generate(&call), CKR_OK);
        assert_int_equal(pair_find(CKO_PRIVATE_KEY, NEW_LABEL), call.private_key);
        assert_int_equal(pair_find(CKO_PUBLIC_KEY, NEW_LABEL), call.public_key);
        assert_pair(&kinds[i], call.private_key, call.public_key);
        assert_int_equal(get_bool(session, call.private_key, CKA_TOKEN), CK_TRUE);
        assert_int_equal(get_bool(session, call.private_key, CKA_EXTRACTABLE), CK_FALSE);
        assert_int_equal(get_bool(session, call.private_key, CKA_SENSITIVE), CK_TRUE);
        data = find_label(session, NEW_LABEL);
        assert_memory_equal(get_text(session, data, CKA_VALUE, NULL), "-----BEGIN PRIVATE KEY-----",
                            27);
        assert_rv(p11->C_DestroyObject(session, data), CKR_OK);
        assert_int_equal(pair_find(CKO_PRIVATE_KEY, NEW_LABEL), 0);
    }
}

static void a_rule_with_a_passphrase_has_the_key_encrypted(void **state)
{
    const char *label = "global/locked_new";
    struct call call = call_for(&kinds[1], true, label);
    CK_OBJECT_HANDLE data;

    (void)state;
    if (!suite.writable)
        return;
    assert_rv(generate(&call), CKR_OK);
    assert_int_equal(pair_find(CKO_PRIVATE_KEY, label), call.private_key);
    assert_int_equal(pair_find(CKO_PUBLIC_KEY, label), call.public_key);
    assert_pair(&kinds[1], call.private_key, call.public_key);
    data = find_label(session, label);
    assert_memory_equal(get_text(session, data, CKA_VALUE, NULL),
                        "-----BEGIN ENCRYPTED PRIVATE KEY-----", 37);
    assert_rv(p11->C_DestroyObject(session, call.private_key), CKR_OK);
}

static void a_pair_outlives_the_library(void **state)
{
    struct call call = call_for(&kinds[0], true, NEW_LABEL);

    (void)state;
    if (!suite.writable || !suite.persistent)
        return;
    assert_rv(generate(&call), CKR_OK);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    session = open_rw();
    assert_pair(&kinds[0], pair_find(CKO_PRIVATE_KEY, NEW_LABEL),
                pair_find(CKO_PUBLIC_KEY, NEW_LABEL));
}

static void a_secret_that_exists_stays_as_it_is(void **state)
{
    struct call first = call_for(&kinds[0], true, NEW_LABEL);
    struct call second = call_for(&kinds[1], true, NEW_LABEL);

    (void)state;
    if (!suite.writable)
        return;
    assert_rv(generate(&first), CKR_OK);
    assert_rv(generate(&second), CKR_SIDESEAT_CONFLICT);
    assert_int_equal(second.private_key, 0);
    assert_pair(&kinds[0], first.private_key, first.public_key);
    second = call_for(&kinds[0], true, "org/acme/tls_note"); /* a note, not a key */
    assert_rv(generate(&second), CKR_SIDESEAT_CONFLICT);
    expect_secret(session, "org/acme/tls_note", "not a key");
}

/* 4.9: CKA_LOCAL, CKA_ALWAYS_SENSITIVE and CKA_NEVER_EXTRACTABLE say how a key came to be. */
static void a_pair_of_a_session_ends_with_it(void **state)
{
    static const CK_ATTRIBUTE_TYPE told[] = {
        CKA_LOCAL, CKA_SENSITIVE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE,
        CKA_SIGN,  CKA_PRIVATE};
    CK_ATTRIBUTE all[] = {VARIABLE(CKA_CLASS, private_class), VARIABLE(CKA_TOKEN, no)};
    CK_SESSION_HANDLE other = open_ro();

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct call call = call_for(&kinds[i], false, "any name");
        CK_MECHANISM_TYPE made = 0;
        CK_ATTRIBUTE asked = VARIABLE(CKA_KEY_GEN_MECHANISM, made);
        char room[1024];
        CK_ATTRIBUTE secret = {kinds[i].generate == CKM_RSA_PKCS_KEY_PAIR_GEN ? CKA_PRIME_1
                                                                              : CKA_VALUE,
                               room, sizeof room};

        assert_rv(generate(&call), CKR_OK);
        assert_pair(&kinds[i], call.private_key, call.public_key);
        for (size_t j = 0; j < COUNT(told); j++)
            assert_int_equal(get_bool(session, call.private_key, told[j]), CK_TRUE);
        assert_rv(p11->C_GetAttributeValue(session, call.private_key, &asked, 1), CKR_OK);
        assert_int_equal(made, kinds[i].generate);
        assert_rv(p11->C_GetAttributeValue(session, call.private_key, &secret, 1),
                  CKR_ATTRIBUTE_SENSITIVE);
        assert_string_equal(get_text(session, call.private_key, CKA_LABEL, NULL), "any name");
        assert_int_equal(find(other, all, 2, NULL, 0), i + 1);
    }
    assert_rv(p11->C_CloseSession(session), CKR_OK);
    assert_int_equal(find(other, all, 2, NULL, 0), 0);
    session = other;
}

static void a_private_key_of_a_session_signs_only_if_its_template_says_so(void **state)
{
    struct call call = call_for(&kinds[1], false, NULL);
    CK_RSA_PKCS_OAEP_PARAMS oaep = {CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, NULL, 0};
    CK_MECHANISM decrypt = {CKM_RSA_PKCS_OAEP, &oaep, sizeof oaep};
    CK_MECHANISM sign = {CKM_SHA256_RSA_PKCS, NULL, 0};
    CK_OBJECT_HANDLE copy = 0;

    (void)state;
    add(&call, true, (CK_ATTRIBUTE)VARIABLE(CKA_SIGN, no));
    add(&call, true, (CK_ATTRIBUTE)VARIABLE(CKA_DECRYPT, yes));
    assert_rv(generate(&call), CKR_OK);
    assert_rv(p11->C_SignInit(session, &sign, call.private_key), CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_rv(p11->C_DecryptInit(session, &decrypt, call.private_key), CKR_OK);
    assert_rv(p11->C_CopyObject(session, call.private_key, NULL, 0, &copy), CKR_OK);
    assert_rv(p11->C_DestroyObject(session, call.private_key), CKR_OK);
    assert_rv(p11->C_DecryptInit(session, NULL, 0), CKR_OK);
    assert_rv(p11->C_DecryptInit(session, &decrypt, copy), CKR_OK);
}

/* NSS keeps the private half and forgets the public one. */
static void the_public_half_may_be_of_the_session(void **state)
{
    struct call call = call_for(&kinds[0], true, NEW_LABEL);

    (void)state;
    call.public[0].pValue = &no;
    if (suite.writable) {
        assert_rv(generate(&call), CKR_OK);
        assert_int_equal(get_bool(session, call.public_key, CKA_TOKEN), CK_FALSE);
        assert_pair(&kinds[0], call.private_key, call.public_key);
    }
    call = call_for(&kinds[0], false, "any name");
    call.public[0].pValue = &yes;
    assert_rv(generate(&call), CKR_TEMPLATE_INCONSISTENT);
}

/* Calls, which must fail so and make no object. */
static void refuse(struct call call, CK_RV expected)
{
    CK_ATTRIBUTE all[] = {VARIABLE(CKA_CLASS, public_class)};
    CK_ULONG before = find(session, all, 1, NULL, 0);

    assert_rv(generate(&call), expected);
    assert_int_equal(call.private_key, 0);
    assert_int_equal(call.public_key, 0);
    assert_int_equal(find(session, all, 1, NULL, 0), before);
    assert_int_equal(find_label(session, NEW_LABEL), 0);
}

static void refuse_with(bool token, bool private, CK_ATTRIBUTE more, CK_RV expected)
{
    struct call call = call_for(&kinds[0], token, NEW_LABEL);

    add(&call, private, more);
    refuse(call, expected);
}

static void a_name_that_nothing_could_use_is_refused(void **state)
{
    struct call call;

    (void)state;
    if (!suite.writable)
        return;
    refuse(call_for(&kinds[0], true, "org/acme/new"), CKR_TEMPLATE_INCONSISTENT);
    refuse(call_for(&kinds[0], true, "my key"), CKR_SIDESEAT_CONFLICT); /* it exists */
    refuse(call_for(&kinds[0], true, "global/orphan_1"),
           CKR_SIDESEAT_MISCONFIGURED); /* no passphrase */
    assert_int_equal(find_label(session, "global/orphan_1"), 0);
    refuse(call_for(&kinds[0], true, "no/scope"), CKR_ATTRIBUTE_VALUE_INVALID);
    refuse(call_for(&kinds[0], true, NULL), CKR_TEMPLATE_INCOMPLETE);
    call = call_for(&kinds[0], true, NEW_LABEL);
    call.public[2] = (CK_ATTRIBUTE)TEXT(CKA_LABEL, "org/acme/tls_other");
    refuse(call, CKR_TEMPLATE_INCONSISTENT);
}

static void attributes_that_the_pair_cannot_have_are_refused(void **state)
{
    CK_RV rv = CKR_ATTRIBUTE_VALUE_INVALID;
    CK_MECHANISM_TYPE one = CKM_ECDSA;
    CK_KEY_TYPE rsa = CKK_RSA;

    (void)state;
    for (int token = suite.writable ? 1 : 0; token >= 0; token--) {
        refuse_with(token, true, (CK_ATTRIBUTE)VARIABLE(CKA_SENSITIVE, no), rv);
        refuse_with(token, true, (CK_ATTRIBUTE)VARIABLE(CKA_EXTRACTABLE, yes), rv);
        refuse_with(token, true, (CK_ATTRIBUTE)VARIABLE(CKA_SIGN_RECOVER, yes), rv);
        refuse_with(token, false, (CK_ATTRIBUTE)VARIABLE(CKA_TRUSTED, yes), rv);
        refuse_with(token, false, (CK_ATTRIBUTE)VARIABLE(CKA_KEY_TYPE, rsa),
                    CKR_TEMPLATE_INCONSISTENT);
        refuse_with(token, true, (CK_ATTRIBUTE)VARIABLE(CKA_CLASS, data_class),
                    CKR_TEMPLATE_INCONSISTENT);
        refuse_with(token, true, (CK_ATTRIBUTE)TEXT(CKA_VALUE, "x"), CKR_ATTRIBUTE_READ_ONLY);
        refuse_with(token, false, (CK_ATTRIBUTE)TEXT(CKA_APPLICATION, "x"),
                    CKR_ATTRIBUTE_TYPE_INVALID);
    }
    if (!suite.writable)
        return;
    refuse_with(true, true, (CK_ATTRIBUTE)VARIABLE(CKA_DECRYPT, yes), rv);
    refuse_with(true, true, (CK_ATTRIBUTE)VARIABLE(CKA_SIGN, no), rv);
    refuse_with(true, false, (CK_ATTRIBUTE)VARIABLE(CKA_WRAP, yes), rv);
    refuse_with(true, true, (CK_ATTRIBUTE)TEXT(CKA_ID, "mine"), rv);
    refuse_with(true, true, (CK_ATTRIBUTE)VARIABLE(CKA_ALLOWED_MECHANISMS, one), rv);
    refuse_with(true, true, (CK_ATTRIBUTE)TEXT(CKA_START_DATE, "20300101"), rv);
}

static void sizes_and_curves_out_of_range_are_refused(void **state)
{
    CK_ULONG bits = 1024;
    unsigned char three[] = {3};
    CK_ATTRIBUTE other_curve = VARIABLE(CKA_EC_PARAMS, pair_secp256k1);
    CK_ATTRIBUTE edwards = VARIABLE(CKA_EC_PARAMS, pair_ed25519);
    struct call call;

    (void)state;
    call = call_for(&kinds[1], false, NULL);
    call.public[1] = (CK_ATTRIBUTE)VARIABLE(CKA_MODULUS_BITS, bits);
    refuse(call, CKR_ATTRIBUTE_VALUE_INVALID);
    bits = 16384;
    refuse(call, CKR_ATTRIBUTE_VALUE_INVALID);
    call = call_for(&kinds[1], false, NULL);
    add(&call, false, (CK_ATTRIBUTE)VARIABLE(CKA_PUBLIC_EXPONENT, three));
    refuse(call, CKR_ATTRIBUTE_VALUE_INVALID);
    call.public_count = 1;
    refuse(call, CKR_TEMPLATE_INCOMPLETE);
    call = call_for(&kinds[0], false, NULL);
    call.public[1] = other_curve;
    refuse(call, CKR_CURVE_NOT_SUPPORTED);
    call.public[1] = edwards;
    refuse(call, CKR_CURVE_NOT_SUPPORTED);
    call.public_count = 1;
    refuse(call, CKR_TEMPLATE_INCOMPLETE);
}

static void arguments_are_checked(void **state)
{
    struct call call = call_for(&kinds[0], false, NULL);
    CK_OBJECT_HANDLE key;
    CK_MECHANISM wrong = {CKM_GENERIC_SECRET_KEY_GEN, NULL, 0};

    (void)state;
    assert_rv(p11->C_GenerateKeyPair(session, NULL, call.public, 2, call.private, 1, &key, &key),
              CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_GenerateKeyPair(session, &call.mechanism, call.public, 2, call.private, 1,
                                     NULL, &key),
              CKR_ARGUMENTS_BAD);
    assert_rv(
        p11->C_GenerateKeyPair(session, &call.mechanism, NULL, 2, call.private, 1, &key, &key),
        CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_GenerateKeyPair(session, &wrong, call.public, 2, call.private, 1, &key, &key),
              CKR_MECHANISM_INVALID);
    call.mechanism.ulParameterLen = 1;
    call.mechanism.pParameter = pair_p256;
    assert_rv(generate(&call), CKR_MECHANISM_PARAM_INVALID);
    call.mechanism.ulParameterLen = 0;
    add(&call, true, call.private[0]);
    assert_rv(generate(&call), CKR_TEMPLATE_INCONSISTENT);
}

/* 5.18.2: "CKR_SESSION_READ_ONLY", "CKR_TOKEN_WRITE_PROTECTED". */
static void a_session_that_may_only_read_makes_no_pair_of_the_token(void **state)
{
    struct call call = call_for(&kinds[0], true, NEW_LABEL);

    (void)state;
    assert_rv(p11->C_CloseSession(session), CKR_OK);
    session = open_ro();
    refuse(call, suite.writable ? CKR_SESSION_READ_ONLY : CKR_TOKEN_WRITE_PROTECTED);
    call = call_for(&kinds[0], false, NULL);
    assert_rv(generate(&call), CKR_OK);
    assert_pair(&kinds[0], call.private_key, call.public_key);
}

/* 5.5.5 and 5.5.6: the mechanism list says what a token can do. */
static void the_mechanisms_are_those_of_tokens_with_key_pairs(void **state)
{
    CK_MECHANISM_INFO info;

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        assert_rv(p11->C_GetMechanismInfo(1, kinds[i].generate, &info), CKR_OK);
        assert_true((info.flags & CKF_GENERATE_KEY_PAIR) != 0);
    }
    assert_rv(p11->C_GetMechanismInfo(1, CKM_RSA_PKCS_KEY_PAIR_GEN, &info), CKR_OK);
    assert_int_equal(info.ulMinKeySize, 2048);
    assert_int_equal(info.ulMaxKeySize, 4096);
}

static void a_token_without_them_makes_none(void **state)
{
    CK_MECHANISM_INFO info;
    struct call call = call_for(&kinds[0], false, NULL);

    (void)state;
    session = open_ro();
    assert_rv(generate(&call), CKR_MECHANISM_INVALID);
    assert_rv(p11->C_GetMechanismInfo(1, CKM_EC_KEY_PAIR_GEN, &info), CKR_MECHANISM_INVALID);
}

/* 4.8 and 4.9: CKA_SUBJECT, "default empty", and the flag of each half that this module lacks. */
static void both_templates_may_name_what_every_key_has(void **state)
{
    CK_ATTRIBUTE subject = TEXT(CKA_SUBJECT, "0\x00");
    CK_ATTRIBUTE asks = VARIABLE(CKA_ALWAYS_AUTHENTICATE, no);
    struct call call = call_for(&kinds[0], false, NULL);
    CK_ULONG len;

    (void)state;
    add(&call, true, subject);
    add(&call, true, asks);
    add(&call, false, subject);
    add(&call, false, (CK_ATTRIBUTE)VARIABLE(CKA_VERIFY_RECOVER, no));
    assert_rv(generate(&call), CKR_OK);
    (void)get_text(session, call.private_key, CKA_SUBJECT, &len);
    assert_int_equal(len, 2);
    (void)get_text(session, call.public_key, CKA_SUBJECT, &len);
    assert_int_equal(len, 2);
}

static const struct CMUnitTest tests[] = {
    paired(a_pair_of_the_token_is_a_secret_of_the_store),
    paired(a_rule_with_a_passphrase_has_the_key_encrypted),
    paired(a_pair_outlives_the_library),
    paired(a_secret_that_exists_stays_as_it_is),
    paired(a_pair_of_a_session_ends_with_it),
    paired(a_private_key_of_a_session_signs_only_if_its_template_says_so),
    paired(the_public_half_may_be_of_the_session),
    paired(a_name_that_nothing_could_use_is_refused),
    paired(attributes_that_the_pair_cannot_have_are_refused),
    paired(sizes_and_curves_out_of_range_are_refused),
    paired(arguments_are_checked),
    paired(a_session_that_may_only_read_makes_no_pair_of_the_token),
    paired(the_mechanisms_are_those_of_tokens_with_key_pairs),
    open_library(a_token_without_them_makes_none),
    paired(both_templates_may_name_what_every_key_has),
};

const struct chapter generate_pair_chapter = CHAPTER("generate-pair", tests);
