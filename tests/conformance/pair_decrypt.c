/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/pair.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/module/pki/unpad.h"

/*
 * Decryption with PKCS#1 v1.5, and RSA without padding: 5.10, and 2.1.6 and 2.1.14 of the
 * mechanisms. Both need a word of their own in a rule's usage.
 */

#define session pair_session
#define SIZE 256

static CK_MECHANISM pkcs1 = {CKM_RSA_PKCS, NULL, 0};
static CK_MECHANISM raw = {CKM_RSA_X_509, NULL, 0};

static CK_ULONG read_hex(const char *text, unsigned char out[SIZE])
{
    CK_ULONG len = (CK_ULONG)strlen(text) / 2;

    for (CK_ULONG i = 0; i < len; i++)
        assert_int_equal(sscanf(text + 2 * i, "%2hhx", &out[i]), 1);
    return len;
}

/* A wrong padding must look like a right one: no error, and a message of any length. */
static void a_wrong_padding_is_not_told(void **state)
{
    CK_OBJECT_HANDLE key = pair_find(CKO_PRIVATE_KEY, "global/old");

    (void)state;
    assert_int_equal(get_bool(session, key, CKA_DECRYPT), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_SIGN), CK_FALSE);
    for (size_t i = 0; i < COUNT(unpad_cases); i++) {
        unsigned char encrypted[SIZE];
        unsigned char expected[SIZE];
        unsigned char plain[SIZE];
        CK_ULONG len = read_hex(unpad_cases[i].message, expected);
        CK_ULONG n = 0;

        assert_int_equal(read_hex(unpad_cases[i].encrypted, encrypted), SIZE);
        assert_rv(p11->C_DecryptInit(session, &pkcs1, key), CKR_OK);
        assert_rv(p11->C_Decrypt(session, encrypted, SIZE, NULL, &n), CKR_OK);
        assert_true(n >= len && n <= SIZE);
        if (len > 0) {
            n = len - 1;
            assert_rv(p11->C_Decrypt(session, encrypted, SIZE, plain, &n), CKR_BUFFER_TOO_SMALL);
            assert_int_equal(n, len);
        }
        n = sizeof plain;
        assert_rv(p11->C_Decrypt(session, encrypted, SIZE, plain, &n), CKR_OK);
        assert_int_equal(n, len);
        assert_memory_equal(plain, expected, len);
        assert_rv(p11->C_DecryptInit(session, &pkcs1, key), CKR_OK);
        assert_rv(p11->C_Decrypt(session, encrypted, SIZE - 1, plain, &n),
                  CKR_ENCRYPTED_DATA_LEN_RANGE);
    }
}

/* 2.1.14: "no padding is added before it is signed" but zeros in front, and the private key
 * does the same in both directions. */
static void raw_rsa_is_one_operation_under_three_names(void **state)
{
    CK_OBJECT_HANDLE private = pair_find(CKO_PRIVATE_KEY, "global/bare");
    CK_OBJECT_HANDLE public = pair_find(CKO_PUBLIC_KEY, "global/bare");
    unsigned char filled[SIZE] = {0};
    unsigned char signature[SIZE];
    unsigned char plain[SIZE];
    CK_ULONG n = sizeof signature;

    (void)state;
    memcpy(filled + SIZE - 5, "bytes", 5);
    assert_int_equal(get_bool(session, private, CKA_SIGN), CK_TRUE);
    assert_int_equal(get_bool(session, private, CKA_DECRYPT), CK_TRUE);
    assert_rv(p11->C_SignInit(session, &raw, private), CKR_OK);
    assert_rv(p11->C_Sign(session, filled + SIZE - 5, 5, signature, &n), CKR_OK);
    assert_int_equal(n, SIZE);
    for (CK_ULONG zeros = 0; zeros <= SIZE - 5; zeros += SIZE - 5) {
        assert_rv(p11->C_VerifyInit(session, &raw, public), CKR_OK);
        assert_rv(p11->C_Verify(session, filled + zeros, SIZE - zeros, signature, SIZE), CKR_OK);
        assert_rv(p11->C_VerifyInit(session, &raw, public), CKR_OK);
        assert_rv(p11->C_Verify(session, filled + zeros, SIZE - zeros - 1, signature, SIZE),
                  CKR_SIGNATURE_INVALID);
    }
    n = sizeof plain;
    assert_rv(p11->C_DecryptInit(session, &raw, private), CKR_OK);
    assert_rv(p11->C_Decrypt(session, filled, SIZE, plain, &n), CKR_OK);
    assert_int_equal(n, SIZE);
    assert_memory_equal(plain, signature, SIZE);
    memset(filled, 0xff, sizeof filled); /* not below the modulus */
    assert_rv(p11->C_SignInit(session, &raw, private), CKR_OK);
    assert_rv(p11->C_Sign(session, filled, SIZE, signature, &n), CKR_DATA_INVALID);
    assert_rv(p11->C_DecryptInit(session, &raw, private), CKR_OK);
    assert_rv(p11->C_Decrypt(session, filled, SIZE, plain, &n), CKR_ENCRYPTED_DATA_INVALID);
    assert_rv(p11->C_SignInit(session, &raw, private), CKR_OK);
    assert_rv(p11->C_SignUpdate(session, filled, SIZE), CKR_OK);
    assert_rv(p11->C_SignUpdate(session, filled, 1), CKR_DATA_LEN_RANGE);
}

