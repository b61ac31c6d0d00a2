/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/line_shape.h"

static void keys_make_no_difference(void **state)
{
    (void)state;
    assert_int_equal(store_line_shape("vault: reading global/a is refused"),
                     store_line_shape("vault: reading org/acme/b is refused"));
    assert_int_equal(store_line_shape("GET http://h/v1/secret/data/p/user/u/x: 403"),
                     store_line_shape("GET http://h/v1/secret/data/p/project/1/y/z: 403"));
}

static void other_words_do(void **state)
{
    (void)state;
    assert_int_not_equal(store_line_shape("vault: reading global/a is refused"),
                         store_line_shape("vault: writing global/a is refused"));
    assert_int_not_equal(store_line_shape("reading global/a"), store_line_shape("reading "));
    assert_int_not_equal(store_line_shape("a b"), store_line_shape("ab"));
    assert_int_not_equal(store_line_shape(""), store_line_shape("global/a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_make_no_difference),
        cmocka_unit_test(other_words_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
