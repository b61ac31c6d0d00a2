/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include "module/mechanism.h"
#include "store/conf.h"

static void the_list_is_given_whole_or_not_at_all(void **state)
{
    CK_MECHANISM_TYPE list[32] = {0};
    CK_ULONG count = 0;
    CK_ULONG room;

    (void)state;
    assert_int_equal(mechanism_list(0, NULL, &count), CKR_OK);
    assert_true(count > 0 && count <= COUNT(list));
    room = count - 1;
    assert_int_equal(mechanism_list(0, list, &room), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(room, count);
    assert_int_equal(list[0], 0);
    assert_int_equal(mechanism_list(0, list, &room), CKR_OK);
    for (CK_ULONG i = 0; i < count; i++) {
        CK_MECHANISM_INFO info;
        assert_int_equal(mechanism_info(0, list[i], &info), CKR_OK);
        assert_true(info.flags != 0 && info.ulMinKeySize <= info.ulMaxKeySize);
    }
}

static void a_mechanism_outside_the_list_has_no_info(void **state)
{
    CK_MECHANISM_INFO info;

    (void)state;
    assert_int_equal(mechanism_info(0, CKM_RSA_PKCS, &info), CKR_MECHANISM_INVALID);
    assert_int_equal(mechanism_info(0, CKM_SHA_1, &info), CKR_MECHANISM_INVALID);
}

static void the_mechanisms_of_a_secret_key_fit_it(void **state)
{
    static const struct {
        CK_KEY_TYPE type;
        size_t count;
    } cases[] = {{CKK_GENERIC_SECRET, 6}, {CKK_SHA384_HMAC, 2}, {CKK_AES, 5}, {CKK_DES, 0}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        CK_MECHANISM_TYPE types[MECHANISM_OF_KEY_MAX];
        CK_MECHANISM_INFO info;
        size_t count = mechanism_of_key(cases[i].type, types);

        assert_int_equal(count, cases[i].count);
        for (size_t j = 0; j < count; j++) {
            assert_int_equal(mechanism_info(STORE_USAGE_ENCRYPT, types[j], &info), CKR_OK);
            assert_true((info.flags & (cases[i].type == CKK_AES ? CKF_WRAP : CKF_SIGN)) != 0);
            assert_true(cases[i].type == CKK_AES || mechanism_fits_key(types[j], cases[i].type));
        }
    }
}

/* A mechanism that does two works is listed once, and does what the usage permits. */
static void the_usage_decides_what_a_mechanism_does(void **state)
{
    static const struct {
        unsigned usage;
        CK_FLAGS pkcs1;
        CK_FLAGS raw;
    } cases[] = {
        {STORE_USAGE_SIGN, CKF_SIGN | CKF_VERIFY, 0},
        {STORE_USAGE_DECRYPT_PKCS1, CKF_DECRYPT, 0},
        {STORE_USAGE_SIGN | STORE_USAGE_DECRYPT_PKCS1, CKF_SIGN | CKF_VERIFY | CKF_DECRYPT, 0},
        {STORE_USAGE_RAW, 0, CKF_SIGN | CKF_VERIFY | CKF_DECRYPT},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        CK_MECHANISM_TYPE list[128];
        CK_ULONG count = COUNT(list);
        CK_MECHANISM_INFO info;
        size_t found = 0;

        assert_int_equal(mechanism_list(cases[i].usage, list, &count), CKR_OK);
        for (CK_ULONG j = 0; j < count; j++)
            found += list[j] == CKM_RSA_PKCS || list[j] == CKM_RSA_X_509;
        assert_int_equal(found, 1);
        info.flags = 0;
        assert_int_equal(mechanism_info(cases[i].usage, CKM_RSA_PKCS, &info) == CKR_OK,
                         cases[i].pkcs1 != 0);
        assert_int_equal(info.flags, cases[i].pkcs1);
        info.flags = 0;
        assert_int_equal(mechanism_info(cases[i].usage, CKM_RSA_X_509, &info) == CKR_OK,
                         cases[i].raw != 0);
        assert_int_equal(info.flags, cases[i].raw);
    }
}

/* AES keys alone bring no mechanisms of key pairs; key pairs bring AES for keys of sessions. */
static void a_token_of_aes_keys_has_aes_alone(void **state)
{
    CK_MECHANISM_INFO info;

    (void)state;
    assert_int_equal(mechanism_info(0, CKM_AES_GCM, &info), CKR_MECHANISM_INVALID);
    assert_int_equal(mechanism_info(STORE_USAGE_ENCRYPT, CKM_AES_GCM, &info), CKR_OK);
    assert_int_equal(info.flags, CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP);
    assert_int_equal(mechanism_info(STORE_USAGE_ENCRYPT, CKM_RSA_PKCS_OAEP, &info),
                     CKR_MECHANISM_INVALID);
    assert_int_equal(mechanism_info(STORE_USAGE_ENCRYPT, CKM_EC_KEY_PAIR_GEN, &info),
                     CKR_MECHANISM_INVALID);
}

/* The audit names every mechanism. */
static void every_mechanism_has_a_name(void **state)
{
    CK_MECHANISM_TYPE list[128];
    CK_ULONG count = COUNT(list);

    (void)state;
    assert_int_equal(mechanism_list(~0u, list, &count), CKR_OK);
    for (CK_ULONG i = 0; i < count; i++)
        assert_string_not_equal(mechanism_name(list[i]), "CKM_?");
    assert_string_equal(mechanism_name(CKM_SHA_1), "CKM_?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_is_given_whole_or_not_at_all),
        cmocka_unit_test(a_mechanism_outside_the_list_has_no_info),
        cmocka_unit_test(the_mechanisms_of_a_secret_key_fit_it),
        cmocka_unit_test(the_usage_decides_what_a_mechanism_does),
        cmocka_unit_test(a_token_of_aes_keys_has_aes_alone),
        cmocka_unit_test(every_mechanism_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
