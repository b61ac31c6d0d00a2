/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/pair.h"

#include <string.h>

/*
 * C_DeriveKey, 5.18.5, with CKM_ECDH1_DERIVE: 2.3.17 of the mechanisms. "This mechanism derives a
 * secret value, and truncates the result according to the CKA_KEY_TYPE attribute of the template
 * and, if it has one and the key type supports it, the CKA_VALUE_LEN attribute of the template.
 * (The truncation removes bytes from the leading end of the secret value.)"
 */

#define session pair_session

static unsigned char x25519[] = {0x06, 0x03, 0x2b, 0x65, 0x6e};
static unsigned char x25519_name[] = "\x13\x0a"
                                     "curve25519";

static const struct curve {
    CK_MECHANISM_TYPE generate;
    CK_ATTRIBUTE params;
    CK_ULONG len;
} curves[] = {
    {CKM_EC_KEY_PAIR_GEN, VARIABLE(CKA_EC_PARAMS, pair_p256), 32},
    {CKM_EC_KEY_PAIR_GEN, VARIABLE(CKA_EC_PARAMS, pair_p384), 48},
    {CKM_EC_KEY_PAIR_GEN, VARIABLE(CKA_EC_PARAMS, pair_p521), 66},
    {CKM_EC_MONTGOMERY_KEY_PAIR_GEN, VARIABLE(CKA_EC_PARAMS, x25519), 32},
    {CKM_EC_MONTGOMERY_KEY_PAIR_GEN, {CKA_EC_PARAMS, x25519_name, sizeof x25519_name - 1}, 32},
};

/* Bob's public key of RFC 7748, 6.1, and what he shares with Alice. */
static const unsigned char bob[] = {
    0xde, 0x9e, 0xdb, 0x7d, 0x7b, 0x7d, 0xc1, 0xb4, 0xd3, 0x5b, 0x61, 0xc2, 0xec, 0xe4, 0x35, 0x37,
    0x3f, 0x83, 0x43, 0xc8, 0x5b, 0x78, 0x67, 0x4d, 0xad, 0xfc, 0x7e, 0x14, 0x6f, 0x88, 0x2b, 0x4f};
static const unsigned char shared[] = {
    0x4a, 0x5d, 0x9d, 0x5b, 0xa4, 0xce, 0x2d, 0xe1, 0x72, 0x8e, 0x3b, 0xf4, 0x80, 0x35, 0x0f, 0x25,
    0xe0, 0x7e, 0x21, 0xc9, 0x47, 0xd1, 0x9e, 0x33, 0x76, 0xf0, 0x9b, 0x3c, 0x1e, 0x16, 0x17, 0x42};

static CK_KEY_TYPE generic = CKK_GENERIC_SECRET;
static CK_KEY_TYPE aes = CKK_AES;
static CK_OBJECT_CLASS secret_class = CKO_SECRET_KEY;

struct pair_of {
    CK_OBJECT_HANDLE public;
    CK_OBJECT_HANDLE private;
};

static struct pair_of make_pair(const struct curve *curve)
{
    CK_MECHANISM mechanism = {curve->generate, NULL, 0};
    CK_ATTRIBUTE public_template[] = {curve->params};
    CK_ATTRIBUTE private_template[] = {VARIABLE(CKA_DERIVE, yes)};
    struct pair_of pair;

    assert_rv(p11->C_GenerateKeyPair(session, &mechanism, public_template, 1, private_template, 1,
                                     &pair.public, &pair.private),
              CKR_OK);
    return pair;
}

/* Derives with another's public key as bytes. */
static CK_RV derive_with(CK_OBJECT_HANDLE key, const void *point, CK_ULONG len,
                         CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *out)
{
    unsigned char copy[256];
    CK_ECDH1_DERIVE_PARAMS params = {CKD_NULL, 0, NULL, len, copy};
    CK_MECHANISM mechanism = {CKM_ECDH1_DERIVE, &params, sizeof params};

    assert_true(len <= sizeof copy);
    memcpy(copy, point, len);
    return p11->C_DeriveKey(session, &mechanism, key, template, count, out);
}

