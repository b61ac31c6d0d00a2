/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include "module/object/padded.h"

static void short_text_is_filled_up_with_blanks(void **state)
{
    unsigned char out[8];

    (void)state;
    padded_copy(out, sizeof out, "abc");
    assert_memory_equal(out, "abc     ", 8);
    padded_copy(out, sizeof out, "");
    assert_memory_equal(out, "        ", 8);
    padded_copy(out, sizeof out, "12345678");
    assert_memory_equal(out, "12345678", 8);
}

static void long_text_is_cut_between_characters(void **state)
{
    unsigned char out[8];

    (void)state;
    padded_copy(out, sizeof out, "123456789");
    assert_memory_equal(out, "12345678", 8);
    padded_copy(out, sizeof out, "1234567\xc3\xbc");
    assert_memory_equal(out, "1234567 ", 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_text_is_filled_up_with_blanks),
        cmocka_unit_test(long_text_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
