/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "store/backend.h"

static void record_make(struct store_record *record)
{
    *record = (struct store_record){.created_ns = 1, .updated_ns = 2, .stale = true};
    strcpy(record->version, "7");
    assert_int_equal(store_secret_set(&record->value, "value", 5), STORE_OK);
}

static void share_copies_all_and_one_may_go_first(void **state)
{
    AUTO_RECORD from = {0};
    AUTO_RECORD to = {0};

    (void)state;
    record_make(&from);
    assert_int_equal(store_secret_set(&to.value, "older", 5), STORE_OK);
    store_record_share(&to, &from);
    assert_ptr_equal(to.value.data, from.value.data);
    store_record_clear(&from);
    assert_true(store_secret_equal(&to.value, "value", 5));
    assert_int_equal(to.created_ns, 1);
    assert_int_equal(to.updated_ns, 2);
    assert_string_equal(to.version, "7");
    assert_true(to.stale);
}

static void share_with_itself_changes_nothing(void **state)
{
    AUTO_RECORD record = {0};

    (void)state;
    record_make(&record);
    store_record_share(&record, &record);
    assert_true(store_secret_equal(&record.value, "value", 5));
    assert_string_equal(record.version, "7");
}

static void clear_leaves_nothing_and_may_come_twice(void **state)
{
    struct store_record record;

    (void)state;
    record_make(&record);
    for (int i = 0; i < 2; i++) {
        store_record_clear(&record);
        assert_null(record.value.data);
        assert_int_equal(record.value.len, 0);
        assert_int_equal(record.created_ns, 0);
        assert_string_equal(record.version, "");
        assert_false(record.stale);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(share_copies_all_and_one_may_go_first),
        cmocka_unit_test(share_with_itself_changes_nothing),
        cmocka_unit_test(clear_leaves_nothing_and_may_come_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