static void derive(CK_OBJECT_HANDLE key, CK_OBJECT_HANDLE other, CK_ATTRIBUTE *template,
                   CK_ULONG count, CK_OBJECT_HANDLE *out)
{
    CK_ULONG len;
    const char *point = get_text(session, other, CKA_EC_POINT, &len);

    assert_rv(derive_with(key, point, len, template, count, out), CKR_OK);
}

static void both_sides_derive_the_same_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(curves); i++) {
        struct pair_of a = make_pair(&curves[i]);
        struct pair_of b = make_pair(&curves[i]);
        CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, secret_class),
                                   VARIABLE(CKA_KEY_TYPE, generic)};
        unsigned char first[66];
        CK_OBJECT_HANDLE key;
        CK_ULONG len;

        derive(a.private, b.public, template, COUNT(template), &key);
        memcpy(first, get_text(session, key, CKA_VALUE, &len), curves[i].len);
        assert_int_equal(len, curves[i].len);
        derive(b.private, a.public, NULL, 0, &key);
        assert_memory_equal(get_text(session, key, CKA_VALUE, &len), first, curves[i].len);
        assert_int_equal(len, curves[i].len);
        assert_int_equal(get_bool(session, key, CKA_TOKEN), CK_FALSE);
        assert_int_equal(get_bool(session, key, CKA_LOCAL), CK_FALSE);
    }
}

static void a_key_of_the_token_derives_if_its_rule_says_so(void **state)
{
    CK_OBJECT_HANDLE alice = pair_find(CKO_PRIVATE_KEY, "global/agree_x25519");
    CK_OBJECT_HANDLE token_key = pair_find(CKO_PRIVATE_KEY, "global/agree_p256");
    CK_OBJECT_HANDLE token_public = pair_find(CKO_PUBLIC_KEY, "global/agree_p256");
    struct pair_of other = make_pair(&curves[0]);
    unsigned char first[32];
    CK_OBJECT_HANDLE key;
    CK_ULONG len;

    (void)state;
    assert_rv(derive_with(alice, bob, sizeof bob, NULL, 0, &key), CKR_OK);
    assert_memory_equal(get_text(session, key, CKA_VALUE, &len), shared, sizeof shared);
    assert_int_equal(get_bool(session, alice, CKA_DERIVE), CK_TRUE);
    assert_int_equal(get_bool(session, alice, CKA_SIGN), CK_FALSE);
    assert_int_equal(get_bool(session, token_key, CKA_SIGN), CK_FALSE);
    derive(token_key, other.public, NULL, 0, &key);
    memcpy(first, get_text(session, key, CKA_VALUE, &len), sizeof first);
    derive(other.private, token_public, NULL, 0, &key);
    assert_memory_equal(get_text(session, key, CKA_VALUE, &len), first, sizeof first);
}

static void the_template_says_what_the_key_is(void **state)
{
    CK_OBJECT_HANDLE alice = pair_find(CKO_PRIVATE_KEY, "global/agree_x25519");
    CK_ULONG len = 16;
    CK_ATTRIBUTE template[] = {
        VARIABLE(CKA_KEY_TYPE, aes),   VARIABLE(CKA_VALUE_LEN, len), VARIABLE(CKA_SENSITIVE, yes),
        VARIABLE(CKA_EXTRACTABLE, no), TEXT(CKA_LABEL, "derived"),
    };
    unsigned char value[32];
    CK_ATTRIBUTE asked = VARIABLE(CKA_VALUE, value);
    CK_OBJECT_HANDLE key;

    (void)state;
    assert_rv(derive_with(alice, bob, sizeof bob, template, 2, &key), CKR_OK);
    assert_memory_equal(get_text(session, key, CKA_VALUE, &len), shared + 16, 16);
    assert_int_equal(len, 16);
    assert_rv(derive_with(alice, bob, sizeof bob, template, COUNT(template), &key), CKR_OK);
    assert_rv(p11->C_GetAttributeValue(session, key, &asked, 1), CKR_ATTRIBUTE_SENSITIVE);
    assert_string_equal(get_text(session, key, CKA_LABEL, NULL), "derived");
    /* "If the base key has its CKA_ALWAYS_SENSITIVE attribute set to CK_FALSE, then the derived key
     * will as well." The data object of this one gives the key out. */
    assert_int_equal(get_bool(session, key, CKA_ALWAYS_SENSITIVE), CK_FALSE);
    assert_int_equal(get_bool(session, key, CKA_NEVER_EXTRACTABLE), CK_FALSE);
    alice = make_pair(&curves[3]).private;
    assert_rv(derive_with(alice, bob, sizeof bob, template, COUNT(template), &key), CKR_OK);
    assert_int_equal(get_bool(session, key, CKA_ALWAYS_SENSITIVE), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_NEVER_EXTRACTABLE), CK_TRUE);
}

