/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store/utf8.h"

/* Twice the length of one step, and more. */
#define LONG 100

/* True if `n` bytes are UTF-8 at every offset of an ASCII text, which must always be the same: in
 * memory that ends with the text, so that a byte read past it is found. */
static bool valid_anywhere(const char *bytes, size_t n)
{
    size_t valid = 0;

    for (size_t at = 0; at <= LONG - n; at++) {
        unsigned char *text = malloc(LONG);
        assert_non_null(text);
        memset(text, 'a', LONG);
        memcpy(text + at, bytes, n);
        valid += store_utf8_valid(text, LONG) ? 1 : 0;
        free(text);
    }
    assert_true(valid == 0 || valid == LONG - n + 1);
    return valid > 0;
}

static void sequences_are_told_wherever_they_are(void **state)
{
    static const char *const good[] = {
        "\x7f",         "\xc2\x80",     "\xdf\xbf",         "\xe0\xa0\x80",
        "\xed\x9f\xbf", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xc2",
                                      "\xe0\x9f\xbf",
                                      "\xed\xa0\x80",
                                      "\xe2\x82",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xf0\x9f\x92",
                                      "\xff"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(valid_anywhere(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(valid_anywhere(bad[i], strlen(bad[i])));
}

static void the_first_bad_byte_is_found(void **state)
{
    char text[LONG];

    (void)state;
    memset(text, 'a', LONG);
    assert_int_equal(store_utf8_end(text, LONG), LONG);
    for (size_t at = 0; at < LONG; at++) {
        text[at] = (char)0xc3; /* the beginning of a character */
        assert_int_equal(store_utf8_end(text, LONG), at);
        text[at] = 'a';
    }
}

/* Python has 29 of them: [chr(c) for c in range(0x110000) if chr(c).isspace()] */
static void white_space_is_pythons(void **state)
{
    size_t count = 0;
    size_t ascii = 0;

    (void)state;
    for (uint32_t code = 0; code < 0x110000; code++)
        count += store_utf8_space(code);
    for (int c = 0; c < 256; c++)
        ascii += store_ascii_space((char)c);
    assert_int_equal(count, 29);
    assert_int_equal(ascii, 6);
    assert_true(store_utf8_space(0x85) && store_utf8_space(0x3000));
    assert_false(store_utf8_space(0x200b));
    assert_true(store_ascii_space('\v') && !store_ascii_space('\b'));
}

static void a_nul_and_nothing_are_utf8(void **state)
{
    (void)state;
    assert_true(store_utf8_valid("", 0));
    assert_true(store_utf8_valid("\0", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequences_are_told_wherever_they_are),
        cmocka_unit_test(the_first_bad_byte_is_found),
        cmocka_unit_test(white_space_is_pythons),
        cmocka_unit_test(a_nul_and_nothing_are_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
