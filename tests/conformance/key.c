/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * Secret keys: 4.8, 5.13 and 5.15 (signing and verifying), 5.18.1 C_GenerateKey. The secrets that
 * pkcs11.hmac_keys names sign without being read. Vectors: RFC 4231, test case 1.
 */

#define KEY_HEX "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"

static const struct {
    CK_MECHANISM_TYPE type;
    CK_ULONG len;
    const char *mac;
} macs[] = {
    {CKM_SHA256_HMAC, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {CKM_SHA384_HMAC, 48,
     "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
     "faea9ea9076ede7f4af152e8b2fa9cb6"},
    {CKM_SHA512_HMAC, 64,
     "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
     "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
};

static unsigned char data[] = "Hi There";
#define DATA_LEN 8

static CK_OBJECT_CLASS class_key = CKO_SECRET_KEY;
static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE key;

static CK_OBJECT_HANDLE find_key(const char *label)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class_key), STRING(CKA_LABEL, label)};
    CK_OBJECT_HANDLE found = 0;

    assert_true(find(session, template, 2, &found, 1) <= 1);
    return found;
}

static int with_key(void **state)
{
    setenv("SIDESEAT_SECRET_GLOBAL_JWT_SIGNING_KEY", KEY_HEX, 1); /* for that backend */
    if (with_secrets(state) != 0)
        return -1;
    session = suite.writable ? open_rw() : open_ro();
    if (suite.writable)
        create_secret(session, "global/jwt_signing_key", KEY_HEX);
    key = find_key("global/jwt_signing_key");
    return key == 0 ? -1 : 0;
}

static int without_key(void **state)
{
    unsetenv("SIDESEAT_SECRET_GLOBAL_JWT_SIGNING_KEY");
    return without_module(state);
}

static void start(CK_MECHANISM_TYPE type)
{
    CK_MECHANISM mechanism = {type, NULL, 0};

    assert_rv(p11->C_SignInit(session, &mechanism, key), CKR_OK);
}

static void assert_mac(const unsigned char *mac, CK_ULONG len, const char *expected)
{
    char text[129];

    for (CK_ULONG i = 0; i < len; i++)
        snprintf(text + 2 * i, 3, "%02x", mac[i]);
    assert_string_equal(text, expected);
}

/* 4.8: the attributes of a key that Java and pkcs11-tool read. */
static void a_key_has_all_its_attributes(void **state)
{
    CK_ULONG number = 0;
    CK_ATTRIBUTE key_type = VARIABLE(CKA_KEY_TYPE, number);
    CK_ATTRIBUTE value_len = VARIABLE(CKA_VALUE_LEN, number);
    CK_ULONG len;

    (void)state;
    assert_rv(p11->C_GetAttributeValue(session, key, &key_type, 1), CKR_OK);
    assert_int_equal(number, CKK_GENERIC_SECRET);
    assert_rv(p11->C_GetAttributeValue(session, key, &value_len, 1), CKR_OK);
    assert_int_equal(number, 20);
    assert_string_equal(get_text(session, key, CKA_LABEL, NULL), "global/jwt_signing_key");
    (void)get_text(session, key, CKA_ID, &len);
    assert_true(len > 0);
    assert_int_equal(get_bool(session, key, CKA_TOKEN), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_PRIVATE), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_SENSITIVE), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_EXTRACTABLE), CK_FALSE);
    assert_int_equal(get_bool(session, key, CKA_SIGN), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_VERIFY), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_ALWAYS_AUTHENTICATE), CK_FALSE);
}

/* Case 1 of 5.7.5. */
static void a_keys_value_is_not_given_out(void **state)
{
    unsigned char buffer[64] = {0};
    unsigned char label[64];
    CK_ATTRIBUTE asked[] = {
        {CKA_VALUE, buffer, sizeof buffer}, {CKA_LABEL, label, sizeof label}, {CKA_VALUE, NULL, 0}};

    (void)state;
    assert_rv(p11->C_GetAttributeValue(session, key, asked, 3), CKR_ATTRIBUTE_SENSITIVE);
    assert_int_equal(asked[0].ulValueLen, CK_UNAVAILABLE_INFORMATION);
    assert_int_equal(asked[1].ulValueLen, strlen("global/jwt_signing_key"));
    assert_int_equal(asked[2].ulValueLen, CK_UNAVAILABLE_INFORMATION);
    for (size_t i = 0; i < sizeof buffer; i++)
        assert_int_equal(buffer[i], 0);
}

