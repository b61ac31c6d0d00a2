/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "store/nearest.h"

static const char *const words[] = {"list", "get", "set", "delete", "status", "ensure", "generate"};

static const char *meant(const char *name)
{
    static struct store_nearest search;

    store_nearest_begin(&search, name);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        store_nearest_add(&search, words[i], strlen(words[i]));
    return store_nearest_word(&search);
}

static void a_slip_is_understood(void **state)
{
    (void)state;
    assert_string_equal(meant("lst"), "list");
    assert_string_equal(meant("lsit"), "list");
    assert_string_equal(meant("stauts"), "status");
    assert_string_equal(meant("generat"), "generate");
    assert_string_equal(meant("Delete"), "delete");
    assert_string_equal(meant("list"), "list");
}

static void nothing_near_is_nothing(void **state)
{
    char longest[STORE_NEAREST_MAX + 2];

    (void)state;
    assert_null(meant(""));
    assert_null(meant("frobnicate"));
    memset(longest, 'l', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_null(meant(longest));
}

static void only_the_given_bytes_of_a_candidate_count(void **state)
{
    struct store_nearest search;

    (void)state;
    store_nearest_begin(&search, "vualt");
    store_nearest_add(&search, "vault.address", strlen("vault"));
    assert_string_equal(store_nearest_word(&search), "vault");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_is_understood),
        cmocka_unit_test(nothing_near_is_nothing),
        cmocka_unit_test(only_the_given_bytes_of_a_candidate_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
