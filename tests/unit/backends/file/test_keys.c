/* SPDX-License-Identifier: Apache-2.0 */
/* backends/file/keys.c; names in prefixes are tested with documents (test_file_edit.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "backends/file/keys.h"

#define TRIED 400000u /* names, of which some have the same hash with near certainty */

static struct file_keys *keys_of(const char *const *names, size_t count)
{
    struct file_keys *keys;

    assert_int_equal(file_keys_new(&keys), STORE_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(file_keys_add(keys, names[i], strlen(names[i]), (uint32_t)i), STORE_OK);
    assert_int_equal(file_keys_seal(keys), STORE_OK);
    return keys;
}

static void each_key_is_found_as_its_member(void **state)
{
    static const char *const names[] = {"org/b/x", "global/a", "user/u/z", "project/p/n"};
    struct file_keys *keys = keys_of(names, 4);

    (void)state;
    assert_int_equal(keys->count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        const struct file_key *found = file_keys_find(keys, names[i]);
        assert_non_null(found);
        assert_string_equal(found->name, names[i]);
        assert_int_equal(found->member, i);
        assert_false(found->twice);
        assert_ptr_equal(found, &keys->list[i]);
    }
    assert_null(file_keys_find(keys, "global/b"));
    assert_null(file_keys_find(keys, ""));
    file_keys_drop(keys);
}

static void an_invalid_scope_key_is_left_out(void **state)
{
    static const char *const names[] = {"flat", "global/a", "elsewhere/x", "org/a"};
    struct file_keys *keys = keys_of(names, 4);

    (void)state;
    assert_int_equal(keys->count, 1);
    assert_null(file_keys_find(keys, "flat"));
    assert_int_equal(file_keys_find(keys, "global/a")->member, 1);
    file_keys_drop(keys);
}

static void key_that_is_there_twice_is_marked(void **state)
{
    static const char *const names[] = {"global/a", "global/b", "global/a", "global/c", "global/a"};
    struct file_keys *keys = keys_of(names, 5);
    struct file_keys *copy;

    (void)state;
    assert_int_equal(keys->count, 3);
    assert_int_equal(file_keys_find(keys, "global/a")->member, 0);
    assert_true(file_keys_find(keys, "global/a")->twice);
    assert_false(file_keys_find(keys, "global/b")->twice);
    assert_int_equal(file_keys_find(keys, "global/c")->member, 3);
    assert_int_equal(file_keys_new(&copy), STORE_OK);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(file_keys_copy(copy, &keys->list[i], i + 10), STORE_OK);
    assert_int_equal(file_keys_seal(copy), STORE_OK);
    assert_true(file_keys_find(copy, "global/a")->twice);
    assert_int_equal(file_keys_find(copy, "global/c")->member, 12);
    file_keys_drop(keys);
    file_keys_drop(copy);
}

static void a_set_grows_as_names_are_added(void **state)
{
    struct file_keys *keys;
    char name[300];

    (void)state;
    assert_int_equal(file_keys_new(&keys), STORE_OK);
    for (uint32_t i = 0; i < 1000; i++) {
        int len = snprintf(name, sizeof name, "global/%0*u", 1 + (int)(i % 240), i);
        assert_int_equal(file_keys_add(keys, name, (size_t)len, i), STORE_OK);
    }
    assert_int_equal(file_keys_seal(keys), STORE_OK);
    assert_int_equal(keys->count, 1000);
    for (uint32_t i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "global/%0*u", 1 + (int)(i % 240), i);
        assert_string_equal(keys->list[i].name, name);
        assert_int_equal(file_keys_find(keys, name)->member, i);
    }
    file_keys_drop(keys);
}

static void names_that_are_there_twice_are_found_among_many(void **state)
{
    struct file_keys *keys;
    char name[32];

    (void)state;
    assert_int_equal(file_keys_new(&keys), STORE_OK);
    for (uint32_t i = 0; i < 5000; i++) { /* the last thousand for the second time */
        int len = snprintf(name, sizeof name, "org/acme/%u", i % 4000);
        assert_int_equal(file_keys_add(keys, name, (size_t)len, i), STORE_OK);
    }
    assert_int_equal(file_keys_seal(keys), STORE_OK);
    assert_int_equal(keys->count, 4000);
    for (uint32_t i = 0; i < 4000; i++) {
        snprintf(name, sizeof name, "org/acme/%u", i);
        assert_int_equal(file_keys_find(keys, name)->member, i);
        assert_true(file_keys_find(keys, name)->twice == (i < 1000));
        snprintf(name, sizeof name, "org/other/%u", i);
        assert_null(file_keys_find(keys, name));
    }
    file_keys_drop(keys);
}

static void empty_set_has_nothing(void **state)
{
    struct file_keys *keys = keys_of(NULL, 0);
    const struct file_key *const *first;
    size_t count;

    (void)state;
    assert_null(file_keys_find(keys, "global/a"));
    assert_int_equal(file_keys_range(keys, "org/", &first, &count), STORE_OK);
    assert_int_equal(count, 0);
    file_keys_drop(keys);
}

struct numbered {
    uint32_t hash;
    uint32_t number;
};

static int by_hash(const void *a, const void *b)
{
    const struct numbered *left = a;
    const struct numbered *right = b;

    return left->hash < right->hash ? -1 : left->hash > right->hash;
}

static void name_number(uint32_t number, char name[32])
{
    snprintf(name, 32, "global/n%u", number);
}

/* Finds two names with one hash, by trying. */
static void find_twins(char one[32], char other[32])
{
    struct numbered *names = calloc(TRIED, sizeof *names);
    uint32_t at = 0;

    assert_non_null(names);
    for (uint32_t i = 0; i < TRIED; i++) {
        name_number(i, one);
        HASH_VALUE(one, strlen(one), names[i].hash);
        names[i].number = i;
    }
    qsort(names, TRIED, sizeof *names, by_hash);
    while (at + 1 < TRIED && names[at].hash != names[at + 1].hash)
        at++;
    assert_true(at + 1 < TRIED);
    name_number(names[at].number, one);
    name_number(names[at + 1].number, other);
    free(names);
}

static void names_with_one_hash_are_told_apart(void **state)
{
    char twins[2][32];
    const char *names[] = {"global/first", twins[0], "global/between", twins[1]};
    struct file_keys *keys;

    (void)state;
    find_twins(twins[0], twins[1]);
    keys = keys_of(names, 4);
    assert_int_equal(keys->count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(file_keys_find(keys, names[i])->member, i);
        assert_false(file_keys_find(keys, names[i])->twice);
    }
    file_keys_drop(keys);
    keys = keys_of(names, 3);
    assert_null(file_keys_find(keys, twins[1]));
    file_keys_drop(keys);
    names[2] = twins[0];
    keys = keys_of(names, 4);
    assert_int_equal(keys->count, 3);
    assert_true(file_keys_find(keys, twins[0])->twice);
    assert_false(file_keys_find(keys, twins[1])->twice);
    file_keys_drop(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_is_found_as_its_member),
        cmocka_unit_test(an_invalid_scope_key_is_left_out),
        cmocka_unit_test(key_that_is_there_twice_is_marked),
        cmocka_unit_test(a_set_grows_as_names_are_added),
        cmocka_unit_test(names_that_are_there_twice_are_found_among_many),
        cmocka_unit_test(empty_set_has_nothing),
        cmocka_unit_test(names_with_one_hash_are_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
