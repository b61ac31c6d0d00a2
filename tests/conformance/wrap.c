/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/pair.h"

#include <string.h>

/*
 * C_WrapKey and C_UnwrapKey, 5.18.3 and 5.18.4, of secret keys of a session; CKM_AES_KEY_GEN,
 * CKM_AES_KEY_WRAP and CKM_AES_KEY_WRAP_KWP, and CKM_RSA_PKCS_OAEP of the mechanisms.
 */

#define session pair_session

static CK_OBJECT_CLASS secret_class = CKO_SECRET_KEY;
static CK_KEY_TYPE generic = CKK_GENERIC_SECRET;
static CK_KEY_TYPE aes = CKK_AES;

static CK_MECHANISM kw = {CKM_AES_KEY_WRAP, NULL, 0};
static CK_MECHANISM kwp = {CKM_AES_KEY_WRAP_KWP, NULL, 0};
static CK_RSA_PKCS_OAEP_PARAMS oaep_params = {CKM_SHA256, CKG_MGF1_SHA256, 0, NULL, 0};
static CK_MECHANISM oaep = {CKM_RSA_PKCS_OAEP, &oaep_params, sizeof oaep_params};

/* RFC 3394, 4.1, and RFC 5649, 6. */
static unsigned char kw_key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static unsigned char kw_data[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                    0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
static unsigned char kw_wrapped[24] = {0x1f, 0xa6, 0x8b, 0x0a, 0x81, 0x12, 0xb4, 0x47,
                                       0xae, 0xf3, 0x4b, 0xd8, 0xfb, 0x5a, 0x7b, 0x82,
                                       0x9d, 0x3e, 0x86, 0x23, 0x71, 0xd2, 0xcf, 0xe5};
static unsigned char kwp_key[24] = {0x58, 0x40, 0xdf, 0x6e, 0x29, 0xb0, 0x2a, 0xf1,
                                    0xab, 0x49, 0x3b, 0x70, 0x5b, 0xf1, 0x6e, 0xa1,
                                    0xae, 0x83, 0x38, 0xf4, 0xdc, 0xc1, 0x76, 0xa8};
static unsigned char kwp_data[7] = {0x46, 0x6f, 0x72, 0x50, 0x61, 0x73, 0x69};
static unsigned char kwp_wrapped[16] = {0xaf, 0xbe, 0xb0, 0xf0, 0x7d, 0xfb, 0xf5, 0x41,
                                        0x92, 0x00, 0xf2, 0xcc, 0xb5, 0x0b, 0xb2, 0x4f};

static CK_OBJECT_HANDLE create(CK_KEY_TYPE type, void *value, CK_ULONG len)
{
    CK_ATTRIBUTE template[] = {
        VARIABLE(CKA_CLASS, secret_class), {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_VALUE, value, len},           VARIABLE(CKA_WRAP, yes),
        VARIABLE(CKA_UNWRAP, yes),
    };
    CK_OBJECT_HANDLE key;

    assert_rv(p11->C_CreateObject(session, template, COUNT(template), &key), CKR_OK);
    return key;
}

static CK_OBJECT_HANDLE generate_aes(CK_ULONG len)
{
    CK_MECHANISM mechanism = {CKM_AES_KEY_GEN, NULL, 0};
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_VALUE_LEN, len), VARIABLE(CKA_WRAP, yes),
                               VARIABLE(CKA_UNWRAP, yes)};
    CK_OBJECT_HANDLE key;

    assert_rv(p11->C_GenerateKey(session, &mechanism, template, COUNT(template), &key), CKR_OK);
    return key;
}

static CK_RV unwrap(CK_MECHANISM *mechanism, CK_OBJECT_HANDLE with, void *wrapped, CK_ULONG len,
                    CK_OBJECT_HANDLE *key)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, secret_class), VARIABLE(CKA_KEY_TYPE, generic)};

    return p11->C_UnwrapKey(session, mechanism, with, wrapped, len, template, COUNT(template), key);
}

static void assert_value(CK_OBJECT_HANDLE key, const void *value, CK_ULONG len)
{
    CK_ULONG got;

    assert_memory_equal(get_text(session, key, CKA_VALUE, &got), value, len);
    assert_int_equal(got, len);
}

