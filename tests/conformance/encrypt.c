/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/pair.h"

#include <string.h>

#include "tests/unit/module/session/encryption.h"

/*
 * Encryption and decryption with AES keys of a session: 5.8 and 5.10; 2.10 (AES-CBC, and with
 * padding) and 2.13 (AES-GCM) of the mechanisms, and the wrapping of keys with these.
 */

#define session pair_session

static CK_OBJECT_CLASS secret_class = CKO_SECRET_KEY;
static CK_KEY_TYPE aes = CKK_AES;
static CK_KEY_TYPE generic = CKK_GENERIC_SECRET;

static CK_GCM_PARAMS gcm_params = {gcm_iv, sizeof gcm_iv, 0, gcm_aad, sizeof gcm_aad, 128};
static CK_MECHANISM cbc = {CKM_AES_CBC, cbc_iv, sizeof cbc_iv};
static CK_MECHANISM cbc_pad = {CKM_AES_CBC_PAD, cbc_iv, sizeof cbc_iv};
static CK_MECHANISM gcm = {CKM_AES_GCM, &gcm_params, sizeof gcm_params};

/* The mechanisms and what each makes of its example. */
static const struct example {
    CK_MECHANISM *mechanism;
    unsigned char *key;
    unsigned char *plain;
    CK_ULONG plain_len;
    unsigned char *encrypted;
    CK_ULONG encrypted_len;
} examples[] = {
    {&cbc, cbc_key, cbc_plain, 64, cbc_encrypted, 64},
    {&cbc_pad, cbc_key, cbc_plain, 64, cbc_encrypted, 80},
    {&gcm, gcm_key, gcm_plain, 60, gcm_encrypted, 76},
};

static CK_OBJECT_HANDLE create(CK_KEY_TYPE type, void *value, CK_ULONG len, CK_ATTRIBUTE_TYPE use)
{
    CK_ATTRIBUTE template[] = {
        VARIABLE(CKA_CLASS, secret_class),
        {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_VALUE, value, len},
        {use, &yes, sizeof yes},
    };
    CK_OBJECT_HANDLE key;

    assert_rv(p11->C_CreateObject(session, template, use == 0 ? 3 : 4, &key), CKR_OK);
    return key;
}

static CK_OBJECT_HANDLE create_key(void *value)
{
    return create(CKK_AES, value, 16, 0);
}

/* 5.2: asks for the length, then gives too little room, then enough. */
static void each_call_tells_its_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(examples); i++) {
        const struct example *one = &examples[i];
        CK_OBJECT_HANDLE key = create_key(one->key);
        unsigned char out[100];
        CK_ULONG n = 0;

        assert_rv(p11->C_EncryptInit(session, one->mechanism, key), CKR_OK);
        assert_rv(p11->C_Encrypt(session, one->plain, one->plain_len, NULL, &n), CKR_OK);
        assert_int_equal(n, one->encrypted_len);
        n--;
        assert_rv(p11->C_Encrypt(session, one->plain, one->plain_len, out, &n),
                  CKR_BUFFER_TOO_SMALL);
        assert_int_equal(n, one->encrypted_len);
        assert_rv(p11->C_Encrypt(session, one->plain, one->plain_len, out, &n), CKR_OK);
        assert_int_equal(n, one->encrypted_len);
        assert_memory_equal(out, one->encrypted, n);
        assert_rv(p11->C_Encrypt(session, one->plain, one->plain_len, out, &n),
                  CKR_OPERATION_NOT_INITIALIZED);

        assert_rv(p11->C_DecryptInit(session, one->mechanism, key), CKR_OK);
        assert_rv(p11->C_Decrypt(session, one->encrypted, one->encrypted_len, NULL, &n), CKR_OK);
        assert_true(n >= one->plain_len && n <= one->encrypted_len);
        n = one->plain_len - 1;
        assert_rv(p11->C_Decrypt(session, one->encrypted, one->encrypted_len, out, &n),
                  CKR_BUFFER_TOO_SMALL);
        assert_int_equal(n, one->plain_len);
        assert_rv(p11->C_Decrypt(session, one->encrypted, one->encrypted_len, out, &n), CKR_OK);
        assert_int_equal(n, one->plain_len);
        assert_memory_equal(out, one->plain, n);
        assert_rv(p11->C_DecryptFinal(session, out, &n), CKR_OPERATION_NOT_INITIALIZED);
    }
}

