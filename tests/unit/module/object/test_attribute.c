/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include "module/object/attribute.h"

static void fill_tells_the_length_for_any_incoming_one(void **state)
{
    CK_ATTRIBUTE attribute = {CKA_VALUE, NULL, (CK_ULONG)0xdeadbeef};

    (void)state;
    assert_int_equal(attribute_fill(&attribute, "abc", 3), CKR_OK);
    assert_int_equal(attribute.ulValueLen, 3);
}

static void fill_writes_a_fitting_value_and_nothing_else(void **state)
{
    char room[4] = "....";
    CK_ATTRIBUTE attribute = {CKA_VALUE, room, 4};

    (void)state;
    assert_int_equal(attribute_fill(&attribute, "abc", 3), CKR_OK);
    assert_int_equal(attribute.ulValueLen, 3);
    assert_memory_equal(room, "abc.", 4);
    attribute.ulValueLen = 2;
    assert_int_equal(attribute_fill(&attribute, "xyz", 3), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(attribute.ulValueLen, CK_UNAVAILABLE_INFORMATION);
    assert_memory_equal(room, "abc.", 4);
}

static void give_of_nothing_fits_anywhere(void **state)
{
    char room = '.';
    CK_ATTRIBUTE attribute = {CKA_OBJECT_ID, &room, 0};

    (void)state;
    assert_int_equal(attribute_fill(&attribute, NULL, 0), CKR_OK);
    assert_int_equal(attribute.ulValueLen, 0);
}

static void bool_takes_two_values_of_one_byte(void **state)
{
    CK_BBOOL flag = CK_TRUE;
    CK_BBOOL out = CK_FALSE;
    CK_ULONG wide = 1;
    CK_ATTRIBUTE attribute = {CKA_TOKEN, &flag, sizeof flag};

    (void)state;
    assert_int_equal(attribute_bool(&attribute, &out), CKR_OK);
    assert_int_equal(out, CK_TRUE);
    flag = 2;
    assert_int_equal(attribute_bool(&attribute, &out), CKR_ATTRIBUTE_VALUE_INVALID);
    attribute = (CK_ATTRIBUTE){CKA_TOKEN, &wide, sizeof wide};
    assert_int_equal(attribute_bool(&attribute, &out), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_int_equal(attribute_bool(NULL, &out), CKR_OK);
    assert_int_equal(out, CK_TRUE);
}

static void check_refuses_a_bad_template(void **state)
{
    CK_BBOOL flag = CK_TRUE;
    CK_ATTRIBUTE twice[] = {{CKA_TOKEN, &flag, 1}, {CKA_TOKEN, &flag, 1}};
    CK_ATTRIBUTE nowhere[] = {{CKA_VALUE, NULL, 5}};
    CK_ATTRIBUTE empty[] = {{CKA_VALUE, NULL, 0}};

    (void)state;
    assert_int_equal(template_check(NULL, 0), CKR_OK);
    assert_int_equal(template_check(NULL, 1), CKR_ARGUMENTS_BAD);
    assert_int_equal(template_check(nowhere, 1), CKR_ARGUMENTS_BAD);
    assert_int_equal(template_check(empty, 1), CKR_OK);
    assert_int_equal(template_check(twice, 2), CKR_TEMPLATE_INCONSISTENT);
}

static void equal_is_by_length_and_bytes(void **state)
{
    CK_ATTRIBUTE attribute = {CKA_LABEL, "abc", 3};
    CK_ATTRIBUTE empty = {CKA_LABEL, NULL, 0};

    (void)state;
    assert_true(attribute_equal(&attribute, "abc", 3));
    assert_false(attribute_equal(&attribute, "abd", 3));
    assert_false(attribute_equal(&attribute, "abcd", 4));
    assert_true(attribute_equal(&empty, NULL, 0));
    assert_false(attribute_equal(&empty, "a", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fill_tells_the_length_for_any_incoming_one),
        cmocka_unit_test(fill_writes_a_fitting_value_and_nothing_else),
        cmocka_unit_test(give_of_nothing_fits_anywhere),
        cmocka_unit_test(bool_takes_two_values_of_one_byte),
        cmocka_unit_test(check_refuses_a_bad_template),
        cmocka_unit_test(equal_is_by_length_and_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
