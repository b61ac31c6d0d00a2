/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <string.h>

/* Session keys that are for one HMAC only, or for some mechanisms only, and copies of keys. */

static CK_SESSION_HANDLE session;
static CK_OBJECT_CLASS class_key = CKO_SECRET_KEY;
static CK_KEY_TYPE generic = CKK_GENERIC_SECRET;
static CK_KEY_TYPE sha256_hmac = CKK_SHA256_HMAC;
static CK_KEY_TYPE sha512_hmac = CKK_SHA512_HMAC;
static CK_ULONG key_len = 16;
static CK_MECHANISM_TYPE one_mechanism[] = {CKM_SHA256_HMAC};

static int with_session(void **state)
{
    if (with_library(state) != 0)
        return -1;
    session = open_ro();
    return 0;
}

/* 5.7.2: the copy of a key is a key with the same value, even an unreadable one, and "the new
 * key will have the same value for its CKA_ALWAYS_SENSITIVE attribute as the original". */
static void a_copied_key_signs_the_same(void **state)
{
    CK_MECHANISM hmac = {CKM_SHA256_HMAC, NULL, 0};
    CK_MECHANISM generate = {CKM_GENERIC_SECRET_KEY_GEN, NULL, 0};
    CK_ATTRIBUTE made[] = {VARIABLE(CKA_VALUE_LEN, key_len), VARIABLE(CKA_SENSITIVE, yes),
                           VARIABLE(CKA_EXTRACTABLE, no), VARIABLE(CKA_KEY_TYPE, sha256_hmac),
                           TEXT(CKA_ID, "id")};
    CK_ATTRIBUTE changed[] = {TEXT(CKA_LABEL, "copy")};
    CK_OBJECT_HANDLE keys[2];
    unsigned char macs[2][32];

    (void)state;
    assert_rv(p11->C_GenerateKey(session, &generate, made, COUNT(made), &keys[0]), CKR_OK);
    assert_rv(p11->C_CopyObject(session, keys[0], changed, 1, &keys[1]), CKR_OK);
    for (int i = 0; i < 2; i++) {
        CK_ULONG n = 32;
        assert_rv(p11->C_SignInit(session, &hmac, keys[i]), CKR_OK);
        assert_rv(p11->C_Sign(session, macs[0], 0, macs[i], &n), CKR_OK);
    }
    assert_memory_equal(macs[0], macs[1], 32);
    assert_string_equal(get_text(session, keys[1], CKA_LABEL, NULL), "copy");
    assert_string_equal(get_text(session, keys[1], CKA_ID, NULL), "id");
    assert_int_equal(get_bool(session, keys[1], CKA_ALWAYS_SENSITIVE), CK_TRUE);
    assert_int_equal(get_bool(session, keys[1], CKA_NEVER_EXTRACTABLE), CK_TRUE);
    assert_int_equal(get_bool(session, keys[1], CKA_LOCAL), CK_TRUE);
    changed[0] = (CK_ATTRIBUTE)VARIABLE(CKA_TOKEN, yes);
    assert_rv(p11->C_CopyObject(session, keys[0], changed, 1, &keys[1]), CKR_TEMPLATE_INCONSISTENT);
}

/* 6.20 and its sisters: a key of one HMAC's type is for that one; 4.7 CKA_ALLOWED_MECHANISMS. */
static void a_key_signs_only_by_its_own_mechanisms(void **state)
{
    static CK_MECHANISM_TYPE none[1];
    const struct {
        CK_KEY_TYPE *type;
        CK_ULONG allowed; /* bytes of one_mechanism; -1: not said */
        CK_MECHANISM_TYPE mechanism;
        CK_RV rv;
    } cases[] = {
        {&generic, CK_UNAVAILABLE_INFORMATION, CKM_SHA512_HMAC, CKR_OK},
        {&sha256_hmac, CK_UNAVAILABLE_INFORMATION, CKM_SHA256_HMAC, CKR_OK},
        {&sha256_hmac, CK_UNAVAILABLE_INFORMATION, CKM_SHA512_HMAC, CKR_KEY_TYPE_INCONSISTENT},
        {&sha512_hmac, CK_UNAVAILABLE_INFORMATION, CKM_SHA512_HMAC, CKR_OK},
        {&generic, sizeof one_mechanism, CKM_SHA256_HMAC, CKR_OK},
        {&generic, sizeof one_mechanism, CKM_SHA512_HMAC, CKR_MECHANISM_INVALID},
        {&generic, 0, CKM_SHA256_HMAC, CKR_MECHANISM_INVALID},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        CK_MECHANISM mechanism = {cases[i].mechanism, NULL, 0};
        CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class_key),
                                   VARIABLE(CKA_KEY_TYPE, *cases[i].type),
                                   TEXT(CKA_VALUE, "0123456789abcdef"),
                                   {CKA_ALLOWED_MECHANISMS,
                                    cases[i].allowed == 0 ? none : one_mechanism,
                                    cases[i].allowed}};
        CK_ULONG count = cases[i].allowed == CK_UNAVAILABLE_INFORMATION ? 3 : 4;
        CK_OBJECT_HANDLE key;
        assert_rv(p11->C_CreateObject(session, template, count, &key), CKR_OK);
        assert_rv(p11->C_SignInit(session, &mechanism, key), cases[i].rv);
        assert_rv(p11->C_VerifyInit(session, &mechanism, key), cases[i].rv);
        assert_rv(p11->C_SignInit(session, NULL, 0), CKR_OK);
        assert_rv(p11->C_VerifyInit(session, NULL, 0), CKR_OK);
    }
}

/* A key that the configuration lists is written down as the configuration reads it. */
static void a_generated_key_has_the_length_that_was_asked_for(void **state)
{
    static const char *const labels[] = {"global/b64", "global/raw", "global/hex", "global/other"};
    CK_MECHANISM mechanism = {CKM_GENERIC_SECRET_KEY_GEN, NULL, 0};

    (void)state;
    if (!suite.writable)
        skip();
    p11->C_Finalize(NULL);
    write_configuration("{\"pkcs11\": {\"hmac_keys\": ["
                        "{\"key\": \"global/b64\", \"encoding\": \"base64\"},"
                        "{\"key\": \"global/raw\", \"encoding\": \"raw\"},"
                        "{\"key\": \"global/hex\", \"encoding\": \"hex\"}]}}");
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    session = open_rw();
    for (size_t i = 0; i < COUNT(labels); i++) {
        CK_ATTRIBUTE template[] = {VARIABLE(CKA_TOKEN, yes), STRING(CKA_LABEL, labels[i]),
                                   VARIABLE(CKA_VALUE_LEN, key_len)};
        CK_ULONG len = 0;
        CK_ATTRIBUTE asked = VARIABLE(CKA_VALUE_LEN, len);
        CK_OBJECT_HANDLE made;
        assert_rv(p11->C_GenerateKey(session, &mechanism, template, 3, &made), CKR_OK);
        assert_rv(p11->C_GetAttributeValue(session, made, &asked, 1), CKR_OK);
        assert_int_equal(len, key_len);
    }
}

#define opened(test) cmocka_unit_test_setup_teardown(test, with_session, without_module)

static const struct CMUnitTest tests[] = {
    opened(a_copied_key_signs_the_same),
    opened(a_key_signs_only_by_its_own_mechanisms),
    opened(a_generated_key_has_the_length_that_was_asked_for),
};

const struct chapter typed_key_chapter = CHAPTER("typed-key", tests);