/* 5.8.3: "C_EncryptUpdate continues a multiple-part encryption operation, processing another data
 * part." */
static void data_comes_in_parts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(examples); i++) {
        const struct example *one = &examples[i];
        CK_OBJECT_HANDLE key = create_key(one->key);
        unsigned char out[100];
        CK_ULONG done = 0;
        CK_ULONG n;

        assert_rv(p11->C_EncryptInit(session, one->mechanism, key), CKR_OK);
        for (CK_ULONG at = 0; at < one->plain_len; at += 7, done += n) {
            CK_ULONG part = one->plain_len - at < 7 ? one->plain_len - at : 7;
            n = sizeof out - done;
            assert_rv(p11->C_EncryptUpdate(session, one->plain + at, part, out + done, &n), CKR_OK);
        }
        assert_rv(p11->C_EncryptFinal(session, NULL, &n), CKR_OK);
        assert_int_equal(n, one->encrypted_len - done);
        assert_rv(p11->C_EncryptFinal(session, out + done, &n), CKR_OK);
        assert_memory_equal(out, one->encrypted, one->encrypted_len);

        done = 0;
        assert_rv(p11->C_DecryptInit(session, one->mechanism, key), CKR_OK);
        for (CK_ULONG at = 0; at < one->encrypted_len; at++, done += n) {
            n = sizeof out - done;
            assert_rv(p11->C_DecryptUpdate(session, one->encrypted + at, 1, out + done, &n),
                      CKR_OK);
        }
        n = sizeof out - done;
        assert_rv(p11->C_DecryptFinal(session, out + done, &n), CKR_OK);
        assert_int_equal(done + n, one->plain_len);
        assert_memory_equal(out, one->plain, one->plain_len);
    }
}

/* 2.13: "since CKM_AES_GCM is an AEAD cipher, no data should be returned until C_Decrypt() or
 * C_DecryptFinal()." */
static void gcm_gives_no_data_before_its_tag(void **state)
{
    CK_OBJECT_HANDLE key = create_key(gcm_key);
    unsigned char damaged[sizeof gcm_encrypted];
    unsigned char out[100];
    CK_ULONG n = sizeof out;

    (void)state;
    memcpy(damaged, gcm_encrypted, sizeof damaged);
    damaged[75] ^= 1;
    memset(out, 0x5a, sizeof out);
    assert_rv(p11->C_DecryptInit(session, &gcm, key), CKR_OK);
    assert_rv(p11->C_DecryptUpdate(session, damaged, 76, out, &n), CKR_OK);
    assert_int_equal(n, 0);
    n = sizeof out;
    assert_rv(p11->C_DecryptFinal(session, out, &n), CKR_ENCRYPTED_DATA_INVALID);
    assert_rv(p11->C_DecryptInit(session, &gcm, key), CKR_OK);
    assert_rv(p11->C_Decrypt(session, damaged, 76, out, &n), CKR_ENCRYPTED_DATA_INVALID);
    for (size_t i = 0; i < sizeof out; i++)
        assert_int_equal(out[i], 0x5a);
    assert_rv(p11->C_DecryptInit(session, &gcm, key), CKR_OK);
    assert_rv(p11->C_Decrypt(session, damaged, 15, out, &n), CKR_ENCRYPTED_DATA_LEN_RANGE);
}

/* 5.10.2: "If the input ciphertext data cannot be decrypted because it has an inappropriate length,
 * then either CKR_ENCRYPTED_DATA_INVALID or CKR_ENCRYPTED_DATA_LEN_RANGE may be returned." */
