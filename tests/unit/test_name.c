/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <string.h>

#include "backends/env/name.h"

static void assert_name(const char *key, const char *name)
{
    char out[STORE_KEY_MAX + 1];

    assert_true(env_name_of_key(key, out));
    assert_string_equal(out, name);
}

static void assert_key(const char *name, const char *key)
{
    char out[STORE_KEY_MAX + 1];
    bool found = env_key_of_name(name, strlen(name), out);

    assert_int_equal(found, key != NULL);
    if (key != NULL)
        assert_string_equal(out, key);
}

static void the_seed_table_goes_both_ways(void **state)
{
    static const char *const table[][2] = {
        {"global/jwt_signing_key", "GLOBAL_JWT_SIGNING_KEY"},
        {"org/acme/api_key", "ORG_ACME_API_KEY"},
        {"project/p1/token", "PROJECT_P1_TOKEN"},
        {"user/u1/personal_token", "USER_U1_PERSONAL_TOKEN"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_name(table[i][0], table[i][1]);
        assert_key(table[i][1], table[i][0]);
    }
}

static void a_key_has_one_name_and_several_keys_may_share_it(void **state)
{
    (void)state;
    assert_name("org/my-org/x_y", "ORG_MY_ORG_X_Y");
    assert_name("org/my/org_x_y", "ORG_MY_ORG_X_Y");
    assert_name("global/Mixed-Case", "GLOBAL_MIXED_CASE");
    /* the listing gives the one of them with the shortest id */
    assert_key("ORG_MY_ORG_X_Y", "org/my/org_x_y");
}

static void other_bytes_stay_whatever_the_locale(void **state)
{
    char out[STORE_KEY_MAX + 1];

    (void)state;
    (void)setlocale(LC_ALL, "tr_TR.UTF-8"); /* where it is not installed, one less proof */
    assert_name("global/iI.\xc3\xa9", "GLOBAL_II.\xc3\xa9");
    assert_key("GLOBAL_II.\xc3\xa9", "global/ii.\xc3\xa9");
    (void)setlocale(LC_ALL, "C");
    assert_false(env_name_of_key("global/a=b", out));
}

static void a_name_that_would_not_read_back_is_no_key(void **state)
{
    static const char *const names[] = {
        "",           "GLOBAL",      "GLOBAL_",    "ORG",       "ORG_",      "ORG_ACME",
        "ORG_ACME_",  "ORG__X",      "ORGS_A_B",   "GLOBAL_a",  "global_A",  "GLOBAL_A-B",
        "GLOBAL_A/B", "GLOBAL_\xff", "PROJECT_P1", "GLOBAL_\t", "OTHER_A_B",
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_key(names[i], NULL);
}

static void the_longest_key_fits_and_a_longer_name_is_none(void **state)
{
    char name[STORE_KEY_MAX + 2];
    char key[STORE_KEY_MAX + 1];

    (void)state;
    memset(name, 'X', sizeof name);
    memcpy(name, "GLOBAL_", 7);
    assert_true(env_key_of_name(name, STORE_KEY_MAX, key));
    assert_int_equal(strlen(key), STORE_KEY_MAX);
    assert_false(env_key_of_name(name, STORE_KEY_MAX + 1, key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_seed_table_goes_both_ways),
        cmocka_unit_test(a_key_has_one_name_and_several_keys_may_share_it),
        cmocka_unit_test(other_bytes_stay_whatever_the_locale),
        cmocka_unit_test(a_name_that_would_not_read_back_is_no_key),
        cmocka_unit_test(the_longest_key_fits_and_a_longer_name_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
