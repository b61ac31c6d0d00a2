/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <stdlib.h>
#include <string.h>

/*
 * An impossible length, as C_GetAttributeValue leaves it for an unreadable attribute (5.7.5:
 * CK_UNAVAILABLE_INFORMATION), in every place that takes one: the call refuses it before the first
 * byte.
 */

static const CK_ULONG impossible[] = {(CK_ULONG)-1, (CK_ULONG)-2, (CK_ULONG)-1 / 2,
                                      (CK_ULONG)-1 / 2 + 1, (CK_ULONG)1 << 31};

/* Each attribute that the module knows, and some that it does not. */
static const CK_ATTRIBUTE_TYPE types[] = {
    CKA_CLASS,
    CKA_TOKEN,
    CKA_PRIVATE,
    CKA_MODIFIABLE,
    CKA_COPYABLE,
    CKA_DESTROYABLE,
    CKA_LABEL,
    0x00000004UL /* CKA_UNIQUE_ID */,
    CKA_APPLICATION,
    CKA_OBJECT_ID,
    CKA_VALUE,
    CKA_ID,
    CKA_KEY_TYPE,
    CKA_VALUE_LEN,
    CKA_START_DATE,
    CKA_END_DATE,
    CKA_DERIVE,
    CKA_LOCAL,
    CKA_KEY_GEN_MECHANISM,
    CKA_ALLOWED_MECHANISMS,
    CKA_SENSITIVE,
    CKA_ENCRYPT,
    CKA_DECRYPT,
    CKA_SIGN,
    CKA_VERIFY,
    CKA_WRAP,
    CKA_UNWRAP,
    CKA_EXTRACTABLE,
    CKA_ALWAYS_SENSITIVE,
    CKA_NEVER_EXTRACTABLE,
    CKA_WRAP_WITH_TRUSTED,
    CKA_TRUSTED,
    CKA_ALWAYS_AUTHENTICATE,
    CKA_WRAP_TEMPLATE,
    CKA_ISSUER,
    CKA_MODULUS,
    CKA_SIDESEAT_SCOPE,
    CKA_SIDESEAT_SCOPE_ID,
    CKA_SIDESEAT_NAME,
    CKA_SIDESEAT_CREATED_AT,
    CKA_SIDESEAT_UPDATED_AT,
    CKA_SIDESEAT_VERSION,
    CKA_SIDESEAT_BACKEND,
    CKA_SIDESEAT_STALE,
    CKA_SIDESEAT_FALLBACK,
    CKA_SIDESEAT_STATUS,
    CKA_SIDESEAT_DIAGNOSIS,
    CKA_SIDESEAT_ACCEPT_LOSS,
    CKA_SIDESEAT_LOCK,
    CKA_VENDOR_DEFINED | 7,
    0x00000601UL /* CKA_PROFILE_ID */,
};

static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE objects[3]; /* a secret, session data and a session key */
static CK_OBJECT_CLASS class_key = CKO_SECRET_KEY;
static CK_KEY_TYPE generic = CKK_GENERIC_SECRET;
static CK_ULONG key_len = 32;

static int with_objects(void **state)
{
    CK_ATTRIBUTE data[] = {VARIABLE(CKA_CLASS, class_data), TEXT(CKA_VALUE, "value")};
    CK_ATTRIBUTE key[] = {VARIABLE(CKA_CLASS, class_key), VARIABLE(CKA_KEY_TYPE, generic),
                          TEXT(CKA_VALUE, "0123456789abcdef")};

    if (with_secrets(state) != 0)
        return -1;
    session = suite.writable ? open_rw() : open_ro();
    objects[0] = find_label(session, seeded[0]);
    return p11->C_CreateObject(session, data, COUNT(data), &objects[1]) == CKR_OK &&
                   p11->C_CreateObject(session, key, COUNT(key), &objects[2]) == CKR_OK
               ? 0
               : -1;
}

