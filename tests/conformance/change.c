/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <string.h>

/* 5.7.2 C_CopyObject, 5.7.3 C_DestroyObject, 5.7.4 C_GetObjectSize, 5.7.6 C_SetAttributeValue. */

static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE object;

static int with_writing(void **state)
{
    if (with_secrets(state) != 0)
        return -1;
    session = open_rw();
    object = find_label(session, seeded[0]);
    return object == 0 ? -1 : 0;
}

static CK_RV set(CK_SESSION_HANDLE s, CK_ATTRIBUTE attribute)
{
    return p11->C_SetAttributeValue(s, object, &attribute, 1);
}

static void setting_the_value_updates_the_secret(void **state)
{
    char created[64];
    char version[128];

    (void)state;
    strcpy(created, get_text(session, object, CKA_SIDESEAT_CREATED_AT, NULL));
    strcpy(version, get_text(session, object, CKA_SIDESEAT_VERSION, NULL));
    assert_rv(set(session, (CK_ATTRIBUTE)TEXT(CKA_VALUE, "another")), CKR_OK);
    assert_string_equal(get_text(session, object, CKA_VALUE, NULL), "another");
    assert_string_equal(get_text(session, object, CKA_SIDESEAT_CREATED_AT, NULL), created);
    assert_string_not_equal(get_text(session, object, CKA_SIDESEAT_VERSION, NULL), version);
    assert_int_equal(find_label(session, seeded[0]), object);
    expect_secret(open_ro(), seeded[0], "another");
}

static void an_invalid_value_cannot_be_set(void **state)
{
    const struct {
        CK_ATTRIBUTE attribute;
        CK_RV rv;
    } cases[] = {
        {{CKA_VALUE, NULL, 0}, CKR_ATTRIBUTE_VALUE_INVALID},
        {VARIABLE(CKA_CLASS, class_data), CKR_ATTRIBUTE_READ_ONLY},
        {VARIABLE(CKA_TOKEN, no), CKR_ATTRIBUTE_READ_ONLY},
        {VARIABLE(CKA_PRIVATE, no), CKR_ATTRIBUTE_READ_ONLY},
        {TEXT(CKA_LABEL, "global/renamed"), CKR_ATTRIBUTE_READ_ONLY},
        {TEXT(CKA_UNIQUE_ID, "x"), CKR_ATTRIBUTE_READ_ONLY},
        {TEXT(CKA_SIDESEAT_UPDATED_AT, "x"), CKR_ATTRIBUTE_READ_ONLY},
        {TEXT(CKA_ISSUER, "x"), CKR_ATTRIBUTE_TYPE_INVALID},
    };
    CK_ATTRIBUTE value = TEXT(CKA_VALUE, "x");

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        CK_RV rv = set(session, cases[i].attribute);
        if (rv != cases[i].rv)
            fail_msg("case %zu gives %s", i, rv_name(rv));
    }
    assert_rv(p11->C_SetAttributeValue(session, object, NULL, 1), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_SetAttributeValue(session, object + 1000, &value, 1),
              CKR_OBJECT_HANDLE_INVALID);
    expect_secret(session, seeded[0], "value of global/alpha");
}

/* 5.7.6 sets all or nothing. */
static void one_bad_entry_changes_nothing(void **state)
{
    CK_ATTRIBUTE first[] = {TEXT(CKA_VALUE, "half"), TEXT(CKA_ISSUER, "x")};
    CK_ATTRIBUTE last[] = {TEXT(CKA_UNIQUE_ID, "x"), TEXT(CKA_VALUE, "half")};

    (void)state;
    assert_rv(p11->C_SetAttributeValue(session, object, first, 2), CKR_ATTRIBUTE_TYPE_INVALID);
    assert_rv(p11->C_SetAttributeValue(session, object, last, 2), CKR_ATTRIBUTE_READ_ONLY);
    expect_secret(session, seeded[0], "value of global/alpha");
}

