/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/pair.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/module/pki/keys.h"

/* Signing with key pairs: 5.13 and 5.15, and of the mechanisms 2.1 (RSA) and 2.3 (curves). */

#define session pair_session

static unsigned char data[] = "the data that is signed";

static CK_RSA_PKCS_PSS_PARAMS pss_params = {CKM_SHA256, CKG_MGF1_SHA256, 32};
static CK_RSA_PKCS_PSS_PARAMS pss_sha3_params = {CKM_SHA3_256, CKG_MGF1_SHA3_256, 32};

static const struct {
    CK_KEY_TYPE key;
    CK_MECHANISM_TYPE type;
    CK_ULONG data_len; /* of a mechanism that signs a hash; 0: any */
    CK_RSA_PKCS_PSS_PARAMS *pss;
} mechanisms[] = {
    {CKK_RSA, CKM_RSA_PKCS, 0, NULL},
    {CKK_RSA, CKM_SHA256_RSA_PKCS, 0, NULL},
    {CKK_RSA, CKM_SHA384_RSA_PKCS, 0, NULL},
    {CKK_RSA, CKM_SHA512_RSA_PKCS, 0, NULL},
    {CKK_RSA, CKM_RSA_PKCS_PSS, 32, &pss_params},
    {CKK_RSA, CKM_RSA_PKCS_PSS, 32, &pss_sha3_params},
    {CKK_RSA, CKM_SHA256_RSA_PKCS_PSS, 0, &pss_params},
    {CKK_EC, CKM_ECDSA, 0, NULL},
    {CKK_EC, CKM_ECDSA_SHA256, 0, NULL},
    {CKK_EC, CKM_ECDSA_SHA384, 0, NULL},
    {CKK_EC, CKM_ECDSA_SHA512, 0, NULL},
    {CKK_EC_EDWARDS, CKM_EDDSA, 0, NULL},
#if !defined(_WIN32) /* where the system does not have these digests */
    {CKK_RSA, CKM_SHA224_RSA_PKCS, 0, NULL},
    {CKK_RSA, CKM_SHA3_224_RSA_PKCS, 0, NULL},
    {CKK_RSA, CKM_SHA3_256_RSA_PKCS, 0, NULL},
    {CKK_RSA, CKM_SHA3_384_RSA_PKCS, 0, NULL},
    {CKK_RSA, CKM_SHA3_512_RSA_PKCS, 0, NULL},
    {CKK_RSA, CKM_SHA3_256_RSA_PKCS_PSS, 0, &pss_sha3_params},
    {CKK_EC, CKM_ECDSA_SHA224, 0, NULL},
    {CKK_EC, CKM_ECDSA_SHA3_224, 0, NULL},
    {CKK_EC, CKM_ECDSA_SHA3_256, 0, NULL},
    {CKK_EC, CKM_ECDSA_SHA3_384, 0, NULL},
    {CKK_EC, CKM_ECDSA_SHA3_512, 0, NULL},
#endif
};

