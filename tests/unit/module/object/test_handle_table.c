/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/handle_table.h" /* before the fixture, whose names its functions have, too */

#include "tests/unit/module/object/object_fixture.h"
#include "tests/fault/short_memory.h"

#include <stdio.h>

/* Many objects, whose memory comes in pieces that grow. */

#define MANY 20000

static CK_OBJECT_HANDLE make(int i)
{
    char key[32];

    snprintf(key, sizeof key, "global/%d", i);
    return found_at(key, NULL, now, 0, NULL);
}

static void each_has_memory_of_its_own(void **state)
{
    static CK_OBJECT_HANDLE handles[MANY];
    char key[32];

    (void)state;
    for (int i = 0; i < MANY; i++)
        assert_true((handles[i] = make(i)) != 0);
    for (int i = 0; i < MANY; i++) {
        struct object *object = object_lock(&table, handles[i]);
        assert_non_null(object);
        assert_int_equal((uintptr_t)object % _Alignof(struct object), 0);
        snprintf(key, sizeof key, "global/%d", i);
        assert_string_equal(object->key, key);
        object_unlock(&table, object);
    }
}

static void a_place_is_used_again_by_another_handle(void **state)
{
    CK_OBJECT_HANDLE first = make(1);
    CK_OBJECT_HANDLE second;

    (void)state;
    object_remove_key(&table, "global/1", now + 1);
    second = make(2);
    assert_int_equal(handle_place(first), handle_place(second));
    assert_true(first != second);
    assert_false(object_exists(&table, first));
    assert_null(object_lock(&table, first));
}

/* With a CK_ULONG of 32 bits that is reached after 256 uses. */
static void a_place_whose_uses_are_counted_to_the_end_is_not_used_again(void **state)
{
    const CK_OBJECT_HANDLE uses = ~(OBJECT_USE - 1);
    CK_OBJECT_HANDLE first = make(1);
    CK_OBJECT_HANDLE last;
    CK_OBJECT_HANDLE next;

    (void)state;
    object_remove_key(&table, "global/1", now + 1);
    object_in_place(&table, handle_place(first))->last_handle |= uses - OBJECT_USE;
    last = make(2);
    assert_int_equal(handle_place(last), handle_place(first));
    assert_int_equal(last & uses, uses);
    object_remove_key(&table, "global/2", now + 2);
    next = make(3);
    assert_int_not_equal(handle_place(next), handle_place(first));
    assert_false(object_exists(&table, first));
    assert_false(object_exists(&table, last));
}

static void an_invalid_place_is_not_an_object(void **state)
{
    (void)state;
    make(1);
    assert_null(object_lock(&table, 0));
    assert_null(object_lock(&table, 2));
    assert_null(object_lock(&table, HANDLE_TABLE_MASK));
    assert_null(object_lock(&table, ~(CK_OBJECT_HANDLE)0));
}

/* Makes free objects until one needs memory of the kind that is asked for once for many. */
static void where_memory_is_short_the_next_try_may_have_it(void **state)
{
    CK_OBJECT_HANDLE handle;
    uint32_t refused = 0;

    (void)state;
    for (uint32_t made = 0; made < MANY; made++) {
        short_memory_at = 1;
        if (object_new(&table, &handle) == NULL) {
            assert_int_equal(short_memory_at, 0);
            refused++;
            assert_non_null(object_new(&table, &handle));
        }
        short_memory_at = 0;
        assert_int_equal(handle_place(handle), made + 1);
        object_publish(object_in_place(&table, handle_place(handle)), handle);
    }
    assert_int_equal(refused, 7); /* 256 * (2^7 - 1) are more than there are */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        case_of(each_has_memory_of_its_own),
        case_of(a_place_is_used_again_by_another_handle),
        case_of(a_place_whose_uses_are_counted_to_the_end_is_not_used_again),
        case_of(an_invalid_place_is_not_an_object),
        case_of(where_memory_is_short_the_next_try_may_have_it),
    };

    return cmocka_run_group_tests_name("handle_table", tests, NULL, NULL);
}