static void cbc_refuses_parts_of_blocks_and_wrong_padding(void **state)
{
    CK_OBJECT_HANDLE key = create_key(cbc_key);
    unsigned char out[100];
    CK_ULONG n = sizeof out;

    (void)state;
    assert_rv(p11->C_EncryptInit(session, &cbc, key), CKR_OK);
    assert_rv(p11->C_Encrypt(session, cbc_plain, 63, out, &n), CKR_DATA_LEN_RANGE);
    assert_rv(p11->C_EncryptInit(session, &cbc, key), CKR_OK);
    assert_rv(p11->C_EncryptUpdate(session, cbc_plain, 63, out, &n), CKR_OK);
    assert_int_equal(n, 48);
    assert_rv(p11->C_EncryptFinal(session, out, &n), CKR_DATA_LEN_RANGE);
    assert_rv(p11->C_EncryptFinal(session, out, &n), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_DecryptInit(session, &cbc, key), CKR_OK);
    assert_rv(p11->C_Decrypt(session, cbc_encrypted, 63, out, &n), CKR_ENCRYPTED_DATA_LEN_RANGE);
    assert_rv(p11->C_DecryptInit(session, &cbc_pad, key), CKR_OK);
    assert_rv(p11->C_Decrypt(session, cbc_encrypted, 64, out, &n), CKR_ENCRYPTED_DATA_INVALID);
    assert_rv(p11->C_DecryptInit(session, &cbc_pad, key), CKR_OK);
    assert_rv(p11->C_Decrypt(session, cbc_encrypted, 0, out, &n), CKR_ENCRYPTED_DATA_LEN_RANGE);
}

static void no_data_is_data_as_well(void **state)
{
    CK_OBJECT_HANDLE key = create_key(gcm_key);
    unsigned char out[16];
    unsigned char nothing[1];
    CK_ULONG n;

    (void)state;
    for (size_t i = 1; i < COUNT(examples); i++) { /* padding, and a tag */
        n = sizeof out;
        assert_rv(p11->C_EncryptInit(session, examples[i].mechanism, key), CKR_OK);
        assert_rv(p11->C_Encrypt(session, NULL, 0, out, &n), CKR_OK);
        assert_int_equal(n, 16);
        n = sizeof nothing;
        assert_rv(p11->C_DecryptInit(session, examples[i].mechanism, key), CKR_OK);
        assert_rv(p11->C_Decrypt(session, out, 16, nothing, &n), CKR_OK);
        assert_int_equal(n, 0);
    }
}

/* 5.8.1: "The CKA_ENCRYPT attribute of the encryption key, which indicates whether the key supports
 * encryption, MUST be CK_TRUE." */
static void a_key_does_what_its_attributes_say(void **state)
{
    static const CK_ATTRIBUTE_TYPE uses[] = {CKA_ENCRYPT, CKA_DECRYPT, CKA_WRAP, CKA_UNWRAP};
    CK_MECHANISM_TYPE one = CKM_AES_CBC;
    CK_ATTRIBUTE limited[] = {VARIABLE(CKA_CLASS, secret_class), VARIABLE(CKA_KEY_TYPE, aes),
                              VARIABLE(CKA_VALUE, gcm_key), VARIABLE(CKA_ENCRYPT, yes),
                              VARIABLE(CKA_ALLOWED_MECHANISMS, one)};
    CK_OBJECT_HANDLE key = create_key(gcm_key);

    (void)state;
    assert_int_equal(get_bool(session, key, CKA_ENCRYPT), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_DECRYPT), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_WRAP), CK_FALSE);
    assert_int_equal(get_bool(session, key, CKA_UNWRAP), CK_FALSE);
    for (size_t i = 0; i < COUNT(uses); i++) {
        key = create(CKK_AES, gcm_key, 16, uses[i]);
        for (size_t j = 0; j < COUNT(uses); j++)
            assert_int_equal(get_bool(session, key, uses[j]), i == j);
        assert_rv(p11->C_EncryptInit(session, &cbc, key),
                  i == 0 ? CKR_OK : CKR_KEY_FUNCTION_NOT_PERMITTED);
        assert_rv(p11->C_EncryptInit(session, NULL, 0), CKR_OK);
        assert_rv(p11->C_DecryptInit(session, &cbc, key),
                  i == 1 ? CKR_OK : CKR_KEY_FUNCTION_NOT_PERMITTED);
        assert_rv(p11->C_DecryptInit(session, NULL, 0), CKR_OK);
    }
    assert_rv(p11->C_CreateObject(session, limited, COUNT(limited), &key), CKR_OK);
    assert_rv(p11->C_EncryptInit(session, &gcm, key), CKR_MECHANISM_INVALID);
    assert_rv(p11->C_EncryptInit(session, &cbc, key), CKR_OK);
}

