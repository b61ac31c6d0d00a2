/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "module/ckr.h"

#define EACH(name, code, text) STORE_##name,
static const enum store_err errors[] = {STORE_ERRORS(EACH)};
#undef EACH

static void four_answers_stay_four(void **state)
{
    (void)state;
    for (enum ckr_call call = CKR_CALL_FIND; call <= CKR_CALL_USE; call++) {
        CK_RV locked = ckr_from_store(call, STORE_LOCKED);
        CK_RV denied = ckr_from_store(call, STORE_DENIED);
        CK_RV unreachable = ckr_from_store(call, STORE_UNAVAILABLE);

        assert_int_equal(locked, CKR_USER_NOT_LOGGED_IN);
        assert_int_equal(unreachable, CKR_DEVICE_ERROR);
        assert_int_not_equal(denied, locked);
        assert_int_not_equal(denied, unreachable);
    }
    assert_int_equal(ckr_from_store(CKR_CALL_GET, STORE_NOT_FOUND), CKR_OBJECT_HANDLE_INVALID);
    assert_int_equal(ckr_from_store(CKR_CALL_USE, STORE_NOT_FOUND), CKR_KEY_HANDLE_INVALID);
}

static void every_error_has_a_named_return_value(void **state)
{
    (void)state;
    for (enum ckr_call call = CKR_CALL_FIND; call <= CKR_CALL_USE; call++) {
        assert_int_equal(ckr_from_store(call, STORE_OK), CKR_OK);
        for (size_t i = 0; i < COUNT(errors); i++) {
            CK_RV rv = ckr_from_store(call, errors[i]);
            assert_int_not_equal(rv, CKR_OK);
            /* CKR_GENERAL_ERROR stands for an error without a row; UNCHANGED never gets here */
            if (errors[i] != STORE_UNCHANGED)
                assert_int_not_equal(rv, CKR_GENERAL_ERROR);
            assert_string_not_equal(ckr_name(rv), "CKR_?");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_answers_stay_four),
        cmocka_unit_test(every_error_has_a_named_return_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
