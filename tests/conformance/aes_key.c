/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/pair.h"

#include <string.h>

#include "sideseat-pkcs11.h"
#include "tests/unit/module/session/encryption.h"

/*
 * AES keys of the token, which rules of pkcs11.keys make of secrets: 2.10 of the mechanisms (AES
 * secret key objects) and 4.10 (secret keys). Their bytes are those of `cbc_key` and `gcm_key`.
 */

#define session pair_session

static CK_OBJECT_CLASS secret_class = CKO_SECRET_KEY;
static CK_KEY_TYPE aes = CKK_AES;
static CK_KEY_TYPE generic = CKK_GENERIC_SECRET;

static CK_MECHANISM cbc = {CKM_AES_CBC_PAD, cbc_iv, sizeof cbc_iv};
static CK_MECHANISM kwp = {CKM_AES_KEY_WRAP_KWP, NULL, 0};

static CK_OBJECT_HANDLE key_of(const char *label)
{
    return pair_find(CKO_SECRET_KEY, label);
}

static CK_ULONG get_ulong(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type)
{
    CK_ULONG value = 0;
    CK_ATTRIBUTE asked = VARIABLE(type, value);

    assert_rv(p11->C_GetAttributeValue(session, object, &asked, 1), CKR_OK);
    return value;
}

static void assert_encrypts(CK_OBJECT_HANDLE key)
{
    unsigned char out[100];
    CK_ULONG n = sizeof out;

    assert_rv(p11->C_EncryptInit(session, &cbc, key), CKR_OK);
    assert_rv(p11->C_Encrypt(session, cbc_plain, sizeof cbc_plain, out, &n), CKR_OK);
    assert_int_equal(n, sizeof cbc_encrypted);
    assert_memory_equal(out, cbc_encrypted, n);
    assert_rv(p11->C_DecryptInit(session, &cbc, key), CKR_OK);
    assert_rv(p11->C_Decrypt(session, cbc_encrypted, sizeof cbc_encrypted, out, &n), CKR_OK);
    assert_int_equal(n, sizeof cbc_plain);
    assert_memory_equal(out, cbc_plain, n);
}

static void a_secret_is_an_aes_key_to_use(void **state)
{
    CK_OBJECT_HANDLE key = key_of("global/dek");
    unsigned char value[16];
    CK_ATTRIBUTE asked = VARIABLE(CKA_VALUE, value);
    CK_MECHANISM_TYPE allowed[16];
    CK_ATTRIBUTE mechanisms = VARIABLE(CKA_ALLOWED_MECHANISMS, allowed);

    (void)state;
    assert_int_equal(get_ulong(key, CKA_KEY_TYPE), CKK_AES);
    assert_int_equal(get_ulong(key, CKA_VALUE_LEN), 16);
    assert_int_equal(get_bool(session, key, CKA_TOKEN), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_PRIVATE), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_SENSITIVE), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_EXTRACTABLE), CK_FALSE);
    assert_int_equal(get_bool(session, key, CKA_ENCRYPT), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_DECRYPT), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_WRAP), CK_FALSE);
    assert_int_equal(get_bool(session, key, CKA_UNWRAP), CK_FALSE);
    assert_int_equal(get_bool(session, key, CKA_SIGN), CK_FALSE);
    assert_int_equal(get_bool(session, key, CKA_ALWAYS_AUTHENTICATE), CK_FALSE);
    assert_rv(p11->C_GetAttributeValue(session, key, &asked, 1), CKR_ATTRIBUTE_SENSITIVE);
    assert_rv(p11->C_GetAttributeValue(session, key, &mechanisms, 1), CKR_OK);
    assert_int_equal(allowed[0], CKM_AES_CBC);
    assert_encrypts(key);
    assert_int_equal(pair_find(CKO_PRIVATE_KEY, "global/dek"), 0);
}

static void a_search_finds_keys_by_their_type(void **state)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, secret_class), VARIABLE(CKA_KEY_TYPE, aes)};
    CK_OBJECT_HANDLE found[10];

    (void)state;
    assert_int_equal(find(session, template, 2, found, 10), 5); /* dek_new is not stored */
    template[1].pValue = &generic;
    assert_int_equal(find(session, template, 2, found, 10), 0);
}