/* The attributes before the tested one, so that only its length can be wrong. */
struct base {
    const char *what;
    CK_ATTRIBUTE attributes[5];
    CK_ULONG count;
};

#define SECRET_BASE                                                                                \
    {                                                                                              \
        VARIABLE(CKA_CLASS, class_data), VARIABLE(CKA_TOKEN, yes), TEXT(CKA_LABEL, "global/long"), \
            TEXT(CKA_VALUE, "x")                                                                   \
    }

/* The base without an attribute of this type, and with `tried` in its place; the count. */
static CK_ULONG compose(CK_ATTRIBUTE *out, const struct base *base, CK_ATTRIBUTE tried)
{
    CK_ULONG count = 0;

    for (CK_ULONG i = 0; i < base->count; i++)
        if (base->attributes[i].type != tried.type)
            out[count++] = base->attributes[i];
    out[count++] = tried;
    return count;
}

static CK_RV search(CK_ATTRIBUTE *template, CK_ULONG count)
{
    CK_RV rv = p11->C_FindObjectsInit(session, template, count);

    if (rv == CKR_OK)
        assert_rv(p11->C_FindObjectsFinal(session), CKR_OK);
    return rv;
}

static CK_RV generate(CK_ATTRIBUTE *template, CK_ULONG count)
{
    CK_MECHANISM mechanism = {CKM_GENERIC_SECRET_KEY_GEN, NULL, 0};
    CK_OBJECT_HANDLE made;

    return p11->C_GenerateKey(session, &mechanism, template, count, &made);
}

static CK_RV create(CK_ATTRIBUTE *template, CK_ULONG count)
{
    CK_OBJECT_HANDLE made;

    return p11->C_CreateObject(session, template, count, &made);
}

/* Every function that takes a template, with one attribute of a length that cannot be. */
static void try_everywhere(CK_ATTRIBUTE tried)
{
    const struct base creating[] = {
        {"a secret", SECRET_BASE, 4},
        {"data", {VARIABLE(CKA_CLASS, class_data), TEXT(CKA_VALUE, "x")}, 2},
        {"a key",
         {VARIABLE(CKA_CLASS, class_key), VARIABLE(CKA_KEY_TYPE, generic),
          TEXT(CKA_VALUE, "0123456789abcdef")},
         3},
    };
    const struct base generating[] = {
        {"in the store",
         {VARIABLE(CKA_TOKEN, yes), TEXT(CKA_LABEL, "global/made"),
          VARIABLE(CKA_VALUE_LEN, key_len)},
         3},
        {"in the session", {VARIABLE(CKA_VALUE_LEN, key_len)}, 1},
    };
    const struct base fallback = {
        "fallback", {TEXT(CKA_LABEL, "alpha"), TEXT(CKA_SIDESEAT_FALLBACK, "global")}, 2};
    const struct base nothing = {"nothing", {{0, NULL, 0}}, 0};
    CK_ATTRIBUTE template[6];
    CK_OBJECT_HANDLE made;

    for (size_t i = 0; i < COUNT(creating); i++)
        assert_true(create(template, compose(template, &creating[i], tried)) != CKR_OK);
    for (size_t i = 0; i < COUNT(generating); i++)
        assert_true(generate(template, compose(template, &generating[i], tried)) != CKR_OK);
    assert_true(search(template, compose(template, &fallback, tried)) != CKR_OK);
    assert_true(search(template, compose(template, &nothing, tried)) != CKR_OK);
    for (size_t i = 0; i < COUNT(objects); i++) {
        assert_true(p11->C_SetAttributeValue(session, objects[i], &tried, 1) != CKR_OK);
        assert_true(p11->C_CopyObject(session, objects[i], &tried, 1, &made) != CKR_OK);
    }
}