static void a_wrong_template_is_refused(void **state)
{
    static CK_OBJECT_CLASS data = CKO_DATA;
    static CK_ULONG too_long = 33;
    static CK_ULONG no_aes = 20;
    static CK_KEY_TYPE rsa = CKK_RSA;
    CK_OBJECT_HANDLE alice = pair_find(CKO_PRIVATE_KEY, "global/agree_x25519");
    struct {
        CK_ATTRIBUTE template[2];
        CK_RV rv;
    } cases[] = {
        {{VARIABLE(CKA_TOKEN, yes), VARIABLE(CKA_KEY_TYPE, generic)}, CKR_TEMPLATE_INCONSISTENT},
        {{VARIABLE(CKA_CLASS, data), VARIABLE(CKA_KEY_TYPE, generic)}, CKR_TEMPLATE_INCONSISTENT},
        {{VARIABLE(CKA_KEY_TYPE, rsa), VARIABLE(CKA_SENSITIVE, no)}, CKR_TEMPLATE_INCONSISTENT},
        {{VARIABLE(CKA_KEY_TYPE, aes), VARIABLE(CKA_VALUE_LEN, no_aes)},
         CKR_ATTRIBUTE_VALUE_INVALID},
        {{VARIABLE(CKA_KEY_TYPE, generic), VARIABLE(CKA_VALUE_LEN, too_long)},
         CKR_ATTRIBUTE_VALUE_INVALID},
        {{VARIABLE(CKA_KEY_TYPE, generic), TEXT(CKA_VALUE, "mine")}, CKR_ATTRIBUTE_READ_ONLY},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        CK_OBJECT_HANDLE key = 0;
        assert_rv(derive_with(alice, bob, sizeof bob, cases[i].template, 2, &key), cases[i].rv);
        assert_int_equal(key, 0);
    }
}

static void a_wrong_point_is_refused(void **state)
{
    CK_OBJECT_HANDLE alice = pair_find(CKO_PRIVATE_KEY, "global/agree_x25519");
    CK_OBJECT_HANDLE curve = pair_find(CKO_PRIVATE_KEY, "global/agree_p256");
    unsigned char point[67];
    CK_OBJECT_HANDLE key;
    CK_ULONG len;

    (void)state;
    memset(point, 0, sizeof point); /* of low order: the result would be zero for any key */
    assert_rv(derive_with(alice, point, 32, NULL, 0, &key), CKR_MECHANISM_PARAM_INVALID);
    point[0] = 1;
    assert_rv(derive_with(alice, point, 32, NULL, 0, &key), CKR_MECHANISM_PARAM_INVALID);
    assert_rv(derive_with(alice, bob, 31, NULL, 0, &key), CKR_MECHANISM_PARAM_INVALID);
    memcpy(point,
           get_text(session, pair_find(CKO_PUBLIC_KEY, "global/agree_p256"), CKA_EC_POINT, &len),
           sizeof point);
    assert_int_equal(len, sizeof point);
    assert_rv(derive_with(curve, point, 67, NULL, 0, &key), CKR_OK);
    assert_rv(derive_with(curve, point + 2, 65, NULL, 0, &key), CKR_OK);
    assert_rv(derive_with(curve, point, 66, NULL, 0, &key), CKR_MECHANISM_PARAM_INVALID);
    assert_rv(derive_with(alice, point, 67, NULL, 0, &key), CKR_MECHANISM_PARAM_INVALID);
    point[66] ^= 1; /* not on the curve */
    assert_rv(derive_with(curve, point, 67, NULL, 0, &key), CKR_MECHANISM_PARAM_INVALID);
    assert_rv(derive_with(curve, "", 0, NULL, 0, &key), CKR_MECHANISM_PARAM_INVALID);
    point[2] = 0; /* the point at infinity, in one byte, and with more behind it */
    assert_rv(derive_with(curve, point + 2, 1, NULL, 0, &key), CKR_MECHANISM_PARAM_INVALID);
    assert_rv(derive_with(curve, point + 2, 65, NULL, 0, &key), CKR_MECHANISM_PARAM_INVALID);
}

