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
    char out[ENV_NAME_SIZE];

    assert_true(env_name_of_key(key, out));
    assert_string_equal(out, name);
}

static void assert_key(const char *name, const char *key)
{
    char out[ENV_NAME_SIZE];
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

/* The results of Rust's to_uppercase and to_lowercase, which SideSeat uses. */
static void letters_beyond_ascii_change_case_in_any_locale(void **state)
{
    static const char *const both[][2] = {
        {"org/acme/\xc3\xbc"
         "ber",
         "ORG_ACME_\xc3\x9c"
         "BER"},
        {"global/ii.\xc3\xa9", "GLOBAL_II.\xc3\x89"},
        {"org/\xc3\xbc/\xd0\xb6", "ORG_\xc3\x9c_\xd0\x96"},
        {"global/\xe6\x97\xa5\xe6\x9c\xac", "GLOBAL_\xe6\x97\xa5\xe6\x9c\xac"},
        {"global/\xce\xb4\xce\xbf\xcf\x82", "GLOBAL_\xce\x94\xce\x9f\xce\xa3"},
        {"global/\xcf\x83\xce\xb1", "GLOBAL_\xce\xa3\xce\x91"},
        {"global/\xe1\xb8\x81", "GLOBAL_\xe1\xb8\x80"},
        {"global/\xf0\x90\x90\xa8", "GLOBAL_\xf0\x90\x90\x80"},
    };
    static const char *const one_way[][2] = {
        {"global/stra\xc3\x9f"
         "e",
         "GLOBAL_STRASSE"},
        {"global/\xef\xac\x81n", "GLOBAL_FIN"},
        {"global/\xc5\x89", "GLOBAL_\xca\xbcN"},
        {"global/\xce\x90", "GLOBAL_\xce\x99\xcc\x88\xcc\x81"},
        {"global/\xc4\xb1", "GLOBAL_I"},
        {"global/\xc2\xb5", "GLOBAL_\xce\x9c"},
        {"global/\xcf\x83", "GLOBAL_\xce\xa3"},
        {"org/a/b/c", "ORG_A_B_C"},
    };
    static const char *const locales[] = {"C", "C.UTF-8", "tr_TR.UTF-8", "en_US.ISO-8859-1"};
    char out[ENV_NAME_SIZE];

    (void)state;
    for (size_t l = 0; l < sizeof locales / sizeof locales[0]; l++) {
        (void)setlocale(LC_ALL, locales[l]); /* where it is not installed, one less proof */
        for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
            assert_name(both[i][0], both[i][1]);
            assert_key(both[i][1], both[i][0]);
        }
        for (size_t i = 0; i < sizeof one_way / sizeof one_way[0]; i++)
            assert_name(one_way[i][0], one_way[i][1]);
    }
    (void)setlocale(LC_ALL, "C");
    assert_false(env_name_of_key("global/a=b", out));
}

static void the_longest_key_has_a_name(void **state)
{
    char key[STORE_KEY_MAX + 1] = "global/";
    char out[ENV_NAME_SIZE];

    (void)state;
    for (size_t at = 7; at + 2 <= STORE_KEY_MAX; at += 2)
        memcpy(key + at, "\xce\x90", 3); /* becomes three characters of two bytes */
    assert_true(env_name_of_key(key, out));
    assert_int_equal(strlen(out), 7 + 124 * 6);
}

static void a_name_that_would_not_read_back_is_not_a_key(void **state)
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

static void the_longest_key_fits_and_a_longer_name_does_not(void **state)
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
        cmocka_unit_test(letters_beyond_ascii_change_case_in_any_locale),
        cmocka_unit_test(the_longest_key_has_a_name),
        cmocka_unit_test(a_name_that_would_not_read_back_is_not_a_key),
        cmocka_unit_test(the_longest_key_fits_and_a_longer_name_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
