/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include "module/key.h"

static void set(struct store_secret *secret, const char *text)
{
    assert_int_equal(store_secret_set(secret, text, strlen(text)), STORE_OK);
}

static void the_three_encodings_decode(void **state)
{
    AUTO_SECRET value = {0};
    AUTO_SECRET key = {0};

    (void)state;
    set(&value, "00fFa5\n");
    assert_int_equal(key_decode("k", "hex", &value, &key), CKR_OK);
    assert_true(store_secret_equal(&key, "\x00\xff\xa5", 3));
    set(&value, "AP+l \r\n");
    assert_int_equal(key_decode("k", "base64", &value, &key), CKR_OK);
    assert_true(store_secret_equal(&key, "\x00\xff\xa5", 3));
    set(&value, "raw\n");
    assert_int_equal(key_decode("k", "raw", &value, &key), CKR_OK);
    assert_true(store_secret_equal(&key, "raw\n", 4));
}

static void a_value_that_does_not_decode_is_refused(void **state)
{
    static const char *const bad[] = {"0", "0g", "00 11", "zz", "\n"};
    AUTO_SECRET value = {0};
    AUTO_SECRET key = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        set(&value, bad[i]);
        assert_int_equal(key_decode("k", "hex", &value, &key), CKR_SIDESEAT_DAMAGED);
    }
    assert_int_equal(store_secret_set(&value, "00ff\0", 5), STORE_OK);
    assert_int_equal(key_decode("k", "hex", &value, &key), CKR_SIDESEAT_DAMAGED);
    set(&value, "A===");
    assert_int_equal(key_decode("k", "base64", &value, &key), CKR_SIDESEAT_DAMAGED);
}

static void an_aes_key_has_one_of_three_lengths(void **state)
{
    static const char text[] = "0123456789abcdef0123456789abcdef!";
    AUTO_SECRET value = {0};
    AUTO_SECRET key = {0};

    (void)state;
    for (size_t len = 1; len < sizeof text; len++) {
        assert_int_equal(store_secret_set(&value, text, len), STORE_OK);
        assert_int_equal(key_decode_aes("k", "raw", &value, &key),
                         len == 16 || len == 24 || len == 32 ? CKR_OK : CKR_KEY_SIZE_RANGE);
        assert_int_equal(key_is_aes("raw", &value), len == 16 || len == 24 || len == 32);
    }
    set(&value, "not hex");
    assert_int_equal(key_decode_aes("k", "hex", &value, &key), CKR_SIDESEAT_DAMAGED);
}

static void a_key_is_written_as_it_is_read(void **state)
{
    static const char *const encodings[] = {"hex", "base64", "raw"};
    AUTO_SECRET key = {0};
    AUTO_SECRET text = {0};
    AUTO_SECRET back = {0};

    (void)state;
    assert_int_equal(store_secret_set(&key, "\x00\x7f\x80\xff", 4), STORE_OK);
    for (size_t i = 0; i < sizeof encodings / sizeof encodings[0]; i++) {
        assert_int_equal(key_encode(encodings[i], &key, &text), CKR_OK);
        if (i == 0)
            assert_true(store_secret_equal(&text, "007f80ff", 8));
        assert_int_equal(key_decode("k", encodings[i], &text, &back), CKR_OK);
        assert_true(store_secret_equal(&back, key.data, key.len));
    }
}

static void an_id_is_always_the_same(void **state)
{
    /* processes of all versions must give these values */
    static const unsigned char expected[KEY_ID_LEN] = {0xa5, 0x5e, 0x09, 0x24,
                                                       0x67, 0x95, 0xae, 0x94};
    unsigned char id[KEY_ID_LEN];
    unsigned char other[KEY_ID_LEN];

    (void)state;
    key_id("global/jwt_signing_key", id);
    assert_memory_equal(id, expected, sizeof id);
    key_id("global/api_key_secret", other);
    assert_memory_not_equal(id, other, sizeof id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_three_encodings_decode),
        cmocka_unit_test(a_value_that_does_not_decode_is_refused),
        cmocka_unit_test(an_aes_key_has_one_of_three_lengths),
        cmocka_unit_test(a_key_is_written_as_it_is_read),
        cmocka_unit_test(an_id_is_always_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