static void signing_in_one_call_and_in_parts(void **state)
{
    unsigned char mac[64];
    CK_ULONG n;

    (void)state;
    for (size_t i = 0; i < COUNT(macs); i++) {
        start(macs[i].type);
        (void)get_bool(session, key, CKA_ALWAYS_AUTHENTICATE); /* as pkcs11-tool does here */
        n = 0;
        assert_rv(p11->C_Sign(session, data, DATA_LEN, NULL, &n), CKR_OK);
        assert_int_equal(n, macs[i].len);
        n--;
        assert_rv(p11->C_Sign(session, data, DATA_LEN, mac, &n), CKR_BUFFER_TOO_SMALL);
        assert_int_equal(n, macs[i].len);
        assert_rv(p11->C_Sign(session, data, DATA_LEN, mac, &n), CKR_OK);
        assert_mac(mac, n, macs[i].mac);
        start(macs[i].type);
        for (size_t j = 0; j < DATA_LEN; j++)
            assert_rv(p11->C_SignUpdate(session, data + j, 1), CKR_OK);
        n = sizeof mac;
        assert_rv(p11->C_SignFinal(session, mac, &n), CKR_OK);
        assert_mac(mac, n, macs[i].mac);
    }
}

static void start_verifying(CK_MECHANISM_TYPE type)
{
    CK_MECHANISM mechanism = {type, NULL, 0};

    assert_rv(p11->C_VerifyInit(session, &mechanism, key), CKR_OK);
}

static void verifying_tells_good_from_bad(void **state)
{
    unsigned char mac[64];
    CK_ULONG n = sizeof mac;

    (void)state;
    start(CKM_SHA256_HMAC);
    assert_rv(p11->C_Sign(session, data, DATA_LEN, mac, &n), CKR_OK);
    start_verifying(CKM_SHA256_HMAC);
    assert_rv(p11->C_Verify(session, data, DATA_LEN, mac, n), CKR_OK);
    start_verifying(CKM_SHA256_HMAC);
    assert_rv(p11->C_VerifyUpdate(session, data, DATA_LEN), CKR_OK);
    assert_rv(p11->C_VerifyFinal(session, mac, n), CKR_OK);
    start_verifying(CKM_SHA256_HMAC);
    assert_rv(p11->C_Verify(session, data, DATA_LEN, mac, n - 1), CKR_SIGNATURE_LEN_RANGE);
    start_verifying(CKM_SHA256_HMAC);
    assert_rv(p11->C_Verify(session, data, DATA_LEN - 1, mac, n), CKR_SIGNATURE_INVALID);
    mac[31] ^= 1;
    start_verifying(CKM_SHA256_HMAC);
    assert_rv(p11->C_Verify(session, data, DATA_LEN, mac, n), CKR_SIGNATURE_INVALID);
}

static void the_calls_come_in_their_order(void **state)
{
    CK_MECHANISM sha512 = {CKM_SHA512_HMAC, NULL, 0};
    unsigned char mac[64];
    CK_ULONG n = sizeof mac;

    (void)state;
    assert_rv(p11->C_Sign(session, data, 1, mac, &n), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_SignUpdate(session, data, 1), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_SignFinal(session, mac, &n), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_Verify(session, data, 1, mac, n), CKR_OPERATION_NOT_INITIALIZED);
    start(CKM_SHA256_HMAC);
    assert_rv(p11->C_SignInit(session, &sha512, key), CKR_OPERATION_ACTIVE);
    assert_rv(p11->C_Sign(session, data, DATA_LEN, mac, &n), CKR_OK);
    assert_rv(p11->C_SignUpdate(session, data, 1), CKR_OPERATION_NOT_INITIALIZED);
}