/* What the usage of its rule does not name, the key does not do. */
static void the_usage_is_obeyed(void **state)
{
    CK_OBJECT_HANDLE key = key_of("global/dek");
    CK_OBJECT_HANDLE wrapping = key_of("global/dek_wrap");
    CK_MECHANISM hmac = {CKM_SHA256_HMAC, NULL, 0};
    unsigned char wrapped[64];
    CK_ULONG n = sizeof wrapped;
    CK_OBJECT_HANDLE unwrapped;

    (void)state;
    assert_int_equal(get_bool(session, wrapping, CKA_ENCRYPT), CK_FALSE);
    assert_int_equal(get_bool(session, wrapping, CKA_WRAP), CK_TRUE);
    assert_int_equal(get_bool(session, wrapping, CKA_ALWAYS_SENSITIVE), CK_TRUE);
    assert_rv(p11->C_EncryptInit(session, &cbc, wrapping), CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_rv(p11->C_DecryptInit(session, &cbc, wrapping), CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_rv(p11->C_SignInit(session, &hmac, key), CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_rv(p11->C_VerifyInit(session, &hmac, key), CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_rv(p11->C_WrapKey(session, &kwp, key, key, wrapped, &n), CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_rv(p11->C_UnwrapKey(session, &kwp, key, wrapped, 24, NULL, 0, &unwrapped),
              CKR_KEY_FUNCTION_NOT_PERMITTED);
}

/* 4.10: "CKA_EXTRACTABLE: CK_TRUE if key is extractable and can be wrapped". */
static void keys_of_a_session_are_wrapped_and_no_others(void **state)
{
    CK_OBJECT_HANDLE wrapping = key_of("global/dek_wrap");
    CK_GCM_PARAMS params = {gcm_iv, sizeof gcm_iv, 0, gcm_aad, sizeof gcm_aad, 128};
    CK_MECHANISM gcm = {CKM_AES_GCM, &params, sizeof params};
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, secret_class), VARIABLE(CKA_KEY_TYPE, generic),
                               VARIABLE(CKA_VALUE, gcm_plain)};
    unsigned char wrapped[100];
    CK_ULONG n = sizeof wrapped;
    CK_OBJECT_HANDLE key;
    CK_ULONG len;

    (void)state;
    assert_rv(p11->C_CreateObject(session, template, 3, &key), CKR_OK);
    assert_rv(p11->C_WrapKey(session, &gcm, wrapping, key, wrapped, &n), CKR_OK);
    assert_int_equal(n, sizeof gcm_encrypted);
    assert_memory_equal(wrapped, gcm_encrypted, n);
    assert_rv(p11->C_UnwrapKey(session, &gcm, wrapping, wrapped, n, template, 2, &key), CKR_OK);
    assert_memory_equal(get_text(session, key, CKA_VALUE, &len), gcm_plain, sizeof gcm_plain);
    n = sizeof wrapped;
    assert_rv(p11->C_WrapKey(session, &kwp, wrapping, key, wrapped, &n), CKR_OK);
    assert_rv(p11->C_UnwrapKey(session, &kwp, wrapping, wrapped, n, template, 2, &key), CKR_OK);
    assert_rv(p11->C_WrapKey(session, &kwp, wrapping, key_of("global/dek"), wrapped, &n),
              CKR_KEY_UNEXTRACTABLE);
}

/* 2.10: "CKR_KEY_SIZE_RANGE", for AES keys of 16, 24 and 32 bytes. */
static void a_secret_that_is_no_key_is_told_at_its_use(void **state)
{
    CK_ULONG len = 0;
    CK_ATTRIBUTE asked = VARIABLE(CKA_VALUE_LEN, len);
    const struct {
        const char *label;
        CK_RV rv;
    } cases[] = {{"global/dek_short", CKR_KEY_SIZE_RANGE},
                 {"global/dek_odd", CKR_SIDESEAT_DAMAGED}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        CK_OBJECT_HANDLE key = key_of(cases[i].label);
        asked.ulValueLen = sizeof len;
        assert_rv(p11->C_EncryptInit(session, &cbc, key), cases[i].rv);
        assert_rv(p11->C_DecryptInit(session, &cbc, key), cases[i].rv);
        assert_rv(p11->C_GetAttributeValue(session, key, &asked, 1), cases[i].rv);
        assert_int_equal(asked.ulValueLen, CK_UNAVAILABLE_INFORMATION);
    }
    assert_encrypts(key_of("global/dek"));
}

/* Also before a use. */
static void the_status_names_a_secret_that_is_no_key(void **state)
{
    CK_OBJECT_CLASS class = CKO_SIDESEAT_STATUS;
    CK_ATTRIBUTE template = VARIABLE(CKA_CLASS, class);
    char room[65536];
    CK_ATTRIBUTE text = {CKA_SIDESEAT_STATUS, room, sizeof room - 1};
    CK_OBJECT_HANDLE status;

    (void)state;
    assert_int_equal(find(session, &template, 1, &status, 1), 1);
    assert_rv(p11->C_GetAttributeValue(session, status, &text, 1), CKR_OK);
    room[text.ulValueLen] = '\0';
    assert_non_null(strstr(room, "\"key\":\"global/dek_short\",\"fault\":\"it is not an AES key"));
    assert_non_null(strstr(room, "\"key\":\"global/dek_odd\""));
    assert_null(strstr(room, "\"key\":\"global/dek\""));
    assert_null(strstr(room, "\"key\":\"global/dek_new\"")); /* absent */
}

/* 4.9 of a private key: "the user has to supply the PIN for each use"; a rule says so of these. */
static void a_key_may_ask_for_a_login_before_each_use(void **state)
{
    CK_OBJECT_HANDLE key = key_of("global/dek_asking");
    unsigned char out[100];
    CK_ULONG n = sizeof out;
    CK_OBJECT_HANDLE unwrapped;

    (void)state;
    assert_int_equal(get_bool(session, key, CKA_ALWAYS_AUTHENTICATE), CK_TRUE);
    for (int again = 0; again < 2; again++) {
        assert_rv(p11->C_EncryptInit(session, &cbc, key), CKR_OK);
        assert_rv(p11->C_Encrypt(session, cbc_plain, 16, out, &n), CKR_USER_NOT_LOGGED_IN);
        assert_rv(p11->C_Encrypt(session, cbc_plain, 16, out, &n), CKR_OPERATION_NOT_INITIALIZED);
        assert_rv(p11->C_DecryptInit(session, &cbc, key), CKR_OK);
        assert_rv(p11->C_DecryptUpdate(session, cbc_encrypted, 16, out, &n),
                  CKR_USER_NOT_LOGGED_IN);
        assert_rv(p11->C_EncryptInit(session, &cbc, key), CKR_OK);
        assert_rv(p11->C_Login(session, CKU_CONTEXT_SPECIFIC, NULL, 0), CKR_OK);
        n = sizeof out;
        assert_rv(p11->C_Encrypt(session, cbc_plain, 64, out, &n), CKR_OK);
        assert_memory_equal(out, cbc_encrypted, n);
        assert_rv(p11->C_DecryptInit(session, &cbc, key), CKR_OK);
        assert_rv(p11->C_Login(session, CKU_CONTEXT_SPECIFIC, NULL, 0), CKR_OK);
        assert_rv(p11->C_Decrypt(session, cbc_encrypted, 80, out, &n), CKR_OK);
    }
    assert_rv(p11->C_Login(session, CKU_CONTEXT_SPECIFIC, NULL, 0), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_WrapKey(session, &kwp, key, key, out, &n), CKR_USER_NOT_LOGGED_IN);
    assert_rv(p11->C_UnwrapKey(session, &kwp, key, out, 24, NULL, 0, &unwrapped),
              CKR_USER_NOT_LOGGED_IN);
}

/* A new value counts at the next use; an encryption in progress finishes with the old one. */
static void a_key_changes_with_its_secret(void **state)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, secret_class), VARIABLE(CKA_KEY_TYPE, aes),
                               VARIABLE(CKA_VALUE, gcm_key)};
    CK_OBJECT_HANDLE same;
    unsigned char out[100];
    CK_ULONG first = 16;
    CK_ULONG n = sizeof out;

    (void)state;
    if (!suite.writable)
        skip();
    assert_rv(p11->C_EncryptInit(session, &cbc, key_of("global/dek")), CKR_OK);
    assert_rv(p11->C_EncryptUpdate(session, cbc_plain, 16, out, &first), CKR_OK);
    create_secret(session, "global/dek", "feffe9928665731c6d6a8f9467308308");
    assert_rv(p11->C_EncryptUpdate(session, cbc_plain + 16, 48, out + 16, &n), CKR_OK);
    assert_memory_equal(out, cbc_encrypted, 64);
    assert_rv(p11->C_EncryptInit(session, NULL, 0), CKR_OK);
    assert_rv(p11->C_CreateObject(session, template, 3, &same), CKR_OK);
    n = sizeof out;
    assert_rv(p11->C_EncryptInit(session, &cbc, key_of("global/dek")), CKR_OK);
    assert_rv(p11->C_Encrypt(session, cbc_plain, 64, out, &n), CKR_OK);
    assert_memory_not_equal(out, cbc_encrypted, 64);
    assert_rv(p11->C_DecryptInit(session, &cbc, same), CKR_OK);
    assert_rv(p11->C_Decrypt(session, out, n, out, &n), CKR_OK);
    assert_memory_equal(out, cbc_plain, 64);
    create_secret(session, "global/dek_short", "2b7e151628aed2a6abf7158809cf4f3c");
    assert_encrypts(key_of("global/dek_short"));
}