static CK_RV set_at(const char *value, const char *version)
{
    CK_ATTRIBUTE template[] = {STRING(CKA_VALUE, value), STRING(CKA_SIDESEAT_VERSION, version)};

    return p11->C_SetAttributeValue(session, object, template, 2);
}

static void setting_compares_the_version(void **state)
{
    char first[128];

    (void)state;
    strcpy(first, get_text(session, object, CKA_SIDESEAT_VERSION, NULL));
    assert_rv(set_at("one", first), CKR_OK);
    assert_rv(set_at("two", first), CKR_SIDESEAT_CONFLICT);
    assert_rv(set_at("two", "0"), CKR_SIDESEAT_CONFLICT);
    assert_rv(set_at("two", "no such version"), CKR_SIDESEAT_CONFLICT);
    expect_secret(session, seeded[0], "one");
    assert_rv(set_at("two", get_text(session, object, CKA_SIDESEAT_VERSION, NULL)), CKR_OK);
    expect_secret(session, seeded[0], "two");
}

static void a_read_only_session_changes_no_token_object(void **state)
{
    CK_SESSION_HANDLE reading = open_ro();
    CK_ATTRIBUTE label = TEXT(CKA_LABEL, "global/copy");
    CK_OBJECT_HANDLE copy;

    (void)state;
    assert_rv(set(reading, (CK_ATTRIBUTE)TEXT(CKA_VALUE, "x")), CKR_SESSION_READ_ONLY);
    assert_rv(p11->C_DestroyObject(reading, object), CKR_SESSION_READ_ONLY);
    assert_rv(p11->C_CopyObject(reading, object, &label, 1, &copy), CKR_SESSION_READ_ONLY);
    expect_secret(session, seeded[0], "value of global/alpha");
    expect_secret(session, "global/copy", NULL);
}

/* 5.7.2: the template changes attributes of the copy; a secret's copy needs a label of its own. */
static void a_copy_has_another_label(void **state)
{
    CK_ATTRIBUTE label = TEXT(CKA_LABEL, "org/acme/copy");
    CK_OBJECT_HANDLE copy = 0;

    (void)state;
    assert_rv(p11->C_CopyObject(session, object, &label, 1, &copy), CKR_OK);
    assert_true(copy != 0 && copy != object);
    assert_string_equal(get_text(session, copy, CKA_LABEL, NULL), "org/acme/copy");
    assert_string_equal(get_text(session, copy, CKA_VALUE, NULL), "value of global/alpha");
    assert_string_not_equal(get_text(session, copy, CKA_UNIQUE_ID, NULL),
                            get_text(session, object, CKA_UNIQUE_ID, NULL));
    assert_rv(p11->C_DestroyObject(session, copy), CKR_OK);
    expect_secret(session, seeded[0], "value of global/alpha");
}

static void a_copy_that_cannot_be_is_refused(void **state)
{
    CK_ATTRIBUTE bad_label = TEXT(CKA_LABEL, "org/acme");
    CK_ATTRIBUTE value[] = {TEXT(CKA_LABEL, "global/copy"), TEXT(CKA_VALUE, "other")};
    CK_ATTRIBUTE label = TEXT(CKA_LABEL, "global/copy");
    CK_OBJECT_HANDLE copy;
    CK_ULONG before = find(session, NULL, 0, NULL, 0);

    (void)state;
    assert_rv(p11->C_CopyObject(session, object, &bad_label, 1, &copy),
              CKR_ATTRIBUTE_VALUE_INVALID);
    assert_rv(p11->C_CopyObject(session, object, value, 2, &copy), CKR_ATTRIBUTE_READ_ONLY);
    assert_rv(p11->C_CopyObject(session, object, &label, 1, NULL), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_CopyObject(session, object, NULL, 1, &copy), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_CopyObject(session, object + 1000, &label, 1, &copy),
              CKR_OBJECT_HANDLE_INVALID);
    assert_int_equal(find(session, NULL, 0, NULL, 0), before);
}