static void a_key_that_cannot_sign_is_refused(void **state)
{
    CK_MECHANISM hmac = {CKM_SHA256_HMAC, NULL, 0};
    CK_MECHANISM digest = {CKM_SHA256, NULL, 0};
    CK_MECHANISM parameter = {CKM_SHA256_HMAC, data, 3};
    CK_OBJECT_HANDLE secret = find_label(session, seeded[0]);
    CK_RV rv = p11->C_SignInit(session, &hmac, secret);

    (void)state;
    assert_true(rv == CKR_KEY_HANDLE_INVALID || rv == CKR_KEY_TYPE_INCONSISTENT);
    assert_rv(p11->C_SignInit(session, &hmac, 0), CKR_KEY_HANDLE_INVALID);
    assert_rv(p11->C_SignInit(session, &digest, key), CKR_MECHANISM_INVALID);
    assert_rv(p11->C_SignInit(session, &parameter, key), CKR_MECHANISM_PARAM_INVALID);
    start(CKM_SHA256_HMAC); /* none of these has left an operation */
}

/* A key is the secret: a new value signs from the next operation on, and removing ends it. */
static void a_changed_secret_is_a_changed_key(void **state)
{
    unsigned char mac[64];
    CK_ULONG n = sizeof mac;
    CK_MECHANISM hmac = {CKM_SHA256_HMAC, NULL, 0};

    (void)state;
    if (!suite.writable)
        skip();
    start(CKM_SHA256_HMAC);
    assert_rv(p11->C_Sign(session, data, DATA_LEN, mac, &n), CKR_OK);
    create_secret(session, "global/jwt_signing_key", "4a656665"); /* test case 2: "Jefe" */
    assert_int_equal(find_key("global/jwt_signing_key"), key);
    start(CKM_SHA256_HMAC);
    n = sizeof mac;
    assert_rv(p11->C_Sign(session, (unsigned char *)(uintptr_t) "what do ya want for nothing?", 28,
                          mac, &n),
              CKR_OK);
    assert_mac(mac, n, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_rv(p11->C_DestroyObject(session, find_label(session, "global/jwt_signing_key")), CKR_OK);
    assert_rv(p11->C_SignInit(session, &hmac, key), CKR_KEY_HANDLE_INVALID);
    assert_int_equal(find_key("global/jwt_signing_key"), 0);
}

/* Destroying a key ends its operations, and the prepared ones. */
static void a_destroyed_key_signs_nothing_more(void **state)
{
    unsigned char mac[64];
    CK_ULONG n = sizeof mac;

    (void)state;
    if (!suite.writable)
        skip();
    start(CKM_SHA256_HMAC);
    assert_rv(p11->C_SignUpdate(session, data, DATA_LEN), CKR_OK);
    assert_rv(p11->C_DestroyObject(session, find_label(session, "global/jwt_signing_key")), CKR_OK);
    assert_rv(p11->C_SignUpdate(session, data, DATA_LEN), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_SignFinal(session, mac, &n), CKR_OPERATION_NOT_INITIALIZED);
}

/* 5.1.6 CKR_KEY_SIZE_RANGE: longer than C_GetMechanismInfo says. */
static void a_key_that_is_too_long_does_not_sign(void **state)
{
    CK_MECHANISM hmac = {CKM_SHA256_HMAC, NULL, 0};
    CK_MECHANISM_INFO info;
    char *hex;

    (void)state;
    if (!suite.writable)
        skip();
    assert_rv(p11->C_GetMechanismInfo(1, CKM_SHA256_HMAC, &info), CKR_OK);
    hex = calloc(1, 2 * info.ulMaxKeySize + 3);
    assert_non_null(hex);
    memset(hex, 'a', 2 * info.ulMaxKeySize + 2);
    create_secret(session, "global/jwt_signing_key", hex);
    assert_rv(p11->C_SignInit(session, &hmac, key), CKR_KEY_SIZE_RANGE);
    hex[2 * info.ulMaxKeySize] = '\0';
    create_secret(session, "global/jwt_signing_key", hex);
    free(hex);
    start(CKM_SHA256_HMAC);
}

static CK_RV generate(CK_BBOOL *token, const char *label, CK_ULONG *len, CK_OBJECT_HANDLE *made)
{
    CK_MECHANISM mechanism = {CKM_GENERIC_SECRET_KEY_GEN, NULL, 0};
    CK_ATTRIBUTE template[] = {{CKA_TOKEN, token, sizeof *token},
                               STRING(CKA_LABEL, label),
                               {CKA_VALUE_LEN, len, sizeof *len}};

    return p11->C_GenerateKey(session, &mechanism, template, len == NULL ? 2 : 3, made);
}

static void a_generated_key_is_made_once(void **state)
{
    CK_OBJECT_HANDLE made;
    CK_ULONG len = 32;
    CK_ULONG none = 0;
    char before[80];

    (void)state;
    if (!suite.writable)
        skip();
    assert_rv(generate(&yes, "org/acme/made", &len, &made), CKR_OK);
    assert_int_equal(find_key("org/acme/made"), made);
    strcpy(before, get_text(session, find_label(session, "org/acme/made"), CKA_VALUE, NULL));
    assert_int_equal(strlen(before), 64);
    assert_rv(generate(&yes, "org/acme/made", &len, &made), CKR_SIDESEAT_CONFLICT);
    expect_secret(session, "org/acme/made", before);
    assert_rv(generate(&yes, "org/acme/other", NULL, &made), CKR_TEMPLATE_INCOMPLETE);
    assert_rv(generate(&yes, "org/acme/other", &none, &made), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_rv(generate(&yes, "org/acme", &len, &made), CKR_ATTRIBUTE_VALUE_INVALID);
    expect_secret(session, "org/acme/other", NULL);
}

/* What the template of a generated key says is said of that key, and of no later one of its name.
 */
static void a_later_key_of_the_name_inherits_nothing(void **state)
{
    static const char value[] = "000102030405060708090a0b0c0d0e0f";
    CK_MECHANISM mechanism = {CKM_GENERIC_SECRET_KEY_GEN, NULL, 0};
    CK_ULONG len = 32;
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_TOKEN, yes), TEXT(CKA_LABEL, "org/acme/later"),
                               VARIABLE(CKA_VALUE_LEN, len), VARIABLE(CKA_SENSITIVE, no),
                               VARIABLE(CKA_DERIVE, yes)};

    (void)state;
    if (!suite.writable)
        skip();
    for (int replaced = 0; replaced < 2; replaced++) {
        CK_ATTRIBUTE by_label[] = {VARIABLE(CKA_CLASS, class_key), template[1]};
        assert_rv(p11->C_GenerateKey(session, &mechanism, template, COUNT(template), &key), CKR_OK);
        assert_int_equal(get_bool(session, key, CKA_SENSITIVE), CK_FALSE);
        assert_int_equal(get_bool(session, key, CKA_DERIVE), CK_TRUE);
        if (replaced == 0)
            assert_rv(p11->C_DestroyObject(session, find_label(session, "org/acme/later")), CKR_OK);
        create_secret(session, "org/acme/later", value);
        assert_int_equal(find(session, by_label, 2, &key, 1), 1);
        assert_int_equal(get_bool(session, key, CKA_SENSITIVE), CK_TRUE);
        assert_int_equal(get_bool(session, key, CKA_DERIVE), CK_FALSE);
        assert_rv(p11->C_DestroyObject(session, find_label(session, "org/acme/later")), CKR_OK);
    }
}

