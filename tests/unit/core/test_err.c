/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>

#include "store/err.h"

static const enum store_err all[] = {
#define LISTED(name, code, text) STORE_##name,
    STORE_ERRORS(LISTED)
#undef LISTED
};
static const size_t all_count = sizeof all / sizeof all[0];

static void codes_are_negative_and_distinct(void **state)
{
    (void)state;
    for (size_t i = 0; i < all_count; i++) {
        assert_true(all[i] < 0);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(all[i], all[j]);
    }
}

static void every_code_has_a_name_and_a_text_of_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < all_count; i++) {
        assert_string_not_equal(store_err_text(all[i]), "unknown error");
        assert_string_not_equal(store_err_name(all[i]), "UNKNOWN");
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(store_err_text(all[i]), store_err_text(all[j]));
    }
    assert_string_equal(store_err_name(STORE_NOT_FOUND), "NOT_FOUND");
    assert_string_equal(store_err_name(STORE_OK), "OK");
    assert_string_equal(store_err_text(STORE_OK), "success");
}

static void unknown_codes_have_words_too(void **state)
{
    (void)state;
    assert_string_equal(store_err_text((enum store_err)1), "unknown error");
    assert_string_equal(store_err_name((enum store_err) - 99), "UNKNOWN");
}

static enum store_err pass_on(enum store_err err, bool *went_on)
{
    TRY(err);
    *went_on = true;
    return STORE_OK;
}

static void try_leaves_with_the_error_only(void **state)
{
    bool went_on = false;

    (void)state;
    assert_int_equal(pass_on(STORE_LOCKED, &went_on), STORE_LOCKED);
    assert_false(went_on);
    assert_int_equal(pass_on(STORE_OK, &went_on), STORE_OK);
    assert_true(went_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_negative_and_distinct),
        cmocka_unit_test(every_code_has_a_name_and_a_text_of_its_own),
        cmocka_unit_test(unknown_codes_have_words_too),
        cmocka_unit_test(try_leaves_with_the_error_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
