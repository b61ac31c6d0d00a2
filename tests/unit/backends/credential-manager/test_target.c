/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "backends/credential-manager/target.h"

#define REVISION "0123456789abcdef"

static void names_are_readable_and_without_case(void **state)
{
    static const struct {
        const char *key;
        const char *target;
    } names[] = {
        {"global/jwt_signing_key", "sideseat:global/jwt_signing_key"},
        {"org/acme/openai-api.key", "sideseat:org/acme/openai-api.key"},
        {"org/Acme/KEY", "sideseat:org/%41cme/%4b%45%59"},
        {"user/u@example.com/a+b=c", "sideseat:user/u@example.com/a+b=c"},
        {"org/a b/100%", "sideseat:org/a%20b/100%25"},
        {"org/*/?", "sideseat:org/%2a/%3f"},
        {"org/a\\b/c:d", "sideseat:org/a%5cb/c%3ad"},
        {"global/\xc3\xbc", "sideseat:global/%c3%bc"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char target[TARGET_SIZE];
        char key[STORE_KEY_MAX + 1];

        target_format(names[i].key, target);
        assert_string_equal(target, names[i].target);
        assert_true(target_parse(target, key));
        assert_string_equal(key, names[i].key);
    }
}

/* As another program may write them, or Windows may give them back. */
static void large_letters_are_small_ones(void **state)
{
    char key[STORE_KEY_MAX + 1];

    (void)state;
    assert_true(target_parse("SideSeat:Org/%4B/NAME", key));
    assert_string_equal(key, "org/K/name");
}

static void every_key_has_one_name_that_fits(void **state)
{
    char longest[STORE_KEY_MAX + 1];
    char target[TARGET_SIZE];
    char key[STORE_KEY_MAX + 1];
    char revision[TARGET_REVISION_SIZE];

    (void)state;
    memset(longest, 'A', STORE_KEY_MAX);
    memcpy(longest, "global/", 7);
    longest[STORE_KEY_MAX] = '\0';
    target_format(longest, target);
    assert_true(target_parse(target, key));
    assert_string_equal(key, longest);
    target_format_part(longest, REVISION, 999, target);
    assert_true(target_parse_part(target, key, revision));
    assert_string_equal(key, longest);
    for (int c = 0x20; c < 0x7f; c++) {
        char one[] = "global/x";

        one[7] = (char)c;
        if (c == '/')
            continue;
        target_format(one, target);
        for (const char *t = target; *t != '\0'; t++)
            assert_false(*t >= 'A' && *t <= 'Z');
        assert_true(target_parse(target, key));
        assert_string_equal(key, one);
    }
}

static void other_names_are_not_keys(void **state)
{
    static const char *const names[] = {
        "",
        "sideseat",
        "sideseat:",
        "sideseat:name",
        "sideseat:global/",
        "sideseat:global/a b", /* a space is %20 */
        "sideseat:global/%61", /* a is itself */
        "sideseat:global/%",   /* cut off */
        "sideseat:global/%4",  /* cut off */
        "sideseat:global/%4g", /* not a digit */
        "sideseat:global/%00", /* not in a key */
        "sideseat:global/%c3", /* half a letter */
        "sideseat:global/a:b", /* : is %3a */
        "sideseat.part:global/a",
        "sideseatx:global/a",
        " sideseat:global/a",
    };
    char key[STORE_KEY_MAX + 1];
    char target[TARGET_SIZE + 8];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (target_parse(names[i], key))
            fail_msg("\"%s\" is the key %s", names[i], key);
    memset(target, 'a', sizeof target - 1);
    target[sizeof target - 1] = '\0';
    memcpy(target, "sideseat:global/", 16);
    assert_false(target_parse(target, key));
    target[16 + STORE_KEY_MAX - 7] = '\0';
    assert_true(target_parse(target, key));
    target[16 + STORE_KEY_MAX - 7] = 'a';
    target[17 + STORE_KEY_MAX - 7] = '\0';
    assert_false(target_parse(target, key));
}

static void parts_have_names_of_their_own(void **state)
{
    char target[TARGET_SIZE];
    char key[STORE_KEY_MAX + 1];
    char revision[TARGET_REVISION_SIZE];

    (void)state;
    target_format_part("org/Acme/a", REVISION, 12, target);
    assert_string_equal(target, "sideseat.part:org/%41cme/a:" REVISION ":12");
    assert_false(target_parse(target, key));
    assert_true(target_parse_part(target, key, revision));
    assert_string_equal(key, "org/Acme/a");
    assert_string_equal(revision, REVISION);
    target_format_parts("org/Acme/a", target);
    assert_string_equal(target, "sideseat.part:org/%41cme/a:");
    target_format_parts(NULL, target);
    assert_string_equal(target, "sideseat.part:");
}

static void other_names_are_not_parts(void **state)
{
    static const char *const names[] = {
        "sideseat:global/a",
        "sideseat.part:",
        "sideseat.part:global/a",
        "sideseat.part:global/a:",
        "sideseat.part:global/a:" REVISION,
        "sideseat.part:global/a:" REVISION ":",
        "sideseat.part:global/a:" REVISION ":x",
        "sideseat.part:global/a:" REVISION ":1:2",
        "sideseat.part:global/a:" REVISION "0:1",
        "sideseat.part:global/a:0123:1",
        "sideseat.part:global/a:0123456789abcdeg:1",
        "sideseat.part:name:" REVISION ":1",
    };
    char key[STORE_KEY_MAX + 1];
    char revision[TARGET_REVISION_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (target_parse_part(names[i], key, revision))
            fail_msg("\"%s\" is a part of %s", names[i], key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_readable_and_without_case),
        cmocka_unit_test(large_letters_are_small_ones),
        cmocka_unit_test(every_key_has_one_name_that_fits),
        cmocka_unit_test(other_names_are_not_keys),
        cmocka_unit_test(parts_have_names_of_their_own),
        cmocka_unit_test(other_names_are_not_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