/* Signs in one call and in parts, and verifies both in one call and in parts. */
static void sign_and_verify(size_t key, size_t mechanism)
{
    CK_MECHANISM chosen = {mechanisms[mechanism].type, NULL, 0};
    CK_OBJECT_HANDLE private = pair_find(CKO_PRIVATE_KEY, pairs[key].label);
    CK_OBJECT_HANDLE public = pair_find(CKO_PUBLIC_KEY, pairs[key].label);
    unsigned char text[32] = "0123456789abcdef0123456789abcde";
    CK_ULONG len = mechanisms[mechanism].data_len != 0 ? 32 : 20;
    unsigned char signature[2][1024];
    CK_ULONG n = 0;

    if (mechanisms[mechanism].pss != NULL) {
        chosen.pParameter = mechanisms[mechanism].pss;
        chosen.ulParameterLen = sizeof pss_params;
    }
    assert_rv(p11->C_SignInit(session, &chosen, private), CKR_OK);
    assert_rv(p11->C_Sign(session, text, len, NULL, &n), CKR_OK);
    assert_int_equal(n, pairs[key].signature_len);
    n--;
    assert_rv(p11->C_Sign(session, text, len, signature[0], &n), CKR_BUFFER_TOO_SMALL);
    assert_rv(p11->C_Sign(session, text, len, signature[0], &n), CKR_OK);
    assert_rv(p11->C_SignInit(session, &chosen, private), CKR_OK);
    assert_rv(p11->C_SignUpdate(session, text, 7), CKR_OK);
    assert_rv(p11->C_SignUpdate(session, text + 7, len - 7), CKR_OK);
    n = sizeof signature[1];
    assert_rv(p11->C_SignFinal(session, signature[1], &n), CKR_OK);
    assert_int_equal(n, pairs[key].signature_len);
    for (size_t i = 0; i < 2; i++) {
        assert_rv(p11->C_VerifyInit(session, &chosen, public), CKR_OK);
        assert_rv(p11->C_Verify(session, text, len, signature[i], n), CKR_OK);
        assert_rv(p11->C_VerifyInit(session, &chosen, public), CKR_OK);
        assert_rv(p11->C_VerifyUpdate(session, text, len), CKR_OK);
        assert_rv(p11->C_VerifyFinal(session, signature[i], n), CKR_OK);
        assert_rv(p11->C_VerifyInit(session, &chosen, public), CKR_OK);
        assert_rv(p11->C_Verify(session, text, len, signature[i], n - 1), CKR_SIGNATURE_LEN_RANGE);
    }
    text[0] ^= 1;
    assert_rv(p11->C_VerifyInit(session, &chosen, public), CKR_OK);
    assert_rv(p11->C_Verify(session, text, len, signature[0], n), CKR_SIGNATURE_INVALID);
}

static void every_mechanism_signs_with_every_key_of_its_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++)
        for (size_t j = 0; j < COUNT(mechanisms); j++)
            if (mechanisms[j].key == pairs[i].type)
                sign_and_verify(i, j);
}

static void a_mechanism_of_another_key_type_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        CK_OBJECT_HANDLE key = pair_find(CKO_PRIVATE_KEY, pairs[i].label);
        CK_MECHANISM hmac = {CKM_SHA256_HMAC, NULL, 0};

        assert_rv(p11->C_SignInit(session, &hmac, key), CKR_KEY_TYPE_INCONSISTENT);
        for (size_t j = 0; j < COUNT(mechanisms); j++) {
            CK_MECHANISM other = {mechanisms[j].type, NULL, 0};
            if (mechanisms[j].key == pairs[i].type || mechanisms[j].pss != NULL)
                continue;
            assert_rv(p11->C_SignInit(session, &other, key), CKR_KEY_TYPE_INCONSISTENT);
        }
    }
}