static void a_session_key_signs_too(void **state)
{
    unsigned char first[32];
    unsigned char second[32];
    CK_ULONG n = sizeof first;
    CK_ULONG len = 32;

    (void)state;
    assert_rv(generate(&no, "a label", &len, &key), CKR_OK);
    start(CKM_SHA256_HMAC);
    assert_rv(p11->C_Sign(session, data, DATA_LEN, first, &n), CKR_OK);
    assert_rv(generate(&no, "a label", &len, &key), CKR_OK);
    start(CKM_SHA256_HMAC);
    assert_rv(p11->C_Sign(session, data, DATA_LEN, second, &n), CKR_OK);
    assert_memory_not_equal(first, second, sizeof first);
}

static int with_sensitive(void **state)
{
    if (with_secrets(state) != 0)
        return -1;
    if (!suite.persistent)
        return 0;
    p11->C_Finalize(NULL);
    write_configuration("{\"pkcs11\": {\"sensitive\": [\"global/alpha\"]}}");
    return p11->C_Initialize(NULL) == CKR_OK ? 0 : -1;
}

/* A secret in pkcs11.sensitive never gives out its value, in any kind of call. */
static void a_sensitive_secret_keeps_its_value(void **state)
{
    CK_ATTRIBUTE by_value[] = {VARIABLE(CKA_CLASS, class_data),
                               TEXT(CKA_VALUE, "value of global/alpha")};
    CK_ATTRIBUTE copy[] = {VARIABLE(CKA_TOKEN, no)};
    unsigned char buffer[64] = {0};
    CK_ATTRIBUTE asked[] = {{CKA_VALUE, NULL, 0}, {CKA_VALUE, buffer, sizeof buffer}};
    CK_OBJECT_HANDLE object;
    CK_OBJECT_HANDLE other;
    CK_ULONG size;

    (void)state;
    if (!suite.persistent)
        skip();
    session = open_ro();
    object = find_label(session, seeded[0]);
    assert_rv(p11->C_GetAttributeValue(session, object, asked, 2), CKR_ATTRIBUTE_SENSITIVE);
    assert_int_equal(asked[0].ulValueLen, CK_UNAVAILABLE_INFORMATION);
    assert_int_equal(asked[1].ulValueLen, CK_UNAVAILABLE_INFORMATION);
    assert_int_equal(buffer[0], 0);
    assert_int_equal(find(session, by_value, 2, NULL, 0), 0);
    assert_rv(p11->C_CopyObject(session, object, copy, 1, &other), CKR_ACTION_PROHIBITED);
    assert_rv(p11->C_GetObjectSize(session, object, &size), CKR_OK);
    assert_int_equal(size, CK_UNAVAILABLE_INFORMATION);
    expect_secret(session, seeded[1], "value of org/acme/api_key");
}