/* Wraps, asking for the length before, and unwraps. */
static void assert_wraps(CK_MECHANISM *mechanism, CK_OBJECT_HANDLE with, CK_OBJECT_HANDLE key,
                         const void *expected, CK_ULONG len)
{
    unsigned char wrapped[64];
    CK_ULONG n = 0;

    assert_rv(p11->C_WrapKey(session, mechanism, with, key, NULL, &n), CKR_OK);
    assert_int_equal(n, len);
    n = len - 1;
    assert_rv(p11->C_WrapKey(session, mechanism, with, key, wrapped, &n), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(n, len);
    n = sizeof wrapped;
    assert_rv(p11->C_WrapKey(session, mechanism, with, key, wrapped, &n), CKR_OK);
    assert_int_equal(n, len);
    assert_memory_equal(wrapped, expected, len);
}

static void keys_are_wrapped_as_the_standards_say(void **state)
{
    CK_OBJECT_HANDLE with = create(CKK_AES, kw_key, sizeof kw_key);
    CK_OBJECT_HANDLE key = create(CKK_GENERIC_SECRET, kw_data, sizeof kw_data);

    (void)state;
    assert_wraps(&kw, with, key, kw_wrapped, sizeof kw_wrapped);
    assert_rv(unwrap(&kw, with, kw_wrapped, sizeof kw_wrapped, &key), CKR_OK);
    assert_value(key, kw_data, sizeof kw_data);
    with = create(CKK_AES, kwp_key, sizeof kwp_key);
    key = create(CKK_GENERIC_SECRET, kwp_data, sizeof kwp_data);
    assert_wraps(&kwp, with, key, kwp_wrapped, sizeof kwp_wrapped);
    assert_rv(unwrap(&kwp, with, kwp_wrapped, sizeof kwp_wrapped, &key), CKR_OK);
    assert_value(key, kwp_data, sizeof kwp_data);
}

/* 5.18.4: "The new key will have the CKA_ALWAYS_SENSITIVE attribute set to CK_FALSE, and the
 * CKA_NEVER_EXTRACTABLE attribute set to CK_FALSE." and CKA_LOCAL, 4.7: only for a key generated
 * here. */
static void an_unwrapped_key_has_been_outside(void **state)
{
    CK_OBJECT_HANDLE with = create(CKK_AES, kw_key, sizeof kw_key);
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_KEY_TYPE, aes), VARIABLE(CKA_SENSITIVE, yes),
                               VARIABLE(CKA_EXTRACTABLE, no)};
    unsigned char value[16];
    CK_ATTRIBUTE asked = VARIABLE(CKA_VALUE, value);
    CK_ULONG n = sizeof value;
    CK_OBJECT_HANDLE key;

    (void)state;
    assert_rv(p11->C_UnwrapKey(session, &kw, with, kw_wrapped, sizeof kw_wrapped, template,
                               COUNT(template), &key),
              CKR_OK);
    assert_rv(p11->C_GetAttributeValue(session, key, &asked, 1), CKR_ATTRIBUTE_SENSITIVE);
    assert_int_equal(get_bool(session, key, CKA_ALWAYS_SENSITIVE), CK_FALSE);
    assert_int_equal(get_bool(session, key, CKA_NEVER_EXTRACTABLE), CK_FALSE);
    assert_int_equal(get_bool(session, key, CKA_LOCAL), CK_FALSE);
    assert_rv(p11->C_WrapKey(session, &kw, with, key, value, &n), CKR_KEY_UNEXTRACTABLE);
}

static void damaged_bytes_are_refused(void **state)
{
    CK_OBJECT_HANDLE with = create(CKK_AES, kw_key, sizeof kw_key);
    CK_OBJECT_HANDLE other = generate_aes(16);
    CK_OBJECT_HANDLE key = 0;
    unsigned char wrapped[24];

    (void)state;
    memcpy(wrapped, kw_wrapped, sizeof wrapped);
    assert_rv(unwrap(&kw, other, wrapped, 24, &key), CKR_WRAPPED_KEY_INVALID);
    assert_rv(unwrap(&kwp, with, wrapped, 24, &key), CKR_WRAPPED_KEY_INVALID);
    for (size_t i = 0; i < sizeof wrapped; i++) {
        wrapped[i] ^= 1;
        assert_rv(unwrap(&kw, with, wrapped, 24, &key), CKR_WRAPPED_KEY_INVALID);
        wrapped[i] ^= 1;
    }
    for (CK_ULONG len = 0; len < 24; len++)
        assert_rv(unwrap(&kw, with, wrapped, len, &key), CKR_WRAPPED_KEY_LEN_RANGE);
    assert_rv(unwrap(&kwp, with, wrapped, 8, &key), CKR_WRAPPED_KEY_LEN_RANGE);
    assert_rv(unwrap(&kw, with, wrapped, (CK_ULONG)-8, &key), CKR_WRAPPED_KEY_LEN_RANGE);
    assert_rv(unwrap(&kw, with, NULL, 24, &key), CKR_ARGUMENTS_BAD);
    assert_int_equal(key, 0);
}