static void a_key_does_only_what_it_is_for(void **state)
{
    CK_MECHANISM mechanism = {CKM_SHA256_RSA_PKCS, NULL, 0};
    CK_OBJECT_HANDLE private = pair_find(CKO_PRIVATE_KEY, "org/acme/tls_rsa");
    CK_OBJECT_HANDLE public = pair_find(CKO_PUBLIC_KEY, "org/acme/tls_rsa");
    CK_OBJECT_HANDLE idle = pair_find(CKO_PRIVATE_KEY, "global/idle");
    CK_ATTRIBUTE change = TEXT(CKA_LABEL, "other");
    CK_OBJECT_HANDLE copy;

    (void)state;
    assert_rv(p11->C_SignInit(session, &mechanism, public), CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_rv(p11->C_VerifyInit(session, &mechanism, private), CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_int_equal(get_bool(session, idle, CKA_SIGN), CK_FALSE);
    assert_rv(p11->C_SignInit(session, &mechanism, idle), CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_true(p11->C_CopyObject(session, private, &change, 1, &copy) == CKR_ACTION_PROHIBITED);
    if (!suite.writable)
        return;
    assert_rv(p11->C_SetAttributeValue(session, private, &change, 1), CKR_ACTION_PROHIBITED);
    assert_rv(p11->C_DestroyObject(session, public), CKR_ACTION_PROHIBITED);
}

/* RFC 8017, 9.1.1: the salt takes what the hash and two bytes leave of the key. */
static void the_longest_salt_of_pss_is_the_keys(void **state)
{
    CK_RSA_PKCS_PSS_PARAMS longest = {CKM_SHA256, CKG_MGF1_SHA256, 256 - 32 - 2};
    CK_MECHANISM pss = {CKM_SHA256_RSA_PKCS_PSS, &longest, sizeof longest};
    unsigned char text[] = "signed text";
    unsigned char signature[1024];
    CK_ULONG n = sizeof signature;
    CK_OBJECT_HANDLE public = pair_find(CKO_PUBLIC_KEY, "org/acme/tls_rsa");

    (void)state;
    assert_rv(p11->C_SignInit(session, &pss, pair_find(CKO_PRIVATE_KEY, "org/acme/tls_rsa")),
              CKR_OK);
    assert_rv(p11->C_Sign(session, text, sizeof text, signature, &n), CKR_OK);
    assert_rv(p11->C_VerifyInit(session, &pss, public), CKR_OK);
    assert_rv(p11->C_Verify(session, text, sizeof text, signature, n), CKR_OK);
    longest.sLen++;
    assert_rv(p11->C_VerifyInit(session, &pss, public), CKR_MECHANISM_PARAM_INVALID);
}

static void wrong_parameters_and_lengths_are_refused(void **state)
{
    CK_OBJECT_HANDLE rsa = pair_find(CKO_PRIVATE_KEY, "org/acme/tls_rsa");
    CK_OBJECT_HANDLE curve = pair_find(CKO_PRIVATE_KEY, "org/acme/tls_p256");
    CK_RSA_PKCS_PSS_PARAMS bad[] = {{CKM_SHA_1, CKG_MGF1_SHA256, 20},
                                    {CKM_SHA384, CKG_MGF1_SHA384, 48},
                                    {CKM_SHA256, 99, 32},
                                    {CKM_SHA256, CKG_MGF1_SHA256, 4096},
                                    {CKM_SHA256, CKG_MGF1_SHA256, (CK_ULONG)-2},
                                    {CKM_SHA256, CKG_MGF1_SHA256, 223}};
    CK_MECHANISM pss = {CKM_SHA256_RSA_PKCS_PSS, &bad[0], sizeof bad[0]};
    CK_MECHANISM raw = {CKM_RSA_PKCS, NULL, 0};
    unsigned char text[300] = {0};
    unsigned char signature[1024];
    CK_ULONG n = sizeof signature;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        pss.pParameter = &bad[i];
        assert_rv(p11->C_SignInit(session, &pss, rsa), CKR_MECHANISM_PARAM_INVALID);
    }
    pss.pParameter = NULL;
    pss.ulParameterLen = 0;
    assert_rv(p11->C_SignInit(session, &pss, rsa), CKR_MECHANISM_PARAM_INVALID);
    raw.pParameter = text;
    raw.ulParameterLen = 1;
    assert_rv(p11->C_SignInit(session, &raw, rsa), CKR_MECHANISM_PARAM_INVALID);
    raw = (CK_MECHANISM){CKM_RSA_PKCS, NULL, 0};
    assert_rv(p11->C_SignInit(session, &raw, rsa), CKR_OK);
    assert_rv(p11->C_Sign(session, text, 246, signature, &n), CKR_DATA_LEN_RANGE);
    assert_rv(p11->C_SignInit(session, &raw, rsa), CKR_OK);
    n = sizeof signature;
    assert_rv(p11->C_Sign(session, text, 245, signature, &n), CKR_OK);
    raw.mechanism = CKM_RSA_PKCS_PSS;
    raw.pParameter = &pss_params;
    raw.ulParameterLen = sizeof pss_params;
    assert_rv(p11->C_SignInit(session, &raw, rsa), CKR_OK);
    assert_rv(p11->C_Sign(session, text, 31, signature, &n), CKR_DATA_LEN_RANGE);
    raw = (CK_MECHANISM){CKM_ECDSA, NULL, 0};
    assert_rv(p11->C_SignInit(session, &raw, curve), CKR_OK);
    assert_rv(p11->C_Sign(session, text, 0, signature, &n), CKR_DATA_LEN_RANGE);
}

/* Mechanisms of PKCS#11 3.0, 2.3.14, the table of CKM_EDDSA: without parameters Ed25519 and Ed448;
 * with parameters but no phFlag Ed25519ctx, which is not offered, and Ed448 with its context. */
static void parameters_of_eddsa_mean_what_the_curve_makes_of_them(void **state)
{
    struct {
        CK_BBOOL prehash;
        CK_ULONG context_len;
        CK_BYTE *context;
    } params = {CK_FALSE, 0, NULL};
    CK_MECHANISM mechanism = {CKM_EDDSA, &params, sizeof params};
    CK_OBJECT_HANDLE ed25519 = pair_find(CKO_PRIVATE_KEY, "user/u1/ssh");
    CK_OBJECT_HANDLE ed448 = pair_find(CKO_PRIVATE_KEY, "user/u2/ssh");
    unsigned char signature[114];
    CK_ULONG n = sizeof signature;

    (void)state;
    assert_rv(p11->C_SignInit(session, &mechanism, ed25519), CKR_MECHANISM_PARAM_INVALID);
    assert_rv(p11->C_VerifyInit(session, &mechanism, pair_find(CKO_PUBLIC_KEY, "user/u1/ssh")),
              CKR_MECHANISM_PARAM_INVALID);
    assert_rv(p11->C_SignInit(session, &mechanism, ed448), CKR_OK);
    assert_rv(p11->C_Sign(session, data, sizeof data, signature, &n), CKR_OK);
    mechanism = (CK_MECHANISM){CKM_EDDSA, NULL, 0};
    assert_rv(p11->C_VerifyInit(session, &mechanism, pair_find(CKO_PUBLIC_KEY, "user/u2/ssh")),
              CKR_OK);
    assert_rv(p11->C_Verify(session, data, sizeof data, signature, n), CKR_OK);
    mechanism = (CK_MECHANISM){CKM_EDDSA, &params, sizeof params};
    params.prehash = CK_TRUE;
    assert_rv(p11->C_SignInit(session, &mechanism, ed448), CKR_MECHANISM_PARAM_INVALID);
    params.prehash = CK_FALSE;
    params.context = (CK_BYTE *)"c";
    params.context_len = 1;
    assert_rv(p11->C_SignInit(session, &mechanism, ed448), CKR_MECHANISM_PARAM_INVALID);
}

/* A signature in progress is finished with the old key; everything else sees the new one. */
static void a_new_version_is_seen_and_a_running_signature_finishes(void **state)
{
    CK_MECHANISM mechanism = {CKM_ECDSA_SHA256, NULL, 0};
    CK_OBJECT_HANDLE private = pair_find(CKO_PRIVATE_KEY, "org/acme/tls_p256");
    CK_ULONG len;
    char old[20];
    unsigned char signature[132];
    CK_ULONG n = sizeof signature;

    (void)state;
    if (!suite.writable)
        skip();
    memcpy(old, get_text(session, private, CKA_ID, &len), sizeof old);
    assert_rv(p11->C_SignInit(session, &mechanism, private), CKR_OK);
    create_secret(session, "org/acme/tls_p256", P384_SEC1);
    assert_rv(p11->C_Sign(session, data, sizeof data, signature, &n), CKR_OK);
    assert_int_equal(n, 64);
    assert_memory_not_equal(get_text(session, private, CKA_ID, &len), old, sizeof old);
    assert_rv(p11->C_SignInit(session, &mechanism, private), CKR_OK);
    n = sizeof signature;
    assert_rv(p11->C_Sign(session, data, sizeof data, signature, &n), CKR_OK);
    assert_int_equal(n, 96);
    create_secret(session, "org/acme/tls_p256", "no key any more");
    assert_rv(p11->C_SignInit(session, &mechanism, private), CKR_KEY_HANDLE_INVALID);
    assert_int_equal(pair_find(CKO_PRIVATE_KEY, "org/acme/tls_p256"), 0);
}

static void destroying_the_secret_ends_its_keys(void **state)
{
    CK_MECHANISM mechanism = {CKM_ECDSA_SHA256, NULL, 0};
    CK_OBJECT_HANDLE private = pair_find(CKO_PRIVATE_KEY, "org/acme/tls_p256");
    unsigned char signature[132];
    CK_ULONG n = sizeof signature;

    (void)state;
    if (!suite.writable)
        skip();
    assert_rv(p11->C_SignInit(session, &mechanism, private), CKR_OK);
    assert_rv(p11->C_DestroyObject(session, find_label(session, "org/acme/tls_p256")), CKR_OK);
    assert_rv(p11->C_Sign(session, data, sizeof data, signature, &n),
              CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_SignInit(session, &mechanism, private), CKR_KEY_HANDLE_INVALID);
}

/* 2.1.8; the messages are made by openssl(1), as tests/unit/module/pki/keys.h says. */
static void a_key_for_decryption_decrypts_oaep_and_nothing_else(void **state)
{
    static const unsigned char message[] = OAEP_MESSAGE;
    static unsigned char label[] = "a label";
    static const struct {
        CK_RSA_PKCS_OAEP_PARAMS params;
        const char *encrypted;
    } cases[] = {
        {{CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, NULL, 0}, OAEP_SHA1},
        {{CKM_SHA256, CKG_MGF1_SHA256, 0, NULL, 0}, OAEP_SHA256},
        {{CKM_SHA256, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, label, 7}, OAEP_LABEL},
    };
    CK_OBJECT_HANDLE key = pair_find(CKO_PRIVATE_KEY, "global/idle");
    CK_OBJECT_HANDLE other = pair_find(CKO_PRIVATE_KEY, "org/acme/tls_rsa");

    (void)state;
    assert_int_equal(get_bool(session, key, CKA_DECRYPT), CK_TRUE);
    for (size_t i = 0; i < COUNT(cases); i++) {
        CK_RSA_PKCS_OAEP_PARAMS params = cases[i].params;
        CK_MECHANISM mechanism = {CKM_RSA_PKCS_OAEP, &params, sizeof params};
        unsigned char encrypted[256];
        unsigned char plain[256];
        CK_ULONG n = 0;

        for (size_t j = 0; j < sizeof encrypted; j++)
            assert_int_equal(sscanf(cases[i].encrypted + 2 * j, "%2hhx", &encrypted[j]), 1);
        assert_rv(p11->C_DecryptInit(session, &mechanism, other), CKR_KEY_FUNCTION_NOT_PERMITTED);
        assert_rv(p11->C_SignInit(session, &mechanism, key), CKR_MECHANISM_INVALID);
        assert_rv(p11->C_DecryptInit(session, &mechanism, key), CKR_OK);
        assert_rv(p11->C_DecryptInit(session, &mechanism, key), CKR_OPERATION_ACTIVE);
        assert_rv(p11->C_Decrypt(session, encrypted, 256, NULL, &n), CKR_OK);
        assert_true(n >= sizeof message - 1 && n <= 256);
        n = sizeof message - 2;
        assert_rv(p11->C_Decrypt(session, encrypted, 256, plain, &n), CKR_BUFFER_TOO_SMALL);
        assert_int_equal(n, sizeof message - 1);
        assert_rv(p11->C_Decrypt(session, encrypted, 256, plain, &n), CKR_OK);
        assert_int_equal(n, sizeof message - 1);
        assert_memory_equal(plain, message, n);
        n = sizeof plain;
        assert_rv(p11->C_Decrypt(session, encrypted, 256, plain, &n),
                  CKR_OPERATION_NOT_INITIALIZED);
        assert_rv(p11->C_DecryptInit(session, &mechanism, key), CKR_OK);
        assert_rv(p11->C_Decrypt(session, encrypted, 255, plain, &n), CKR_ENCRYPTED_DATA_LEN_RANGE);
        encrypted[100] ^= 1;
        assert_rv(p11->C_DecryptInit(session, &mechanism, key), CKR_OK);
        assert_rv(p11->C_Decrypt(session, encrypted, 256, plain, &n), CKR_ENCRYPTED_DATA_INVALID);
        params.mgf = 99;
        assert_rv(p11->C_DecryptInit(session, &mechanism, key), CKR_MECHANISM_PARAM_INVALID);
    }
}

/* A program that sees a mechanism may use it with keys of its own. */
static void mechanisms_of_key_pairs_are_offered_where_there_may_be_some(void **state)
{
    CK_MECHANISM_INFO info;

    (void)state;
    for (size_t i = 0; i < COUNT(mechanisms); i++) {
        assert_rv(p11->C_GetMechanismInfo(1, mechanisms[i].type, &info), CKR_OK);
        assert_int_equal(info.flags & (CKF_SIGN | CKF_VERIFY), CKF_SIGN | CKF_VERIFY);
        assert_true(info.ulMinKeySize >= 255 && info.ulMinKeySize <= info.ulMaxKeySize);
    }
    p11->C_Finalize(NULL);
    write_configuration("{}");
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    for (size_t i = 0; i < COUNT(mechanisms); i++)
        assert_rv(p11->C_GetMechanismInfo(1, mechanisms[i].type, &info), CKR_MECHANISM_INVALID);
    session = open_ro();
    assert_int_equal(pair_find(CKO_PRIVATE_KEY, "org/acme/tls_rsa"), 0);
}

/* Mechanisms 2.1.1: such a mechanism hashes by itself, so the module has its digest, too. */
static void a_mechanism_is_offered_if_its_digest_is(void **state)
{
    static const CK_MECHANISM_TYPE both[][2] = {
        {CKM_SHA224, CKM_SHA224_RSA_PKCS},     {CKM_SHA224, CKM_ECDSA_SHA224},
        {CKM_SHA256, CKM_SHA256_RSA_PKCS},     {CKM_SHA3_224, CKM_SHA3_224_RSA_PKCS},
        {CKM_SHA3_256, CKM_SHA3_256_RSA_PKCS}, {CKM_SHA3_512, CKM_ECDSA_SHA3_512}};

    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        CK_MECHANISM mechanism = {both[i][1], NULL, 0};
        CK_MECHANISM_INFO info;
        CK_RV rv = p11->C_GetMechanismInfo(1, both[i][0], &info);

        assert_rv(p11->C_GetMechanismInfo(1, both[i][1], &info), rv);
        if (rv != CKR_OK)
            assert_rv(p11->C_SignInit(session, &mechanism,
                                      pair_find(CKO_PRIVATE_KEY, "org/acme/tls_rsa")),
                      CKR_MECHANISM_INVALID);
    }
}

static const struct CMUnitTest tests[] = {
    paired(every_mechanism_signs_with_every_key_of_its_type),
    paired(a_mechanism_of_another_key_type_is_refused),
    paired(a_mechanism_is_offered_if_its_digest_is),
    paired(a_key_does_only_what_it_is_for),
    paired(the_longest_salt_of_pss_is_the_keys),
    paired(wrong_parameters_and_lengths_are_refused),
    paired(parameters_of_eddsa_mean_what_the_curve_makes_of_them),
    paired(a_new_version_is_seen_and_a_running_signature_finishes),
    paired(destroying_the_secret_ends_its_keys),
    paired(a_key_for_decryption_decrypts_oaep_and_nothing_else),
    paired(mechanisms_of_key_pairs_are_offered_where_there_may_be_some),
};

const struct chapter pair_sign_chapter = CHAPTER("pair-sign", tests);