static void keys_of_other_kinds_are_refused(void **state)
{
    CK_OBJECT_HANDLE private = pair_find(CKO_PRIVATE_KEY, "global/idle");
    CK_OBJECT_HANDLE key = create(CKK_GENERIC_SECRET, gcm_key, 16, 0);
    CK_MECHANISM hmac = {CKM_SHA256_HMAC, NULL, 0};
    CK_MECHANISM pkcs1 = {CKM_RSA_PKCS, NULL, 0};

    (void)state;
    assert_rv(p11->C_EncryptInit(session, &cbc, key), CKR_KEY_TYPE_INCONSISTENT);
    assert_rv(p11->C_DecryptInit(session, &cbc, key), CKR_KEY_TYPE_INCONSISTENT);
    assert_rv(p11->C_DecryptInit(session, &cbc, private), CKR_KEY_TYPE_INCONSISTENT);
    assert_rv(p11->C_EncryptInit(session, &cbc, 0), CKR_KEY_HANDLE_INVALID);
    assert_rv(p11->C_EncryptInit(session, &hmac, key), CKR_MECHANISM_INVALID);
    assert_rv(p11->C_EncryptInit(session, &pkcs1, key), CKR_MECHANISM_INVALID);
}

static void assert_bad(CK_OBJECT_HANDLE key, CK_GCM_PARAMS params, CK_RV expected)
{
    CK_MECHANISM mechanism = {CKM_AES_GCM, &params, sizeof params};

    assert_rv(p11->C_EncryptInit(session, &mechanism, key), expected);
    assert_rv(p11->C_EncryptInit(session, NULL, 0), CKR_OK);
}

/* CK_GCM_PARAMS, 2.13: ulIvBits is not the length, and programs leave it unset. */
static void parameters_are_checked(void **state)
{
    static unsigned char iv[129] = {1};
    CK_OBJECT_HANDLE key = create_key(gcm_key);
    CK_MECHANISM mechanism = {CKM_AES_CBC, cbc_iv, 15};
    const CK_RV bad = CKR_MECHANISM_PARAM_INVALID;

    (void)state;
    assert_rv(p11->C_EncryptInit(session, &mechanism, key), bad);
    mechanism = (CK_MECHANISM){CKM_AES_CBC_PAD, NULL, 16};
    assert_rv(p11->C_EncryptInit(session, &mechanism, key), bad);
    mechanism = (CK_MECHANISM){CKM_AES_GCM, &gcm_params, sizeof gcm_params - 1};
    assert_rv(p11->C_DecryptInit(session, &mechanism, key), bad);
    assert_bad(key, (CK_GCM_PARAMS){iv, 128, 0, NULL, 0, 128}, CKR_OK);
    assert_bad(key, (CK_GCM_PARAMS){iv, 1, 8, NULL, 0, 128}, CKR_OK);
    assert_bad(key, (CK_GCM_PARAMS){iv, 12, 5, gcm_aad, 0, 128}, CKR_OK);
    assert_bad(key, (CK_GCM_PARAMS){iv, 129, 0, NULL, 0, 128}, bad);
    assert_bad(key, (CK_GCM_PARAMS){iv, 0, 96, NULL, 0, 128}, bad);
    assert_bad(key, (CK_GCM_PARAMS){NULL, 12, 96, NULL, 0, 128}, bad);
    assert_bad(key, (CK_GCM_PARAMS){iv, 12, 96, NULL, 1, 128}, bad);
    assert_bad(key, (CK_GCM_PARAMS){iv, 12, 96, iv, (CK_ULONG)-1, 128}, bad);
    for (CK_ULONG bits = 0; bits <= 136; bits++)
        assert_bad(key, (CK_GCM_PARAMS){iv, 12, 96, NULL, 0, bits},
                   bits % 8 == 0 && bits >= 32 && bits <= 128 ? CKR_OK : bad);
}