static void keys_and_mechanisms_that_do_not_fit_are_refused(void **state)
{
    static CK_KEY_TYPE rsa = CKK_RSA;
    CK_OBJECT_HANDLE with = create(CKK_AES, kw_key, sizeof kw_key);
    CK_OBJECT_HANDLE odd = create(CKK_GENERIC_SECRET, kwp_data, sizeof kwp_data);
    CK_OBJECT_HANDLE plain = create(CKK_GENERIC_SECRET, kw_data, sizeof kw_data);
    CK_OBJECT_HANDLE private = pair_find(CKO_PRIVATE_KEY, "org/acme/tls_rsa");
    CK_MECHANISM other = {CKM_SHA256, NULL, 0};
    CK_MECHANISM parameter = {CKM_AES_KEY_WRAP, kw_key, 8};
    CK_ATTRIBUTE template = VARIABLE(CKA_KEY_TYPE, rsa);
    CK_ATTRIBUTE idle = VARIABLE(CKA_WRAP, no);
    unsigned char wrapped[64];
    CK_ULONG n = sizeof wrapped;
    CK_OBJECT_HANDLE key;

    (void)state;
    assert_rv(p11->C_WrapKey(session, &kw, with, odd, wrapped, &n), CKR_KEY_SIZE_RANGE);
    assert_rv(p11->C_WrapKey(session, &kw, plain, plain, wrapped, &n),
              CKR_WRAPPING_KEY_TYPE_INCONSISTENT);
    assert_rv(p11->C_WrapKey(session, &kw, private, plain, wrapped, &n),
              CKR_WRAPPING_KEY_TYPE_INCONSISTENT);
    assert_rv(p11->C_WrapKey(session, &kw, 0, plain, wrapped, &n), CKR_WRAPPING_KEY_HANDLE_INVALID);
    assert_rv(unwrap(&kw, 0, kw_wrapped, 24, &key), CKR_UNWRAPPING_KEY_HANDLE_INVALID);
    assert_rv(unwrap(&kw, plain, kw_wrapped, 24, &key), CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT);
    assert_rv(p11->C_WrapKey(session, &kw, with, 0, wrapped, &n), CKR_KEY_HANDLE_INVALID);
    assert_rv(p11->C_WrapKey(session, &kw, with, private, wrapped, &n), CKR_KEY_UNEXTRACTABLE);
    assert_rv(p11->C_WrapKey(session, &other, with, plain, wrapped, &n), CKR_MECHANISM_INVALID);
    assert_rv(p11->C_WrapKey(session, &parameter, with, plain, wrapped, &n),
              CKR_MECHANISM_PARAM_INVALID);
    assert_rv(p11->C_WrapKey(session, NULL, with, plain, wrapped, &n), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_WrapKey(session, &kw, with, plain, wrapped, NULL), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_UnwrapKey(session, &kw, with, kw_wrapped, 24, &template, 1, &key),
              CKR_TEMPLATE_INCONSISTENT);
    assert_rv(p11->C_SetAttributeValue(session, with, &idle, 1), CKR_OK);
    assert_rv(p11->C_WrapKey(session, &kw, with, plain, wrapped, &n),
              CKR_KEY_FUNCTION_NOT_PERMITTED);
    idle.type = CKA_WRAP_WITH_TRUSTED;
    idle.pValue = &yes;
    assert_rv(p11->C_SetAttributeValue(session, plain, &idle, 1), CKR_OK);
    idle.type = CKA_WRAP;
    assert_rv(p11->C_SetAttributeValue(session, with, &idle, 1), CKR_OK);
    assert_rv(p11->C_WrapKey(session, &kw, with, plain, wrapped, &n), CKR_KEY_NOT_WRAPPABLE);
}

