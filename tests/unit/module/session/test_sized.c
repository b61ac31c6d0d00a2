/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include "module/session/sized.h"

/* The sized values of a session, for several objects at a time. */

#define VALUE 2u
#define RECORD 1u

static struct sized sized;
static int64_t now = 1;

int64_t __wrap_store_time_coarse(void);

int64_t __wrap_store_time_coarse(void)
{
    return now;
}

static void keep(CK_OBJECT_HANDLE object, unsigned need, const char *value)
{
    AUTO_RECORD record = {0};

    assert_int_equal(store_secret_set(&record.value, value, strlen(value)), STORE_OK);
    assert_true(sized_keep(&sized, object, need, &record));
}

static void assert_kept(CK_OBJECT_HANDLE object, unsigned need, const char *value)
{
    AUTO_RECORD record = {0};

    assert_int_equal(sized_find(&sized, object, need, &record), value != NULL);
    if (value != NULL)
        assert_true(store_secret_equal(&record.value, value, strlen(value)));
}

static void each_object_has_its_own(void **state)
{
    (void)state;
    keep(1, VALUE, "one");
    keep(2, VALUE, "two");
    keep(3, VALUE, "three");
    assert_kept(2, VALUE, "two");
    sized_drop(&sized, 2);
    assert_kept(2, VALUE, NULL);
    keep(4, VALUE, "four");
    sized_drop(&sized, 4); /* the last */
    keep(5, VALUE, "five");
    sized_drop(&sized, 1); /* the first */
    assert_kept(3, VALUE, "three");
    assert_kept(5, VALUE, "five");
    sized_clear(&sized);
    assert_kept(3, VALUE, NULL);
    assert_null(sized.first);
    assert_null(sized.last);
}

static void a_second_length_query_counts(void **state)
{
    (void)state;
    keep(1, VALUE, "old");
    keep(1, VALUE, "new");
    assert_kept(1, VALUE, "new");
    sized_drop(&sized, 1);
    assert_kept(1, VALUE, NULL);
}

static void a_read_of_unsized_parts_finds_nothing(void **state)
{
    (void)state;
    keep(1, VALUE, "v");
    assert_kept(1, VALUE | RECORD, NULL);
    keep(1, VALUE | RECORD, "v");
    assert_kept(1, VALUE | RECORD, "v");
    assert_kept(1, VALUE, "v");
    sized_clear(&sized);
}

static void a_value_without_a_reader_is_not_kept(void **state)
{
    (void)state;
    keep(1, VALUE, "old");
    now += SIZED_NS - 1;
    assert_kept(1, VALUE, "old");
    keep(2, VALUE, "later");
    now += 1;
    assert_kept(1, VALUE, NULL);
    keep(3, VALUE, "v"); /* wipes it */
    sized_drop(&sized, 2);
    sized_drop(&sized, 3);
    assert_null(sized.first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_object_has_its_own),
        cmocka_unit_test(a_second_length_query_counts),
        cmocka_unit_test(a_read_of_unsized_parts_finds_nothing),
        cmocka_unit_test(a_value_without_a_reader_is_not_kept),
    };

    return cmocka_run_group_tests_name("sized", tests, NULL, NULL);
}