static void arguments_are_checked(void **state)
{
    CK_OBJECT_HANDLE key = create_key(gcm_key);
    unsigned char out[100];
    CK_ULONG n = sizeof out;

    (void)state;
    assert_rv(p11->C_Encrypt(session, cbc_plain, 16, out, &n), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_EncryptUpdate(session, cbc_plain, 16, out, &n), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_EncryptFinal(session, out, &n), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_DecryptUpdate(session, cbc_plain, 16, out, &n), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_EncryptInit(session, &cbc, key), CKR_OK);
    assert_rv(p11->C_EncryptInit(session, &cbc, key), CKR_OPERATION_ACTIVE);
    assert_rv(p11->C_Encrypt(session, NULL, 16, out, &n), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_EncryptInit(session, &cbc, key), CKR_OK);
    assert_rv(p11->C_Encrypt(session, cbc_plain, 16, out, NULL), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_EncryptInit(session, &gcm, key), CKR_OK);
    assert_rv(p11->C_Encrypt(session, cbc_plain, (CK_ULONG)-1, out, &n), CKR_DATA_LEN_RANGE);
    assert_rv(p11->C_DecryptInit(session, &gcm, key), CKR_OK);
    assert_rv(p11->C_DecryptUpdate(session, cbc_plain, (CK_ULONG)-1, out, &n),
              CKR_ENCRYPTED_DATA_LEN_RANGE);
    /* 5.8.2: "C_Encrypt cannot be used to terminate a multiple-part operation" */
    assert_rv(p11->C_EncryptInit(session, &cbc, key), CKR_OK);
    assert_rv(p11->C_EncryptUpdate(session, cbc_plain, 16, out, &n), CKR_OK);
    assert_rv(p11->C_Encrypt(session, cbc_plain, 16, out, &n), CKR_OPERATION_ACTIVE);
}

/* 5.10.2 of a key pair: RSA takes one part. */
static void a_key_pair_decrypts_in_one_part(void **state)
{
    CK_RSA_PKCS_OAEP_PARAMS params = {CKM_SHA256, CKG_MGF1_SHA256, 0, NULL, 0};
    CK_MECHANISM oaep = {CKM_RSA_PKCS_OAEP, &params, sizeof params};
    CK_OBJECT_HANDLE private = pair_find(CKO_PRIVATE_KEY, "global/idle");
    unsigned char out[256];
    CK_ULONG n = sizeof out;

    (void)state;
    assert_rv(p11->C_DecryptInit(session, &oaep, private), CKR_OK);
    assert_rv(p11->C_DecryptUpdate(session, cbc_plain, 16, out, &n), CKR_FUNCTION_NOT_SUPPORTED);
    assert_rv(p11->C_DecryptInit(session, &oaep, private), CKR_OK);
    assert_rv(p11->C_DecryptFinal(session, out, &n), CKR_FUNCTION_NOT_SUPPORTED);
}

