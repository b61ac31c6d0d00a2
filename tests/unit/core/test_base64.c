/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "store/base64.h"

/* RFC 4648, section 10 */
static const char *const vectors[][2] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

static void the_vectors_of_the_rfc_hold(void **state)
{
    AUTO_SECRET out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const char *plain = vectors[i][0];
        const char *text = vectors[i][1];
        assert_int_equal(store_base64_encode(plain, strlen(plain), &out), STORE_OK);
        assert_true(store_secret_equal(&out, text, strlen(text)));
        assert_int_equal(store_base64_decode(text, strlen(text), &out), STORE_OK);
        assert_true(store_secret_equal(&out, plain, strlen(plain)));
    }
}

static void every_byte_comes_back(void **state)
{
    AUTO_SECRET text = {0};
    AUTO_SECRET back = {0};
    unsigned char bytes[256];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)i;
    for (size_t len = 0; len <= sizeof bytes; len++) {
        assert_int_equal(store_base64_encode(bytes, len, &text), STORE_OK);
        assert_int_equal(store_base64_decode((const char *)text.data, text.len, &back), STORE_OK);
        assert_true(store_secret_equal(&back, bytes, len));
    }
}

static void padding_may_be_missing(void **state)
{
    AUTO_SECRET out = {0};

    (void)state;
    assert_int_equal(store_base64_decode("Zg", 2, &out), STORE_OK);
    assert_true(store_secret_equal(&out, "f", 1));
}

static void anything_else_is_refused(void **state)
{
    static const char *const bad[] = {"Z",    "Zg=",  "Zg===", "====", "Zm9v\n",  "Zm 9v",
                                      "Zh==", "Zm9=", "Zm9-",  "=Zg=", "Zg==Zg=="};
    AUTO_SECRET out = {0};

    (void)state;
    assert_int_equal(store_secret_set(&out, "old", 3), STORE_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(store_base64_decode(bad[i], strlen(bad[i]), &out), STORE_CORRUPT);
    assert_true(store_secret_equal(&out, "old", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_rfc_hold),
        cmocka_unit_test(every_byte_comes_back),
        cmocka_unit_test(padding_may_be_missing),
        cmocka_unit_test(anything_else_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
