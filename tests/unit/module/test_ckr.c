/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include "module/ckr.h"

#define EACH(name, code, text) STORE_##name,
static const enum store_err errors[] = {STORE_ERRORS(EACH)};
#undef EACH

/* Each state of a store has its own return value, never CKR_OK, in every call. */
static void seven_answers_stay_seven(void **state)
{
    static const struct {
        enum store_err err;
        CK_RV rv;
    } rows[] = {
        {STORE_LOCKED, CKR_USER_NOT_LOGGED_IN}, {STORE_AUTH, CKR_SIDESEAT_UNAUTHENTICATED},
        {STORE_DENIED, CKR_SIDESEAT_DENIED},    {STORE_READ_ONLY, CKR_TOKEN_WRITE_PROTECTED},
        {STORE_CORRUPT, CKR_SIDESEAT_DAMAGED},  {STORE_BAD_CONF, CKR_SIDESEAT_MISCONFIGURED},
        {STORE_UNAVAILABLE, CKR_DEVICE_ERROR},  {STORE_TIMEOUT, CKR_DEVICE_ERROR},
    };

    (void)state;
    for (enum ckr_call call = CKR_CALL_FIND; call < CKR_CALLS; call++) {
        for (size_t i = 0; i < COUNT(rows); i++) {
            CK_RV rv = ckr_from_store(call, rows[i].err);
            if (call == CKR_CALL_LOGIN && rows[i].err == STORE_DENIED)
                assert_int_equal(rv, CKR_PIN_INCORRECT);
            else
                assert_int_equal(rv, rows[i].rv);
        }
    }
    assert_int_equal(ckr_from_store(CKR_CALL_GET, STORE_NOT_FOUND), CKR_OBJECT_HANDLE_INVALID);
    assert_int_equal(ckr_from_store(CKR_CALL_USE, STORE_NOT_FOUND), CKR_KEY_HANDLE_INVALID);
}

static void every_error_has_a_named_return_value(void **state)
{
    (void)state;
    for (enum ckr_call call = CKR_CALL_FIND; call < CKR_CALLS; call++) {
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
        cmocka_unit_test(seven_answers_stay_seven),
        cmocka_unit_test(every_error_has_a_named_return_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