/* 5.7.1 to 5.7.6, 5.18.1: the memory is of one byte, so that a sanitizer sees a second one read. */
static void no_attribute_is_read_past_its_end(void **state)
{
    unsigned char *byte = malloc(1);

    (void)state;
    assert_non_null(byte);
    *byte = 'a';
    for (size_t i = 0; i < COUNT(types); i++)
        for (size_t j = 0; j < COUNT(impossible); j++) {
            try_everywhere((CK_ATTRIBUTE){types[i], byte, impossible[j]});
            try_everywhere((CK_ATTRIBUTE){types[i], NULL, impossible[j]});
        }
    free(byte);
    expect_secret(session, "global/long", NULL);
    expect_secret(session, seeded[0], "value of global/alpha");
}

/* Zero bytes are an empty value, at NULL, too; one byte at NULL is an error. */
static void an_empty_value_is_not_read(void **state)
{
    unsigned char *byte = malloc(1);

    (void)state;
    assert_non_null(byte);
    for (size_t i = 0; i < COUNT(types); i++) {
        CK_ATTRIBUTE cases[] = {{types[i], NULL, 0}, {types[i], byte + 1, 0}, {types[i], NULL, 1}};
        for (size_t j = 0; j < COUNT(cases); j++) {
            CK_ATTRIBUTE template[2] = {VARIABLE(CKA_CLASS, class_data), cases[j]};
            CK_OBJECT_HANDLE made;
            CK_RV rv = search(&cases[j], 1);
            assert_true(rv == CKR_OK || rv == CKR_ATTRIBUTE_VALUE_INVALID ||
                        rv == CKR_TEMPLATE_INCONSISTENT || rv == CKR_ARGUMENTS_BAD);
            if (j == 2)
                assert_rv(rv, CKR_ARGUMENTS_BAD);
            (void)create(template, 2);
            (void)generate(template + 1, 1);
            (void)p11->C_SetAttributeValue(session, objects[1], &cases[j], 1);
            (void)p11->C_CopyObject(session, objects[1], &cases[j], 1, &made);
        }
    }
    free(byte);
}

/* 5.7.5: the length that comes in with a pointer is the room there, so -1 is much room. */
static void reading_writes_no_more_than_there_is(void **state)
{
    unsigned char buffer[4096];

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++)
        for (size_t j = 0; j < COUNT(impossible); j++) {
            CK_ATTRIBUTE asked = {types[i], buffer, impossible[j]};
            CK_RV rv = p11->C_GetAttributeValue(session, objects[0], &asked, 1);
            assert_true(rv == CKR_OK || rv == CKR_ATTRIBUTE_TYPE_INVALID);
            if (rv == CKR_OK)
                assert_true(asked.ulValueLen < sizeof buffer);
            else
                assert_int_equal(asked.ulValueLen, CK_UNAVAILABLE_INFORMATION);
        }
}

/* The number of attributes is a length, too. */
static void a_template_has_an_end(void **state)
{
    CK_ATTRIBUTE label = TEXT(CKA_LABEL, "x");
    CK_OBJECT_HANDLE made;

    (void)state;
    for (size_t i = 0; i < COUNT(impossible); i++) {
        CK_ULONG n = impossible[i];
        assert_rv(create(&label, n), CKR_ARGUMENTS_BAD);
        assert_rv(create(NULL, n), CKR_ARGUMENTS_BAD);
        assert_rv(generate(&label, n), CKR_ARGUMENTS_BAD);
        assert_rv(search(&label, n), CKR_ARGUMENTS_BAD);
        assert_rv(p11->C_GetAttributeValue(session, objects[0], &label, n), CKR_ARGUMENTS_BAD);
        assert_rv(p11->C_SetAttributeValue(session, objects[1], &label, n), CKR_ARGUMENTS_BAD);
        assert_rv(p11->C_CopyObject(session, objects[1], &label, n, &made), CKR_ARGUMENTS_BAD);
    }
}

