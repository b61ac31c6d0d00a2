/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include "module/object/schema.h"

#define TEXT(type, text)                                                                           \
    {                                                                                              \
        type, (void *)(text), sizeof(text) - 1                                                     \
    }

static void each_kind_has_its_attributes(void **state)
{
    (void)state;
    assert_true(schema_allows(schema_find(CKA_LABEL), OBJECT_STATUS, SCHEMA_READ));
    assert_true(schema_allows(schema_find(CKA_VALUE), OBJECT_SECRET, SCHEMA_SET));
    assert_false(schema_allows(schema_find(CKA_VALUE), OBJECT_STATUS, SCHEMA_READ));
    assert_false(schema_allows(schema_find(CKA_KEY_TYPE), OBJECT_SECRET, SCHEMA_READ));
    assert_null(schema_find(CKA_PRIME));
    assert_false(schema_allows(NULL, OBJECT_SECRET, SCHEMA_READ));
}

static void a_check_names_the_fault(void **state)
{
    CK_ATTRIBUTE unknown[] = {TEXT(CKA_MODULUS, "x")};
    CK_ATTRIBUTE fixed[] = {TEXT(CKA_SIDESEAT_NAME, "x")};
    CK_ATTRIBUTE form[] = {TEXT(CKA_TOKEN, "xx")};
    CK_ATTRIBUTE label[] = {TEXT(CKA_LABEL, "x")};

    (void)state;
    assert_int_equal(schema_check(OBJECT_SECRET, SCHEMA_CREATE, unknown, 1),
                     CKR_ATTRIBUTE_TYPE_INVALID);
    assert_int_equal(schema_check(OBJECT_SECRET, SCHEMA_CREATE, fixed, 1), CKR_ATTRIBUTE_READ_ONLY);
    assert_int_equal(schema_check(OBJECT_SECRET, SCHEMA_CREATE, form, 1),
                     CKR_ATTRIBUTE_VALUE_INVALID);
    assert_int_equal(schema_check(OBJECT_SECRET, SCHEMA_SET, label, 1), CKR_ATTRIBUTE_READ_ONLY);
    assert_int_equal(schema_check(OBJECT_SESSION_DATA, SCHEMA_SET, label, 1), CKR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_attributes),
        cmocka_unit_test(a_check_names_the_fault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