/* 4.8: "CKA_ALLOWED_MECHANISMS: A list of mechanisms allowed to be used with this key". */
static void assert_start(CK_OBJECT_HANDLE key, bool signs, CK_MECHANISM *mechanism, bool allowed)
{
    CK_BBOOL can = get_bool(session, key, signs ? CKA_SIGN : CKA_DECRYPT);
    CK_RV rv = signs ? p11->C_SignInit(session, mechanism, key)
                     : p11->C_DecryptInit(session, mechanism, key);

    assert_rv(rv, allowed ? CKR_OK : can ? CKR_MECHANISM_INVALID : CKR_KEY_FUNCTION_NOT_PERMITTED);
    (void)p11->C_SignInit(session, NULL, 0);
    (void)p11->C_DecryptInit(session, NULL, 0);
}

static void each_needs_its_word_of_the_usage(void **state)
{
    static const struct {
        const char *label;
        bool sign;
        bool oaep;
        bool pkcs1;
        bool raw;
    } keys[] = {
        {"org/acme/tls_rsa", true, false, false, false},
        {"global/idle", false, true, false, false},
        {"global/old", false, false, true, false},
        {"global/bare", false, false, false, true},
    };
    CK_RSA_PKCS_OAEP_PARAMS params = {CKM_SHA256, CKG_MGF1_SHA256, 0, NULL, 0};
    CK_MECHANISM oaep = {CKM_RSA_PKCS_OAEP, &params, sizeof params};

    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        CK_OBJECT_HANDLE key = pair_find(CKO_PRIVATE_KEY, keys[i].label);

        assert_int_equal(get_bool(session, key, CKA_SIGN), keys[i].sign || keys[i].raw);
        assert_int_equal(get_bool(session, key, CKA_DECRYPT),
                         keys[i].oaep || keys[i].pkcs1 || keys[i].raw);
        assert_start(key, true, &pkcs1, keys[i].sign);
        assert_start(key, true, &raw, keys[i].raw);
        assert_start(key, false, &oaep, keys[i].oaep);
        assert_start(key, false, &pkcs1, keys[i].pkcs1);
        assert_start(key, false, &raw, keys[i].raw);
    }
}

/* A session's pair does what the token offers, and no more. */
static CK_OBJECT_HANDLE make_pair(void)
{
    static CK_ULONG bits = 2048;
    CK_ATTRIBUTE public_template[] = {VARIABLE(CKA_MODULUS_BITS, bits)};
    CK_ATTRIBUTE private_template[] = {VARIABLE(CKA_DECRYPT, yes)};
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};
    CK_OBJECT_HANDLE public;
    CK_OBJECT_HANDLE private;

    assert_rv(p11->C_GenerateKeyPair(session, &mechanism, public_template, 1, private_template, 1,
                                     &public, &private),
              CKR_OK);
    return private;
}

static void a_token_offers_what_a_rule_permits(void **state)
{
    CK_OBJECT_HANDLE key = make_pair();
    CK_MECHANISM_INFO info;

    (void)state;
    assert_rv(p11->C_GetMechanismInfo(1, CKM_RSA_PKCS, &info), CKR_OK);
    assert_int_equal(info.flags, CKF_SIGN | CKF_VERIFY | CKF_DECRYPT);
    assert_rv(p11->C_GetMechanismInfo(1, CKM_RSA_X_509, &info), CKR_OK);
    assert_int_equal(info.flags, CKF_SIGN | CKF_VERIFY | CKF_DECRYPT);
    assert_rv(p11->C_DecryptInit(session, &pkcs1, key), CKR_OK);
    assert_rv(p11->C_SignInit(session, &raw, key), CKR_OK);
    p11->C_Finalize(NULL);
    write_configuration("{\"pkcs11\": {\"keys\": [\"org/acme/tls_*\"]}}");
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    session = open_ro();
    key = make_pair();
    assert_rv(p11->C_GetMechanismInfo(1, CKM_RSA_PKCS, &info), CKR_OK);
    assert_int_equal(info.flags, CKF_SIGN | CKF_VERIFY);
    assert_rv(p11->C_GetMechanismInfo(1, CKM_RSA_X_509, &info), CKR_MECHANISM_INVALID);
    assert_rv(p11->C_DecryptInit(session, &pkcs1, key), CKR_MECHANISM_INVALID);
    assert_rv(p11->C_SignInit(session, &raw, key), CKR_MECHANISM_INVALID);
    assert_rv(p11->C_SignInit(session, &pkcs1, key), CKR_OK);
}

static const struct CMUnitTest tests[] = {
    paired(a_wrong_padding_is_not_told),
    paired(raw_rsa_is_one_operation_under_three_names),
    paired(each_needs_its_word_of_the_usage),
    paired(a_token_offers_what_a_rule_permits),
};

const struct chapter pair_decrypt_chapter = CHAPTER("pair-decrypt", tests);
