/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include "module/object/query.h"

#define TEXT(type, text)                                                                           \
    {                                                                                              \
        type, (void *)(text), sizeof(text) - 1                                                     \
    }

static void an_empty_template_asks_for_all_but_status(void **state)
{
    struct query query;

    (void)state;
    assert_int_equal(query_read(&query, NULL, 0), CKR_OK);
    assert_true(query.session_objects && query.secrets && query.keys && query.exhaustive);
    assert_false(query.status);
    assert_string_equal(query.key, "");
    assert_string_equal(query.prefix, "");
}

static void a_class_we_do_not_have_asks_for_nothing(void **state)
{
    static const CK_OBJECT_CLASS classes[] = {CKO_CERTIFICATE, 9 /* CKO_PROFILE */,
                                              CKO_VENDOR_DEFINED | 1};
    struct query query;

    (void)state;
    for (size_t i = 0; i < COUNT(classes); i++) {
        CK_OBJECT_CLASS class = classes[i];
        CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}};
        assert_int_equal(query_read(&query, template, 1), CKR_OK);
        assert_false(query.secrets || query.keys || query.status || query.session_objects);
    }
}

static void a_label_is_one_key(void **state)
{
    CK_ATTRIBUTE bare[] = {TEXT(CKA_LABEL, "jwt")};
    CK_ATTRIBUTE full[] = {TEXT(CKA_LABEL, "org/acme/key")};
    CK_ATTRIBUTE none[] = {TEXT(CKA_LABEL, "team/acme/key")};
    struct query query;

    (void)state;
    assert_int_equal(query_read(&query, bare, 1), CKR_OK);
    assert_string_equal(query.key, "global/jwt");
    assert_true(query.exhaustive);
    assert_int_equal(query_read(&query, full, 1), CKR_OK);
    assert_string_equal(query.key, "org/acme/key");
    assert_int_equal(query_read(&query, none, 1), CKR_OK);
    assert_false(query.secrets || query.keys);
    assert_true(query.session_objects);
}

/* A text that begins like a scope is none. */
static void a_scope_with_a_nul_is_invalid(void **state)
{
    CK_ATTRIBUTE scope[] = {TEXT(CKA_SIDESEAT_SCOPE, "org\0x")};
    CK_ATTRIBUTE id[] = {TEXT(CKA_SIDESEAT_SCOPE, "org"), TEXT(CKA_SIDESEAT_SCOPE_ID, "acme\0x")};
    struct query query;

    (void)state;
    assert_int_equal(query_read(&query, scope, 1), CKR_OK);
    assert_false(query.secrets || query.keys);
    assert_int_equal(query_read(&query, id, 2), CKR_OK);
    assert_false(query.secrets || query.keys);
}

static void a_scope_is_a_prefix_that_ends_a_part(void **state)
{
    CK_ATTRIBUTE both[] = {TEXT(CKA_SIDESEAT_SCOPE, "org"), TEXT(CKA_SIDESEAT_SCOPE_ID, "app")};
    CK_ATTRIBUTE slash[] = {TEXT(CKA_SIDESEAT_SCOPE, "org/app")};
    CK_ATTRIBUTE global[] = {TEXT(CKA_SIDESEAT_SCOPE, "global"), TEXT(CKA_SIDESEAT_NAME, "jwt")};
    struct query query;

    (void)state;
    assert_int_equal(query_read(&query, both, 2), CKR_OK);
    assert_string_equal(query.prefix, "org/app/");
    assert_true(query.exhaustive);
    assert_int_equal(query_read(&query, both, 1), CKR_OK);
    assert_string_equal(query.prefix, "org/");
    assert_int_equal(query_read(&query, slash, 1), CKR_OK);
    assert_false(query.secrets);
    assert_int_equal(query_read(&query, global, 2), CKR_OK);
    assert_string_equal(query.key, "global/jwt");
}

static void a_scope_beside_a_label_is_still_looked_at(void **state)
{
    CK_ATTRIBUTE template[] = {TEXT(CKA_LABEL, "org/acme/key"), TEXT(CKA_SIDESEAT_SCOPE, "user")};
    struct query query;

    (void)state;
    assert_int_equal(query_read(&query, template, 2), CKR_OK);
    assert_string_equal(query.key, "org/acme/key");
    assert_false(query.exhaustive);
}

static void fallback_goes_with_a_bare_name(void **state)
{
    CK_ATTRIBUTE good[] = {TEXT(CKA_LABEL, "key"), TEXT(CKA_SIDESEAT_FALLBACK, "org/acme,global")};
    CK_ATTRIBUTE alone[] = {TEXT(CKA_SIDESEAT_FALLBACK, "global")};
    CK_ATTRIBUTE slash[] = {TEXT(CKA_LABEL, "a/b"), TEXT(CKA_SIDESEAT_FALLBACK, "org/acme,global")};
    CK_ATTRIBUTE nowhere[] = {TEXT(CKA_LABEL, "a/b"), TEXT(CKA_SIDESEAT_FALLBACK, "global")};
    char key[STORE_KEY_MAX + 1];
    const char *at;
    struct query query;

    (void)state;
    assert_int_equal(query_read(&query, good, 2), CKR_OK);
    assert_string_equal(query.key, "key");
    assert_non_null(query.fallback);
    assert_int_equal(query_read(&query, alone, 1), CKR_TEMPLATE_INCONSISTENT);
    assert_int_equal(query_read(&query, nowhere, 2), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_int_equal(query_read(&query, slash, 2), CKR_OK);
    at = query.fallback->pValue;
    assert_int_equal(query_fallback_key(&query, &at, key), CKR_OK);
    assert_string_equal(key, "org/acme/a/b");
    assert_int_equal(query_fallback_key(&query, &at, key), CKR_OK);
    assert_string_equal(key, "");
    assert_null(at);
}

static void a_unique_id_is_one_key(void **state)
{
    CK_ATTRIBUTE data[] = {TEXT(CKA_UNIQUE_ID, "data:org/acme/key")};
    CK_ATTRIBUTE other[] = {TEXT(CKA_UNIQUE_ID, "data:org/acme/key"), TEXT(CKA_LABEL, "jwt")};
    CK_ATTRIBUTE none[] = {TEXT(CKA_UNIQUE_ID, "whatever")};
    struct query query;

    (void)state;
    assert_int_equal(query_read(&query, data, 1), CKR_OK);
    assert_string_equal(query.key, "org/acme/key");
    assert_int_equal(query_read(&query, other, 2), CKR_OK);
    assert_false(query.secrets);
    assert_int_equal(query_read(&query, none, 1), CKR_OK);
    assert_false(query.secrets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_template_asks_for_all_but_status),
        cmocka_unit_test(a_class_we_do_not_have_asks_for_nothing),
        cmocka_unit_test(a_label_is_one_key),
        cmocka_unit_test(a_scope_is_a_prefix_that_ends_a_part),
        cmocka_unit_test(a_scope_with_a_nul_is_invalid),
        cmocka_unit_test(a_scope_beside_a_label_is_still_looked_at),
        cmocka_unit_test(fallback_goes_with_a_bare_name),
        cmocka_unit_test(a_unique_id_is_one_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