/* A search for every secret key does not say that there are none where the store forbids to look.
 */
static void keys_of_a_forbidden_store_are_not_absent(void **state)
{
    CK_ATTRIBUTE every[] = {VARIABLE(CKA_CLASS, class_key)};
    char path[160];

    (void)state;
    if (strcmp(suite.backend, "file") != 0)
        return; /* it is simple to forbid a file */
    snprintf(path, sizeof path, "%s/data/secrets.json", suite.folder);
    assert_int_equal(chmod(path, 0666), 0);
    assert_rv(p11->C_FindObjectsInit(session, every, 1), CKR_SIDESEAT_DENIED);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(find(session, every, 1, NULL, 0), 1);
}

#define keyed(test) cmocka_unit_test_setup_teardown(test, with_key, without_key)

static const struct CMUnitTest tests[] = {
    keyed(a_key_has_all_its_attributes),
    keyed(a_keys_value_is_not_given_out),
    keyed(signing_in_one_call_and_in_parts),
    keyed(verifying_tells_good_from_bad),
    keyed(the_calls_come_in_their_order),
    keyed(a_key_that_cannot_sign_is_refused),
    keyed(a_changed_secret_is_a_changed_key),
    keyed(a_destroyed_key_signs_nothing_more),
    keyed(a_key_that_is_too_long_does_not_sign),
    keyed(a_generated_key_is_made_once),
    keyed(a_later_key_of_the_name_inherits_nothing),
    keyed(a_session_key_signs_too),
    keyed(keys_of_a_forbidden_store_are_not_absent),
    cmocka_unit_test_setup_teardown(a_sensitive_secret_keeps_its_value, with_sensitive,
                                    without_module),
};

const struct chapter key_chapter = CHAPTER("key", tests);