static void an_encryption_ends_with_its_key_and_when_canceled(void **state)
{
    CK_OBJECT_HANDLE key = create_key(cbc_key);
    unsigned char out[16];
    CK_ULONG n = sizeof out;

    (void)state;
    assert_rv(p11->C_EncryptInit(session, &cbc, key), CKR_OK);
    assert_rv(p11->C_DecryptInit(session, &cbc, key), CKR_OK);
    assert_rv(functions_3_0()->C_SessionCancel(session, CKF_ENCRYPT), CKR_OK);
    assert_rv(p11->C_Encrypt(session, cbc_plain, 16, out, &n), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_Decrypt(session, cbc_encrypted, 16, out, &n), CKR_OK);
    assert_rv(p11->C_DecryptInit(session, &cbc, key), CKR_OK);
    assert_rv(functions_3_0()->C_SessionCancel(session, CKF_DECRYPT), CKR_OK);
    assert_rv(p11->C_DecryptUpdate(session, cbc_encrypted, 16, out, &n),
              CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_EncryptInit(session, &cbc, key), CKR_OK);
    assert_rv(p11->C_EncryptUpdate(session, cbc_plain, 16, out, &n), CKR_OK);
    assert_rv(p11->C_DestroyObject(session, key), CKR_OK);
    assert_rv(p11->C_EncryptFinal(session, out, &n), CKR_OPERATION_NOT_INITIALIZED);
}

static CK_RV unwrap(CK_MECHANISM *mechanism, CK_OBJECT_HANDLE with, void *wrapped, CK_ULONG len,
                    CK_ULONG value_len, CK_OBJECT_HANDLE *key)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, secret_class), VARIABLE(CKA_KEY_TYPE, generic),
                               VARIABLE(CKA_VALUE_LEN, value_len)};

    return p11->C_UnwrapKey(session, mechanism, with, wrapped, len, template,
                            value_len == 0 ? 2 : 3, key);
}

static void assert_value(CK_OBJECT_HANDLE key, const void *value, CK_ULONG len)
{
    CK_ULONG got;

    assert_memory_equal(get_text(session, key, CKA_VALUE, &got), value, len);
    assert_int_equal(got, len);
}

static void keys_are_wrapped_as_data_is_encrypted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(examples); i++) {
        const struct example *one = &examples[i];
        CK_OBJECT_HANDLE wrapping = create(CKK_AES, one->key, 16, CKA_WRAP);
        CK_OBJECT_HANDLE unwrapping = create(CKK_AES, one->key, 16, CKA_UNWRAP);
        CK_OBJECT_HANDLE key = create(CKK_GENERIC_SECRET, one->plain, one->plain_len, 0);
        unsigned char wrapped[100];
        CK_ULONG n = 0;

        assert_rv(p11->C_WrapKey(session, one->mechanism, wrapping, key, NULL, &n), CKR_OK);
        assert_int_equal(n, one->encrypted_len);
        n--;
        assert_rv(p11->C_WrapKey(session, one->mechanism, wrapping, key, wrapped, &n),
                  CKR_BUFFER_TOO_SMALL);
        assert_rv(p11->C_WrapKey(session, one->mechanism, wrapping, key, wrapped, &n), CKR_OK);
        assert_memory_equal(wrapped, one->encrypted, n);
        assert_rv(unwrap(one->mechanism, unwrapping, wrapped, n, 0, &key), CKR_OK);
        assert_value(key, one->plain, one->plain_len);
        assert_rv(unwrap(one->mechanism, unwrapping, wrapped, 0, 0, &key),
                  CKR_WRAPPED_KEY_LEN_RANGE);
        assert_rv(unwrap(one->mechanism, unwrapping, wrapped, 15, 0, &key),
                  CKR_WRAPPED_KEY_LEN_RANGE);
        wrapped[n - 1] ^= 1; /* the tag, or in CBC the last block, which the padding is in */
        assert_rv(unwrap(one->mechanism, unwrapping, wrapped, n, 0, &key),
                  i == 0 ? CKR_OK : CKR_WRAPPED_KEY_INVALID);
        assert_rv(unwrap(one->mechanism, wrapping, wrapped, n, 0, &key),
                  CKR_KEY_FUNCTION_NOT_PERMITTED);
        assert_rv(p11->C_WrapKey(session, one->mechanism, unwrapping, key, wrapped, &n),
                  CKR_KEY_FUNCTION_NOT_PERMITTED);
    }
}