/* A rule that lets a key decrypt lets it unwrap, too, and its public half wraps for it. */
static void an_rsa_key_of_the_token_unwraps_what_its_public_half_wraps(void **state)
{
    CK_OBJECT_HANDLE public = pair_find(CKO_PUBLIC_KEY, "global/idle");
    CK_OBJECT_HANDLE private = pair_find(CKO_PRIVATE_KEY, "global/idle");
    CK_OBJECT_HANDLE key = create(CKK_GENERIC_SECRET, kw_data, sizeof kw_data);
    static unsigned char much[191];
    unsigned char wrapped[256];
    CK_ULONG n = 0;

    (void)state;
    assert_int_equal(get_bool(session, public, CKA_WRAP), CK_TRUE);
    assert_int_equal(get_bool(session, private, CKA_UNWRAP), CK_TRUE);
    assert_rv(p11->C_WrapKey(session, &oaep, public, key, NULL, &n), CKR_OK);
    assert_int_equal(n, 256);
    n = 255;
    assert_rv(p11->C_WrapKey(session, &oaep, public, key, wrapped, &n), CKR_BUFFER_TOO_SMALL);
    assert_rv(p11->C_WrapKey(session, &oaep, public, key, wrapped, &n), CKR_OK);
    assert_rv(unwrap(&oaep, private, wrapped, 256, &key), CKR_OK);
    assert_value(key, kw_data, sizeof kw_data);
    assert_rv(unwrap(&oaep, private, wrapped, 255, &key), CKR_WRAPPED_KEY_LEN_RANGE);
    wrapped[9] ^= 1;
    assert_rv(unwrap(&oaep, private, wrapped, 256, &key), CKR_WRAPPED_KEY_INVALID);
    assert_rv(p11->C_WrapKey(session, &oaep, private, key, wrapped, &n),
              CKR_WRAPPING_KEY_TYPE_INCONSISTENT);
    memset(much, 1, sizeof much); /* one byte more than fits */
    key = create(CKK_GENERIC_SECRET, much, sizeof much);
    assert_rv(p11->C_WrapKey(session, &oaep, public, key, wrapped, &n), CKR_KEY_SIZE_RANGE);
    key = create(CKK_GENERIC_SECRET, much, sizeof much - 1);
    assert_rv(p11->C_WrapKey(session, &oaep, public, key, wrapped, &n), CKR_OK);
    public = pair_find(CKO_PUBLIC_KEY, "org/acme/tls_rsa");
    assert_int_equal(get_bool(session, public, CKA_WRAP), CK_FALSE);
    assert_rv(p11->C_WrapKey(session, &oaep, public, key, wrapped, &n),
              CKR_KEY_FUNCTION_NOT_PERMITTED);
    private = pair_find(CKO_PRIVATE_KEY, "global/asking_rsa"); /* each use needs a login */
    if (private != 0)
        assert_rv(unwrap(&oaep, private, wrapped, 256, &key), CKR_USER_NOT_LOGGED_IN);
}

static bool allows(CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism)
{
    CK_MECHANISM_TYPE types[64];
    CK_ATTRIBUTE allowed = {CKA_ALLOWED_MECHANISMS, types, sizeof types};

    assert_rv(p11->C_GetAttributeValue(session, key, &allowed, 1), CKR_OK);
    for (size_t i = 0; i < allowed.ulValueLen / sizeof types[0]; i++)
        if (types[i] == mechanism)
            return true;
    return false;
}

/* 4.8: "CKA_ALLOWED_MECHANISMS: A list of mechanisms allowed to be used with this key". */
static void a_public_key_that_wraps_allows_the_mechanism(void **state)
{
    (void)state;
    assert_true(allows(pair_find(CKO_PUBLIC_KEY, "global/idle"), CKM_RSA_PKCS_OAEP));
    assert_true(allows(pair_find(CKO_PRIVATE_KEY, "global/idle"), CKM_RSA_PKCS_OAEP));
    assert_false(allows(pair_find(CKO_PUBLIC_KEY, "org/acme/tls_rsa"), CKM_RSA_PKCS_OAEP));
}