static void wrong_arguments_and_keys_are_refused(void **state)
{
    CK_OBJECT_HANDLE alice = pair_find(CKO_PRIVATE_KEY, "global/agree_x25519");
    unsigned char point[32];
    CK_ECDH1_DERIVE_PARAMS params = {CKD_SHA1_KDF, 0, NULL, sizeof point, point};
    CK_MECHANISM mechanism = {CKM_ECDH1_DERIVE, &params, sizeof params};
    static const struct {
        const char *label;
        CK_RV rv;
    } keys[] = {
        {"org/acme/tls_p256", CKR_KEY_FUNCTION_NOT_PERMITTED},
        {"global/agree_asking", CKR_USER_NOT_LOGGED_IN}, /* each use needs a login, and none fits */
        {"global/idle", CKR_KEY_FUNCTION_NOT_PERMITTED},
    };
    CK_OBJECT_HANDLE key;

    (void)state;
    memcpy(point, bob, sizeof point);
    assert_rv(p11->C_DeriveKey(session, NULL, alice, NULL, 0, &key), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_DeriveKey(session, &mechanism, alice, NULL, 0, &key),
              CKR_MECHANISM_PARAM_INVALID);
    params.kdf = CKD_NULL;
    assert_rv(p11->C_DeriveKey(session, &mechanism, alice, NULL, 0, NULL), CKR_ARGUMENTS_BAD);
    params.ulSharedDataLen = 1;
    params.pSharedData = point;
    assert_rv(p11->C_DeriveKey(session, &mechanism, alice, NULL, 0, &key),
              CKR_MECHANISM_PARAM_INVALID);
    mechanism.ulParameterLen--;
    assert_rv(p11->C_DeriveKey(session, &mechanism, alice, NULL, 0, &key),
              CKR_MECHANISM_PARAM_INVALID);
    mechanism.mechanism = CKM_SHA256;
    assert_rv(p11->C_DeriveKey(session, &mechanism, alice, NULL, 0, &key), CKR_MECHANISM_INVALID);
    for (size_t i = 0; i < COUNT(keys); i++)
        assert_rv(
            derive_with(pair_find(CKO_PRIVATE_KEY, keys[i].label), bob, sizeof bob, NULL, 0, &key),
            keys[i].rv);
    alice = pair_find(CKO_PUBLIC_KEY, "global/agree_x25519");
    assert_rv(derive_with(alice, bob, sizeof bob, NULL, 0, &key), CKR_KEY_HANDLE_INVALID);
    assert_rv(derive_with(alice + 1, bob, sizeof bob, NULL, 0, &key), CKR_KEY_HANDLE_INVALID);
}

static void the_mechanism_tells_its_sizes(void **state)
{
    CK_MECHANISM_INFO info;

    (void)state;
    assert_rv(p11->C_GetMechanismInfo(1, CKM_ECDH1_DERIVE, &info), CKR_OK);
    assert_int_equal(info.ulMinKeySize, 255);
    assert_int_equal(info.ulMaxKeySize, 521);
    assert_int_equal(info.flags, CKF_DERIVE | CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS);
}

static const struct CMUnitTest tests[] = {
    paired(both_sides_derive_the_same_key),
    paired(a_key_of_the_token_derives_if_its_rule_says_so),
    paired(the_template_says_what_the_key_is),
    paired(a_wrong_template_is_refused),
    paired(a_wrong_point_is_refused),
    paired(wrong_arguments_and_keys_are_refused),
    paired(the_mechanism_tells_its_sizes),
};

const struct chapter derive_chapter = CHAPTER("derive", tests);
