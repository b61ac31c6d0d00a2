/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "store/version.h"

static void add(struct store_versions *versions, uint32_t number, int64_t created_ns)
{
    struct store_version version = {.number = number, .created_ns = created_ns};

    snprintf(version.id, sizeof version.id, "%u/%lld", number, (long long)created_ns);
    assert_int_equal(store_versions_add(versions, &version), STORE_OK);
}

static void the_newest_is_first(void **state)
{
    AUTO_VERSIONS versions = {0};

    (void)state;
    add(&versions, 0, 5);
    add(&versions, 0, 7);
    add(&versions, 2, 1);
    add(&versions, 10, 1);
    store_versions_sort(&versions);
    assert_string_equal(versions.all[0].id, "10/1");
    assert_string_equal(versions.all[1].id, "2/1");
    assert_string_equal(versions.all[2].id, "0/7");
    assert_string_equal(versions.all[3].id, "0/5");
}

static void the_oldest_past_the_limit_are_dropped(void **state)
{
    AUTO_VERSIONS versions = {0};

    (void)state;
    for (uint32_t number = 1; number <= STORE_VERSIONS_MAX + 30; number++)
        add(&versions, number, 1);
    store_versions_sort(&versions);
    assert_int_equal(versions.count, STORE_VERSIONS_MAX);
    assert_int_equal(versions.all[0].number, STORE_VERSIONS_MAX + 30);
    assert_int_equal(versions.all[STORE_VERSIONS_MAX - 1].number, 31);
}

static void one_is_found_by_its_id(void **state)
{
    AUTO_VERSIONS versions = {0};

    (void)state;
    assert_null(store_versions_find(&versions, "1/1"));
    add(&versions, 1, 1);
    assert_ptr_equal(store_versions_find(&versions, "1/1"), &versions.all[0]);
    assert_null(store_versions_find(&versions, "1"));
    store_versions_clear(&versions);
    store_versions_clear(&versions);
    assert_int_equal(versions.count, 0);
}

static void a_change_may_ask_for_a_version(void **state)
{
    static const struct {
        const char *if_version;
        const char *now; /* NULL: there is no secret */
        enum store_err err;
    } cases[] = {
        {NULL, NULL, STORE_OK},
        {NULL, "3", STORE_OK},
        {"0", NULL, STORE_OK},
        {"0", "3", STORE_CONFLICT},
        {"3", NULL, STORE_CONFLICT},
        {"3", "3", STORE_OK},
        {"3", "4", STORE_CONFLICT},
        {STORE_VERSION_ANY, NULL, STORE_NOT_FOUND},
        {STORE_VERSION_ANY, "3", STORE_OK},
        {STORE_VERSION_ANY, "0", STORE_OK},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(
            store_version_check(cases[i].if_version, cases[i].now != NULL, cases[i].now),
            cases[i].err);
    assert_false(store_version_compares(NULL));
    assert_false(store_version_compares(STORE_VERSION_ANY));
    assert_true(store_version_compares("0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_is_first),
        cmocka_unit_test(the_oldest_past_the_limit_are_dropped),
        cmocka_unit_test(one_is_found_by_its_id),
        cmocka_unit_test(a_change_may_ask_for_a_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
