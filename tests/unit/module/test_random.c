/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include "module/random.h"

static void random_numbers_differ_for_any_count(void **state)
{
    static unsigned char bytes[3][70000];

    (void)state;
    assert_int_equal(random_fill(bytes[0], sizeof bytes[0]), CKR_OK);
    assert_int_equal(random_fill(bytes[1], sizeof bytes[1]), CKR_OK);
    assert_memory_not_equal(bytes[0], bytes[1], sizeof bytes[0]);
    assert_memory_not_equal(bytes[0] + sizeof bytes[0] - 32, bytes[2], 32);
    assert_int_equal(random_fill(bytes[2], 0), CKR_OK);
    assert_int_equal(bytes[2][0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_numbers_differ_for_any_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