static void an_aes_key_is_made_for_a_session(void **state)
{
    static const CK_ULONG lengths[] = {16, 24, 32};
    CK_MECHANISM mechanism = {CKM_AES_KEY_GEN, NULL, 0};
    CK_MECHANISM hmac = {CKM_SHA256_HMAC, NULL, 0};
    CK_MECHANISM_INFO info;
    CK_ULONG len = 20;
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_VALUE_LEN, len), VARIABLE(CKA_KEY_TYPE, generic)};
    CK_ATTRIBUTE stored[] = {VARIABLE(CKA_VALUE_LEN, len), VARIABLE(CKA_TOKEN, yes),
                             TEXT(CKA_LABEL, "org/acme/aes")};
    CK_OBJECT_HANDLE key;

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        key = generate_aes(lengths[i]);
        (void)get_text(session, key, CKA_VALUE, &len);
        assert_int_equal(len, lengths[i]);
        assert_int_equal(get_bool(session, key, CKA_LOCAL), CK_TRUE);
        assert_int_equal(get_bool(session, key, CKA_SIGN), CK_FALSE);
        assert_rv(p11->C_SignInit(session, &hmac, key), CKR_KEY_FUNCTION_NOT_PERMITTED);
    }
    len = 20;
    assert_rv(p11->C_GenerateKey(session, &mechanism, template, 1, &key),
              CKR_ATTRIBUTE_VALUE_INVALID);
    len = 16;
    assert_rv(p11->C_GenerateKey(session, &mechanism, template, 2, &key),
              CKR_TEMPLATE_INCONSISTENT);
    template[1].pValue = &aes;
    mechanism.mechanism = CKM_GENERIC_SECRET_KEY_GEN;
    assert_rv(p11->C_GenerateKey(session, &mechanism, template, 2, &key),
              CKR_TEMPLATE_INCONSISTENT);
    mechanism.mechanism = CKM_AES_KEY_GEN;
    assert_rv(p11->C_GenerateKey(session, &mechanism, stored, 3, &key),
              suite.writable ? CKR_TEMPLATE_INCONSISTENT : CKR_TOKEN_WRITE_PROTECTED);
    assert_rv(p11->C_GetMechanismInfo(1, CKM_AES_KEY_GEN, &info), CKR_OK);
    assert_true(info.ulMinKeySize == 16 && info.ulMaxKeySize == 32 && info.flags == CKF_GENERATE);
    assert_rv(p11->C_GetMechanismInfo(1, CKM_AES_KEY_WRAP, &info), CKR_OK);
    assert_int_equal(info.flags, CKF_WRAP | CKF_UNWRAP);
    assert_rv(p11->C_GetMechanismInfo(1, CKM_RSA_PKCS_OAEP, &info), CKR_OK);
    assert_int_equal(info.flags, CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP);
}

/* 5.6.2: "When a session is closed, all session objects created by the session are destroyed
 * automatically". */
static void the_keys_end_with_their_session(void **state)
{
    CK_OBJECT_HANDLE with = create(CKK_AES, kw_key, sizeof kw_key);
    CK_SESSION_HANDLE other = open_ro();
    unsigned char wrapped[64];
    CK_ULONG n = sizeof wrapped;

    (void)state;
    assert_rv(p11->C_WrapKey(other, &kw, with, with, wrapped, &n), CKR_OK);
    assert_rv(p11->C_CloseSession(session), CKR_OK);
    assert_rv(p11->C_WrapKey(other, &kw, with, with, wrapped, &n), CKR_WRAPPING_KEY_HANDLE_INVALID);
    session = other;
}

static const struct CMUnitTest tests[] = {
    paired(keys_are_wrapped_as_the_standards_say),
    paired(an_unwrapped_key_has_been_outside),
    paired(damaged_bytes_are_refused),
    paired(keys_and_mechanisms_that_do_not_fit_are_refused),
    paired(an_rsa_key_of_the_token_unwraps_what_its_public_half_wraps),
    paired(a_public_key_that_wraps_allows_the_mechanism),
    paired(an_aes_key_is_made_for_a_session),
    paired(the_keys_end_with_their_session),
};

const struct chapter wrap_chapter = CHAPTER("wrap", tests);
