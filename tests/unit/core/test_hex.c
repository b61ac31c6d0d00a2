/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/hex.h"

static void every_byte_comes_back(void **state)
{
    AUTO_SECRET text = {0};
    AUTO_SECRET back = {0};
    unsigned char bytes[256];
    char expected[3];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)i;
    for (size_t len = 0; len <= sizeof bytes; len++) {
        assert_int_equal(store_hex_encode(bytes, len, &text), STORE_OK);
        assert_int_equal(text.len, 2 * len);
        for (size_t i = 0; i < len; i++) {
            snprintf(expected, sizeof expected, "%02x", bytes[i]);
            assert_memory_equal(text.data + 2 * i, expected, 2);
        }
        assert_int_equal(store_hex_decode((const char *)text.data, text.len, &back), STORE_OK);
        assert_true(store_secret_equal(&back, bytes, len));
    }
}

static void digits_are_of_either_case_and_nothing_else_is_one(void **state)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    AUTO_SECRET out = {0};

    (void)state;
    for (int c = 0; c < 256; c++)
        for (int place = 0; place < 2; place++) {
            bool right = c != 0 && strchr(digits, c) != NULL;
            char text[2] = {'0', '0'};

            text[place] = (char)c;
            assert_int_equal(store_hex_decode(text, 2, &out), right ? STORE_OK : STORE_CORRUPT);
            if (right)
                assert_int_equal(out.data[0], strtol((const char[]){(char)c, '\0'}, NULL, 16)
                                                  << 4 * (1 - place));
        }
}

static void a_refused_text_leaves_the_old_value(void **state)
{
    AUTO_SECRET out = {0};

    (void)state;
    assert_int_equal(store_hex_decode("0aF0", 4, &out), STORE_OK);
    assert_int_equal(store_hex_decode("0aF", 3, &out), STORE_CORRUPT);
    assert_int_equal(store_hex_decode("0aFg", 4, &out), STORE_CORRUPT);
    assert_true(store_secret_equal(&out, "\x0a\xf0", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_comes_back),
        cmocka_unit_test(digits_are_of_either_case_and_nothing_else_is_one),
        cmocka_unit_test(a_refused_text_leaves_the_old_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
