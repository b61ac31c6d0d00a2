/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "backends/credential-manager/wide.h"

static void ascii_goes_there_and_back(void **state)
{
    uint16_t wide[8];
    char text[8];

    (void)state;
    wide_format("sides/1", wide);
    assert_true(wide_parse(wide, text, sizeof text));
    assert_string_equal(text, "sides/1");
    assert_false(wide_parse(wide, text, sizeof text - 1));
    assert_string_equal(text, "");
    assert_true(wide_parse(NULL, text, sizeof text));
    assert_string_equal(text, "");
    wide[1] = 0x169; /* its low byte is a letter */
    assert_false(wide_parse(wide, text, sizeof text));
    assert_string_equal(text, "");
}

/* The UTF-8 of UTF-16LE bytes; NULL: it is not such text. */
static void expect(const char *bytes, size_t len, const char *expected)
{
    AUTO_SECRET text = {0};
    AUTO_SECRET found = {0};
    enum store_err err;

    assert_int_equal(store_secret_set(&text, bytes, len), STORE_OK);
    err = wide_to_utf8(&text, &found);
    assert_int_equal(err, expected == NULL ? STORE_CORRUPT : STORE_OK);
    if (expected != NULL)
        assert_true(store_secret_equal(&found, expected, strlen(expected)));
}

static void utf16_becomes_utf8(void **state)
{
    (void)state;
    expect("a\0", 2, "a");
    expect("a\0\xfc\0\xac\x20\x3d\xd8\x11\xdd", 10, "a\xc3\xbc\xe2\x82\xac\xf0\x9f\x94\x91");
    expect("\xff\xfe{\0}\0", 6, "{}"); /* a byte order mark */
    expect("\xff\xff", 2, "\xef\xbf\xbf");
}

static void what_is_not_utf16_is_damage(void **state)
{
    (void)state;
    expect("", 0, NULL);
    expect("\xff\xfe", 2, NULL);
    expect("a", 1, NULL);
    expect("a\0b", 3, NULL);
    expect("\x3d\xd8", 2, NULL); /* half a pair at the end */
    expect("\x3d\xd8"
           "a\0",
           4, NULL);                     /* half a pair */
    expect("\x11\xdd\x3d\xd8", 4, NULL); /* the wrong way round */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ascii_goes_there_and_back),
        cmocka_unit_test(utf16_becomes_utf8),
        cmocka_unit_test(what_is_not_utf16_is_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
