/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/aws/name.h"

static void expect_name(const char *key, const char *name)
{
    char got[AWS_NAME_MAX + 1];
    char back[STORE_KEY_MAX + 1];

    assert_int_equal(aws_name_encode("sideseat", key, got, NULL), STORE_OK);
    assert_string_equal(got, name);
    assert_true(aws_name_decode("sideseat", got, strlen(got), back));
    assert_string_equal(back, key);
}

static void names_are_the_keys_below_the_prefix(void **state)
{
    (void)state;
    expect_name("global/jwt_signing_key", "sideseat/global/jwt_signing_key");
    expect_name("org/acme/a+b.c@d-e_F0", "sideseat/org/acme/a+b.c@d-e_F0");
}

static void other_characters_are_escaped(void **state)
{
    (void)state;
    expect_name("org/a b/x=1", "sideseat/org/a=20b/x=3D1");
    expect_name("global/\xc3\xbc", "sideseat/global/=C3=BC");
    expect_name("global/a%2Fb:c", "sideseat/global/a=252Fb=3Ac");
    expect_name("global/=3D", "sideseat/global/=3D3D");
}

static void the_prefix_may_be_empty(void **state)
{
    char name[AWS_NAME_MAX + 1];
    char key[STORE_KEY_MAX + 1];

    (void)state;
    assert_int_equal(aws_name_encode("", "global/a", name, NULL), STORE_OK);
    assert_string_equal(name, "global/a");
    assert_true(aws_name_decode("", "org/a/b", 7, key));
    assert_string_equal(key, "org/a/b");
    assert_int_equal(aws_name_encode("", "", name, NULL), STORE_OK);
    assert_string_equal(name, "");
}

static void names_of_others_are_not_keys(void **state)
{
    static const char *const bad[] = {
        "sideseat",
        "sideseat/",
        "sideseat/global",
        "sideseat/global/",
        "sideseat2/global/a",
        "other/global/a",
        "sideseat/global/a/b",
        "sideseat/team/a/b",
        "sideseat/global/=",
        "sideseat/global/=2",
        "sideseat/global/=2G",
        "sideseat/global/=c3=bc", /* lower case digits */
        "sideseat/global/=41",    /* 'A' needs no escape */
        "sideseat/global/a=2Fb",  /* nor does '/' */
        "sideseat/global/=00",
        "sideseat/global/=C3",
        "sideseat/global/a b",
        "sideseat/global/\xc3\xbc",
    };
    char key[STORE_KEY_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (aws_name_decode("sideseat", bad[i], strlen(bad[i]), key))
            fail_msg("%s is taken for %s", bad[i], key);
}

static void a_name_that_is_too_long_is_refused_with_its_length(void **state)
{
    char key[STORE_KEY_MAX + 1];
    char name[AWS_NAME_MAX + 1];
    size_t len = 0;

    (void)state;
    memset(key, ' ', STORE_KEY_MAX);
    memcpy(key, "global/", 7);
    key[STORE_KEY_MAX] = '\0';
    assert_int_equal(aws_name_encode("sideseat", key, name, &len), STORE_TOO_BIG);
    assert_int_equal(len, 9 + 7 + 3 * (STORE_KEY_MAX - 7));
    memset(key + 7, 'x', STORE_KEY_MAX - 7);
    assert_int_equal(aws_name_encode("sideseat", key, name, &len), STORE_OK);
    assert_int_equal(len, 9 + STORE_KEY_MAX);
}

/* Every byte in a name comes back, and no two keys share one. */
static void every_character_goes_there_and_back(void **state)
{
    char key[16];
    char name[AWS_NAME_MAX + 1];
    char back[STORE_KEY_MAX + 1];

    (void)state;
    for (unsigned c = 0x20; c < 0x800; c++) {
        if (c == 0x7f || (c >= 0x80 && c < 0xa0) || c == '/')
            continue;
        if (c < 0x80)
            (void)snprintf(key, sizeof key, "global/%c", (int)c);
        else
            (void)snprintf(key, sizeof key, "global/%c%c", (int)(0xc0 | c >> 6),
                           (int)(0x80 | (c & 0x3f)));
        assert_int_equal(aws_name_encode("p", key, name, NULL), STORE_OK);
        assert_true(aws_name_decode("p", name, strlen(name), back));
        assert_string_equal(back, key);
    }
}

static void prefixes_are_checked(void **state)
{
    (void)state;
    assert_true(aws_name_prefix_valid(""));
    assert_true(aws_name_prefix_valid("sideseat"));
    assert_true(aws_name_prefix_valid("prod/sideseat_2"));
    assert_false(aws_name_prefix_valid("/sideseat"));
    assert_false(aws_name_prefix_valid("sideseat/"));
    assert_false(aws_name_prefix_valid("a//b"));
    assert_false(aws_name_prefix_valid("a b"));
    assert_false(aws_name_prefix_valid("!a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_the_keys_below_the_prefix),
        cmocka_unit_test(other_characters_are_escaped),
        cmocka_unit_test(the_prefix_may_be_empty),
        cmocka_unit_test(names_of_others_are_not_keys),
        cmocka_unit_test(a_name_that_is_too_long_is_refused_with_its_length),
        cmocka_unit_test(every_character_goes_there_and_back),
        cmocka_unit_test(prefixes_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