static void a_copy_may_be_a_session_object(void **state)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_TOKEN, no), TEXT(CKA_LABEL, "any label at all")};
    CK_SESSION_HANDLE reading = open_ro();
    CK_OBJECT_HANDLE copy;

    (void)state;
    assert_rv(p11->C_CopyObject(reading, object, template, 2, &copy), CKR_OK);
    assert_int_equal(get_bool(reading, copy, CKA_TOKEN), CK_FALSE);
    assert_string_equal(get_text(reading, copy, CKA_VALUE, NULL), "value of global/alpha");
    assert_rv(p11->C_CloseSession(reading), CKR_OK);
    expect_secret(session, seeded[0], "value of global/alpha");
}

static void a_destroyed_secret_is_gone(void **state)
{
    CK_SESSION_HANDLE other = open_ro();
    CK_ATTRIBUTE value = {CKA_VALUE, NULL, 0};
    CK_OBJECT_HANDLE again;
    CK_ULONG size;

    (void)state;
    assert_rv(p11->C_DestroyObject(session, object), CKR_OK);
    assert_int_equal(find_label(session, seeded[0]), 0);
    assert_int_equal(find_label(other, seeded[0]), 0);
    assert_rv(p11->C_GetAttributeValue(session, object, &value, 1), CKR_OBJECT_HANDLE_INVALID);
    assert_rv(set(session, (CK_ATTRIBUTE)TEXT(CKA_VALUE, "x")), CKR_OBJECT_HANDLE_INVALID);
    assert_rv(p11->C_DestroyObject(session, object), CKR_OBJECT_HANDLE_INVALID);
    assert_rv(p11->C_GetObjectSize(session, object, &size), CKR_OBJECT_HANDLE_INVALID);
    again = create_secret(session, seeded[0], "again");
    assert_true(again != object); /* a stale handle does not come to life */
    assert_rv(p11->C_GetAttributeValue(session, object, &value, 1), CKR_OBJECT_HANDLE_INVALID);
}

static void the_size_is_at_least_the_values(void **state)
{
    CK_ULONG size = 0;

    (void)state;
    assert_rv(p11->C_GetObjectSize(session, object, &size), CKR_OK);
    assert_true(size >= strlen("value of global/alpha"));
    assert_rv(p11->C_GetObjectSize(session, object, NULL), CKR_ARGUMENTS_BAD);
}

/* A secret that another process has removed: its handle must not bring it back. */
static void a_secret_removed_by_another_process_is_not_revived(void **state)
{
    CK_ATTRIBUTE label = TEXT(CKA_LABEL, "global/copy");
    CK_OBJECT_HANDLE copy;

    (void)state;
    if (!suite.persistent)
        skip();
    assert_int_equal(run_child((const char *const[]){"remove", seeded[0], NULL}), 0);
    assert_rv(set(session, (CK_ATTRIBUTE)TEXT(CKA_VALUE, "x")), CKR_OBJECT_HANDLE_INVALID);
    assert_rv(p11->C_DestroyObject(session, object), CKR_OBJECT_HANDLE_INVALID);
    (void)p11->C_CopyObject(session, object, &label, 1, &copy);
    assert_int_equal(find_label(session, seeded[0]), 0);
}

#define writing(test) cmocka_unit_test_setup_teardown(test, with_writing, without_module)

static const struct CMUnitTest tests[] = {
    writing(setting_the_value_updates_the_secret),
    writing(an_invalid_value_cannot_be_set),
    writing(one_bad_entry_changes_nothing),
    writing(setting_compares_the_version),
    writing(a_read_only_session_changes_no_token_object),
    writing(a_copy_has_another_label),
    writing(a_copy_that_cannot_be_is_refused),
    writing(a_copy_may_be_a_session_object),
    writing(a_destroyed_secret_is_gone),
    writing(the_size_is_at_least_the_values),
    writing(a_secret_removed_by_another_process_is_not_revived),
};

const struct chapter change_chapter = CHAPTER("change", tests);
