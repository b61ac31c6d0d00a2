/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "store/scope.h"

static void parse_takes_the_four_forms(void **state)
{
    struct store_scope_key key;

    (void)state;
    assert_int_equal(store_scope_parse("global/jwt_signing_key", 22, &key), STORE_OK);
    assert_string_equal(key.scope, "global");
    assert_int_equal(key.id_len, 0);
    assert_string_equal(key.name, "jwt_signing_key");
    assert_int_equal(store_scope_parse("org/acme/api_key", 16, &key), STORE_OK);
    assert_string_equal(key.scope, "org");
    assert_memory_equal(key.id, "acme", 4);
    assert_int_equal(key.id_len, 4);
    assert_string_equal(key.name, "api_key");
    assert_int_equal(store_scope_parse("project/p1/token", 16, NULL), STORE_OK);
    assert_int_equal(store_scope_parse("user/u1/personal_token", 22, NULL), STORE_OK);
    assert_int_equal(store_scope_parse("org/\xc3\xbc/n\xe2\x82\xac", 11, NULL), STORE_OK);
}

static void parse_refuses_everything_else(void **state)
{
    static const char *const bad[] = {
        "",
        "name",
        "/",
        "global/",
        "global",
        "org/acme",
        "org//name",
        "org/acme/",
        "global/a/b",
        "global/a/",
        "global//a",
        "org/",
        "org//",
        "org//a/b",
        "org/acme/a\n/b",
        "org/a\x01/b",
        "team/a/b",
        "Global/a",
        "global/\n",
        "global/\x7f",
        "global/\xc2\x85",
        "global/\xff",
        "global/\xc0\x80",
        "global/\xed\xa0\x80",
        "global/\xf5\x80\x80\x80",
        "global/\xe2\x82",
    };
    char longest[STORE_KEY_MAX + 2];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(store_scope_parse(bad[i], strlen(bad[i]), NULL), STORE_BAD_KEY);
    assert_int_equal(store_scope_parse("global/a\0b", 10, NULL), STORE_BAD_KEY);
    memset(longest, 'x', sizeof longest);
    memcpy(longest, "global/", 7);
    assert_int_equal(store_scope_parse(longest, STORE_KEY_MAX, NULL), STORE_OK);
    assert_int_equal(store_scope_parse(longest, STORE_KEY_MAX + 1, NULL), STORE_BAD_KEY);
}

/* Of a name beside an id everything is taken that sideseat's parser takes, but control characters.
 */
static void a_name_beside_an_id_may_have_slashes(void **state)
{
    static const struct {
        const char *key;
        const char *id;
        const char *name;
    } rows[] = {
        {"org/acme/a/b", "acme", "a/b"},
        {"project/p1/a/b/c/d", "p1", "a/b/c/d"},
        {"user/u1/org/acme/x", "u1", "org/acme/x"},
        {"org/acme//", "acme", "/"},
        {"org/acme//b", "acme", "/b"},
        {"org/acme/a/", "acme", "a/"},
        {"org/acme/a//b", "acme", "a//b"},
        {"org/acme/.", "acme", "."},
        {"org/../..", "..", ".."},
        {"org/acme/ a / b ", "acme", " a / b "},
        {"org/acme/\xc3\xbc/\xe2\x82\xac", "acme", "\xc3\xbc/\xe2\x82\xac"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct store_scope_key key;

        assert_int_equal(store_scope_parse(rows[i].key, strlen(rows[i].key), &key), STORE_OK);
        assert_int_equal(key.id_len, strlen(rows[i].id));
        assert_memory_equal(key.id, rows[i].id, key.id_len);
        assert_string_equal(key.name, rows[i].name);
        assert_int_equal(key.name_len, strlen(rows[i].name));
    }
}

static void complete_makes_a_bare_name_global(void **state)
{
    char key[STORE_KEY_MAX + 1];

    (void)state;
    assert_int_equal(store_scope_complete("jwt", 3, key), STORE_OK);
    assert_string_equal(key, "global/jwt");
    assert_int_equal(store_scope_complete("org/a/b", 7, key), STORE_OK);
    assert_string_equal(key, "org/a/b");
    assert_int_equal(store_scope_complete("org/a/b/c", 9, key), STORE_OK);
    assert_string_equal(key, "org/a/b/c");
    assert_int_equal(store_scope_complete("team/b", 6, key), STORE_BAD_KEY);
    assert_int_equal(store_scope_complete("", 0, key), STORE_BAD_KEY);
}

static void prefix_ends_in_a_slash(void **state)
{
    char prefix[STORE_KEY_MAX + 1];

    (void)state;
    assert_int_equal(store_scope_prefix("org/acme", 8, prefix), STORE_OK);
    assert_string_equal(prefix, "org/acme/");
    assert_int_equal(store_scope_prefix("org", 3, prefix), STORE_OK);
    assert_string_equal(prefix, "org/");
    assert_int_equal(store_scope_prefix("global", 6, prefix), STORE_OK);
    assert_string_equal(prefix, "global/");
    assert_int_equal(store_scope_prefix("global/x", 8, prefix), STORE_BAD_KEY);
    assert_int_equal(store_scope_prefix("org/a/b", 7, prefix), STORE_BAD_KEY);
    assert_int_equal(store_scope_prefix("org/", 4, prefix), STORE_BAD_KEY);
    assert_int_equal(store_scope_prefix("team", 4, prefix), STORE_BAD_KEY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_takes_the_four_forms),
        cmocka_unit_test(parse_refuses_everything_else),
        cmocka_unit_test(a_name_beside_an_id_may_have_slashes),
        cmocka_unit_test(complete_makes_a_bare_name_global),
        cmocka_unit_test(prefix_ends_in_a_slash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