static CK_RV generate(const char *label, CK_ULONG len, CK_ATTRIBUTE more, CK_OBJECT_HANDLE *key)
{
    CK_MECHANISM mechanism = {CKM_AES_KEY_GEN, NULL, 0};
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_TOKEN, yes), VARIABLE(CKA_VALUE_LEN, len),
                               STRING(CKA_LABEL, label), more};

    return p11->C_GenerateKey(session, &mechanism, template, COUNT(template), key);
}

/* Once: a key that exists is never replaced. */
static void a_key_is_made_in_the_store(void **state)
{
    CK_ATTRIBUTE encrypts = VARIABLE(CKA_ENCRYPT, yes);
    CK_ATTRIBUTE wraps = VARIABLE(CKA_WRAP, yes);
    CK_OBJECT_HANDLE key = 0;
    CK_ULONG len;

    (void)state;
    if (!suite.writable)
        skip();
    assert_rv(generate("global/dek_new", 20, encrypts, &key), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_rv(generate("global/dek_new", 32, wraps, &key), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_rv(generate("global/no_rule", 32, encrypts, &key), CKR_TEMPLATE_INCONSISTENT);
    assert_int_equal(find_label(session, "global/dek_new"), 0);
    assert_rv(generate("global/dek_new", 32, encrypts, &key), CKR_OK);
    assert_int_equal(key, key_of("global/dek_new"));
    assert_int_equal(get_ulong(key, CKA_KEY_TYPE), CKK_AES);
    assert_int_equal(get_ulong(key, CKA_VALUE_LEN), 32);
    assert_int_equal(get_bool(session, key, CKA_DECRYPT), CK_TRUE);
    assert_rv(p11->C_EncryptInit(session, &cbc, key), CKR_OK);
    (void)get_text(session, find_label(session, "global/dek_new"), CKA_VALUE, &len);
    assert_int_equal(len, 64); /* in hexadecimal digits */
    assert_rv(generate("global/dek_new", 32, encrypts, &key), CKR_SIDESEAT_CONFLICT);
    assert_rv(p11->C_DestroyObject(session, find_label(session, "global/dek_new")), CKR_OK);
    assert_int_equal(key_of("global/dek_new"), 0);
}

/* A rule says what an AES key is and does, and a template does not change that: it "holds
 * afterwards, or the call fails" (sideseat-pkcs11(7), Templates). */
static void a_template_that_contradicts_the_rule_is_refused(void **state)
{
    CK_ATTRIBUTE wrong[] = {VARIABLE(CKA_DERIVE, yes), VARIABLE(CKA_WRAP_WITH_TRUSTED, yes),
                            VARIABLE(CKA_EXTRACTABLE, yes)};
    CK_ATTRIBUTE right[] = {VARIABLE(CKA_SENSITIVE, yes), VARIABLE(CKA_DERIVE, no),
                            VARIABLE(CKA_SENSITIVE, no)}; /* the last as pkcs11-tool has it */
    CK_OBJECT_HANDLE key = 0;

    (void)state;
    if (!suite.writable)
        skip();
    for (size_t i = 0; i < COUNT(wrong); i++) {
        CK_ATTRIBUTE template[] = {
            VARIABLE(CKA_CLASS, secret_class), VARIABLE(CKA_KEY_TYPE, aes),
            VARIABLE(CKA_TOKEN, yes),          TEXT(CKA_LABEL, "global/dek_new"),
            VARIABLE(CKA_VALUE, cbc_key),      wrong[i]};
        assert_rv(generate("global/dek_new", 32, wrong[i], &key), CKR_ATTRIBUTE_VALUE_INVALID);
        assert_rv(p11->C_CreateObject(session, template, COUNT(template), &key),
                  CKR_ATTRIBUTE_VALUE_INVALID);
        assert_int_equal(find_label(session, "global/dek_new"), 0);
    }
    for (size_t i = 0; i < COUNT(right); i++) {
        assert_rv(generate("global/dek_new", 32, right[i], &key), CKR_OK);
        assert_int_equal(get_bool(session, key, CKA_SENSITIVE), CK_TRUE);
        assert_int_equal(get_bool(session, key, CKA_DERIVE), CK_FALSE);
        assert_rv(p11->C_DestroyObject(session, find_label(session, "global/dek_new")), CKR_OK);
    }
}

static void a_key_with_a_value_is_stored(void **state)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, secret_class), VARIABLE(CKA_KEY_TYPE, aes),
                               VARIABLE(CKA_TOKEN, yes), TEXT(CKA_LABEL, "global/dek_new"),
                               VARIABLE(CKA_VALUE, cbc_key)};
    CK_OBJECT_HANDLE key = 0;

    (void)state;
    if (!suite.writable)
        skip();
    template[4].ulValueLen = 15;
    assert_rv(p11->C_CreateObject(session, template, 5, &key), CKR_ATTRIBUTE_VALUE_INVALID);
    template[4].ulValueLen = 16;
    template[1].pValue = &generic;
    assert_rv(p11->C_CreateObject(session, template, 5, &key), CKR_TEMPLATE_INCONSISTENT);
    template[1].pValue = &aes;
    assert_rv(p11->C_CreateObject(session, template, 5, &key), CKR_OK);
    assert_encrypts(key);
    expect_secret(session, "global/dek_new", "2b7e151628aed2a6abf7158809cf4f3c");
    assert_rv(p11->C_CreateObject(session, template, 5, &key), CKR_SIDESEAT_CONFLICT);
}

static const struct CMUnitTest tests[] = {
    paired(a_secret_is_an_aes_key_to_use),
    paired(a_search_finds_keys_by_their_type),
    paired(the_usage_is_obeyed),
    paired(keys_of_a_session_are_wrapped_and_no_others),
    paired(a_secret_that_is_no_key_is_told_at_its_use),
    paired(the_status_names_a_secret_that_is_no_key),
    paired(a_key_may_ask_for_a_login_before_each_use),
    paired(a_key_changes_with_its_secret),
    paired(a_key_is_made_in_the_store),
    paired(a_template_that_contradicts_the_rule_is_refused),
    paired(a_key_with_a_value_is_stored),
};

const struct chapter aes_key_chapter = CHAPTER("aes-key", tests);