/* 2.10.5: "the mechanism encrypts the value of the CKA_VALUE attribute of the key that is wrapped,
 * padded on the trailing end with up to block size minus one null bytes", and "decrypts the wrapped
 * key, and truncates the result according to" CKA_VALUE_LEN. */
static void cbc_pads_a_key_with_null_bytes(void **state)
{
    CK_OBJECT_HANDLE wrapping = create(CKK_AES, cbc_key, 16, CKA_WRAP);
    CK_OBJECT_HANDLE unwrapping = create(CKK_AES, cbc_key, 16, CKA_UNWRAP);
    CK_OBJECT_HANDLE key = create(CKK_GENERIC_SECRET, cbc_plain, 20, 0);
    unsigned char zeros[32] = {0};
    unsigned char wrapped[100];
    CK_ULONG n = sizeof wrapped;

    (void)state;
    memcpy(zeros, cbc_plain, 20);
    assert_rv(p11->C_WrapKey(session, &cbc, wrapping, key, wrapped, &n), CKR_OK);
    assert_int_equal(n, 32);
    assert_rv(unwrap(&cbc, unwrapping, wrapped, 32, 20, &key), CKR_OK);
    assert_value(key, cbc_plain, 20);
    assert_rv(unwrap(&cbc, unwrapping, wrapped, 32, 0, &key), CKR_OK);
    assert_value(key, zeros, 32);
    assert_rv(unwrap(&cbc, unwrapping, wrapped, 32, 19, &key), CKR_WRAPPED_KEY_INVALID);
    assert_rv(unwrap(&cbc, unwrapping, wrapped, 32, 16, &key), CKR_TEMPLATE_INCONSISTENT);
    assert_rv(unwrap(&cbc, unwrapping, wrapped, 32, 33, &key), CKR_TEMPLATE_INCONSISTENT);
}

/* 5.5.6, and 4.8: CKA_ALLOWED_MECHANISMS. */
static void the_mechanisms_tell_what_they_do(void **state)
{
    const CK_FLAGS flags = CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP;
    CK_MECHANISM_TYPE allowed[16];
    CK_ATTRIBUTE asked = VARIABLE(CKA_ALLOWED_MECHANISMS, allowed);
    CK_OBJECT_HANDLE key = create_key(cbc_key);
    CK_MECHANISM_INFO info;

    (void)state;
    assert_rv(p11->C_GetAttributeValue(session, key, &asked, 1), CKR_OK);
    for (size_t i = 0; i < COUNT(examples); i++) {
        size_t found = 0;

        assert_rv(p11->C_GetMechanismInfo(1, examples[i].mechanism->mechanism, &info), CKR_OK);
        assert_int_equal(info.flags, flags);
        assert_true(info.ulMinKeySize == 16 && info.ulMaxKeySize == 32);
        for (size_t j = 0; j < asked.ulValueLen / sizeof allowed[0]; j++)
            found += allowed[j] == examples[i].mechanism->mechanism;
        assert_int_equal(found, 1);
    }
}

static const struct CMUnitTest tests[] = {
    paired(each_call_tells_its_length),
    paired(data_comes_in_parts),
    paired(gcm_gives_no_data_before_its_tag),
    paired(cbc_refuses_parts_of_blocks_and_wrong_padding),
    paired(no_data_is_data_as_well),
    paired(a_key_does_what_its_attributes_say),
    paired(keys_of_other_kinds_are_refused),
    paired(parameters_are_checked),
    paired(arguments_are_checked),
    paired(a_key_pair_decrypts_in_one_part),
    paired(an_encryption_ends_with_its_key_and_when_canceled),
    paired(keys_are_wrapped_as_data_is_encrypted),
    paired(cbc_pads_a_key_with_null_bytes),
    paired(the_mechanisms_tell_what_they_do),
};

const struct chapter encrypt_chapter = CHAPTER("encrypt", tests);