/* 5.13 to 5.15, 5.19: data, signatures, PINs and random numbers. */
static void data_has_an_end(void **state)
{
    CK_MECHANISM sha256 = {CKM_SHA256, NULL, 0};
    CK_MECHANISM hmac = {CKM_SHA256_HMAC, NULL, 0};
    unsigned char *byte = malloc(1);
    unsigned char out[64];

    (void)state;
    assert_non_null(byte);
    for (size_t i = 0; i < COUNT(impossible); i++) {
        CK_ULONG n = impossible[i];
        CK_ULONG room = sizeof out;
        assert_rv(p11->C_DigestInit(session, &sha256), CKR_OK);
        assert_rv(p11->C_Digest(session, byte, n, out, &room), CKR_DATA_LEN_RANGE);
        assert_rv(p11->C_DigestInit(session, &sha256), CKR_OK);
        assert_rv(p11->C_DigestUpdate(session, byte, n), CKR_DATA_LEN_RANGE);
        assert_rv(p11->C_SignInit(session, &hmac, objects[2]), CKR_OK);
        room = sizeof out;
        assert_rv(p11->C_Sign(session, byte, n, out, &room), CKR_DATA_LEN_RANGE);
        assert_rv(p11->C_SignInit(session, &hmac, objects[2]), CKR_OK);
        assert_rv(p11->C_SignUpdate(session, byte, n), CKR_DATA_LEN_RANGE);
        assert_rv(p11->C_VerifyInit(session, &hmac, objects[2]), CKR_OK);
        assert_rv(p11->C_Verify(session, byte, n, out, 32), CKR_DATA_LEN_RANGE);
        assert_rv(p11->C_VerifyInit(session, &hmac, objects[2]), CKR_OK);
        assert_rv(p11->C_Verify(session, byte, 1, out, n), CKR_SIGNATURE_LEN_RANGE);
        assert_rv(p11->C_GenerateRandom(session, byte, n), CKR_ARGUMENTS_BAD);
        assert_rv(p11->C_SeedRandom(session, byte, n), CKR_ARGUMENTS_BAD);
        assert_rv(p11->C_Login(session, CKU_USER, byte, n), CKR_PIN_LEN_RANGE);
        assert_rv(functions_3_0()->C_LoginUser(session, CKU_USER, byte, n, NULL, 0),
                  CKR_PIN_LEN_RANGE);
    }
    free(byte);
}

/* 5.1.6 CKR_MECHANISM_PARAM_INVALID. */
static void a_mechanisms_parameter_has_its_length(void **state)
{
    unsigned char *byte = malloc(1);
    CK_MECHANISM mechanism = {CKM_SHA256_HMAC_GENERAL, byte, 0};
    CK_OBJECT_HANDLE made;

    (void)state;
    assert_non_null(byte);
    for (size_t i = 0; i < COUNT(impossible); i++) {
        mechanism.pParameter = i % 2 == 0 ? byte : NULL;
        mechanism.ulParameterLen = impossible[i];
        mechanism.mechanism = CKM_SHA256_HMAC_GENERAL;
        assert_rv(p11->C_SignInit(session, &mechanism, objects[2]), CKR_MECHANISM_PARAM_INVALID);
        assert_rv(p11->C_VerifyInit(session, &mechanism, objects[2]), CKR_MECHANISM_PARAM_INVALID);
        mechanism.mechanism = CKM_SHA256;
        assert_rv(p11->C_DigestInit(session, &mechanism), CKR_MECHANISM_PARAM_INVALID);
        mechanism.mechanism = CKM_GENERIC_SECRET_KEY_GEN;
        assert_rv(p11->C_GenerateKey(session, &mechanism, NULL, 0, &made),
                  CKR_MECHANISM_PARAM_INVALID);
    }
    free(byte);
}

#define tried(test) cmocka_unit_test_setup_teardown(test, with_objects, without_module)

static const struct CMUnitTest tests[] = {
    tried(no_attribute_is_read_past_its_end),
    tried(an_empty_value_is_not_read),
    tried(reading_writes_no_more_than_there_is),
    tried(a_template_has_an_end),
    tried(data_has_an_end),
    tried(a_mechanisms_parameter_has_its_length),
};

const struct chapter length_chapter = CHAPTER("length", tests);
