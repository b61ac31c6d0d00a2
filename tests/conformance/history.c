/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <stdio.h>
#include <string.h>

/* include/sideseat-pkcs11.h: the versions that a store keeps. */

#define KEY "org/acme/rotated"

static CK_ULONG find_history(CK_SESSION_HANDLE session, const char *label,
                             CK_OBJECT_HANDLE versions[8])
{
    CK_ATTRIBUTE template[] = {STRING(CKA_LABEL, label), TEXT(CKA_SIDESEAT_HISTORY, "1")};

    return find(session, template, COUNT(template), versions, 8);
}

static bool keeps_versions(void)
{
    return strcmp(suite.backend, "memory") == 0 || strcmp(suite.backend, "vault") == 0 ||
           strcmp(suite.backend, "aws") == 0;
}

/* A session, and the secret KEY with the values "one", "two" and "three". */
static CK_SESSION_HANDLE with_three(void)
{
    CK_SESSION_HANDLE session;

    if (!keeps_versions())
        skip();
    session = open_rw();
    create_secret(session, KEY, "one");
    create_secret(session, KEY, "two");
    create_secret(session, KEY, "three");
    return session;
}

static CK_RV set_text(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                      const char *text)
{
    CK_ATTRIBUTE template[] = {STRING(type, text)};

    return p11->C_SetAttributeValue(session, object, template, 1);
}

static void a_store_without_versions_says_so(void **state)
{
    CK_ATTRIBUTE template[] = {STRING(CKA_LABEL, seeded[0]), TEXT(CKA_SIDESEAT_HISTORY, "1")};
    CK_SESSION_HANDLE session = open_ro();

    (void)state;
    if (keeps_versions())
        skip();
    assert_rv(p11->C_FindObjectsInit(session, template, COUNT(template)),
              CKR_FUNCTION_NOT_SUPPORTED);
    assert_true(find_label(session, seeded[0]) != 0);
}

static void a_history_needs_one_key(void **state)
{
    CK_ATTRIBUTE none[] = {TEXT(CKA_SIDESEAT_HISTORY, "1")};
    CK_ATTRIBUTE wrong[] = {STRING(CKA_LABEL, seeded[0]), TEXT(CKA_SIDESEAT_HISTORY, "yes")};
    CK_ATTRIBUTE fallback[] = {TEXT(CKA_LABEL, "alpha"), TEXT(CKA_SIDESEAT_FALLBACK, "global"),
                               TEXT(CKA_SIDESEAT_HISTORY, "1")};
    CK_SESSION_HANDLE session = open_ro();

    (void)state;
    assert_rv(p11->C_FindObjectsInit(session, none, 1), CKR_TEMPLATE_INCONSISTENT);
    assert_rv(p11->C_FindObjectsInit(session, wrong, 2), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_rv(p11->C_FindObjectsInit(session, fallback, 3), CKR_TEMPLATE_INCONSISTENT);
}

static void versions_are_found_the_newest_first(void **state)
{
    static const char *const values[] = {"three", "two", "one"};
    CK_SESSION_HANDLE session = with_three();
    CK_OBJECT_HANDLE versions[8];
    CK_OBJECT_HANDLE secret = find_label(session, KEY);

    (void)state;
    assert_int_equal(find_history(session, KEY, versions), 3);
    for (size_t i = 0; i < 3; i++) {
        char number[] = {(char)('3' - i), '\0'};

        assert_string_equal(get_text(session, versions[i], CKA_VALUE, NULL), values[i]);
        assert_string_equal(get_text(session, versions[i], CKA_LABEL, NULL), KEY);
        assert_string_equal(get_text(session, versions[i], CKA_SIDESEAT_NAME, NULL), "rotated");
        assert_string_equal(get_text(session, versions[i], CKA_SIDESEAT_VERSION_NUMBER, NULL),
                            number);
        assert_string_equal(get_text(session, versions[i], CKA_SIDESEAT_VERSION_STATE, NULL),
                            i == 0 ? "current" : "old");
        assert_string_equal(get_text(session, versions[i], CKA_SIDESEAT_RECOVERABLE_UNTIL, NULL),
                            "");
        assert_string_not_equal(get_text(session, versions[i], CKA_SIDESEAT_CREATED_AT, NULL), "");
        assert_string_equal(get_text(session, versions[i], CKA_SIDESEAT_DESTROY_ALL, NULL), "1");
        assert_int_equal(get_bool(session, versions[i], CKA_TOKEN), CK_FALSE);
        assert_int_equal(get_bool(session, versions[i], CKA_PRIVATE), CK_TRUE);
        assert_int_equal(get_bool(session, versions[i], CKA_MODIFIABLE), CK_FALSE);
        assert_rv(p11->C_DestroyObject(session, versions[i]), CKR_ACTION_PROHIBITED);
    }
    assert_string_equal(get_text(session, versions[0], CKA_SIDESEAT_VERSION, NULL),
                        get_text(session, secret, CKA_SIDESEAT_VERSION, NULL));
    assert_string_not_equal(get_text(session, versions[0], CKA_UNIQUE_ID, NULL),
                            get_text(session, versions[1], CKA_UNIQUE_ID, NULL));
    assert_int_equal(find_history(session, "org/acme/none", versions), 0);
}

static void a_template_narrows_a_history(void **state)
{
    CK_SESSION_HANDLE session = with_three();
    CK_ATTRIBUTE template[] = {TEXT(CKA_LABEL, KEY), TEXT(CKA_SIDESEAT_HISTORY, "1"),
                               TEXT(CKA_SIDESEAT_VERSION_NUMBER, "2"),
                               VARIABLE(CKA_CLASS, class_data)};
    CK_OBJECT_HANDLE versions[8];

    (void)state;
    assert_int_equal(find(session, template, COUNT(template), versions, 8), 1);
    assert_string_equal(get_text(session, versions[0], CKA_VALUE, NULL), "two");
}

static void other_searches_do_not_find_versions(void **state)
{
    CK_SESSION_HANDLE session = with_three();
    CK_ATTRIBUTE data[] = {VARIABLE(CKA_CLASS, class_data), TEXT(CKA_LABEL, KEY)};
    CK_OBJECT_HANDLE versions[8];
    CK_OBJECT_HANDLE again[8];

    (void)state;
    assert_int_equal(find_history(session, KEY, versions), 3);
    assert_int_equal(find(session, data, COUNT(data), again, 8), 1);
    assert_int_equal(get_bool(session, again[0], CKA_TOKEN), CK_TRUE);
    /* the next search for a history ends these objects */
    assert_int_equal(find_history(session, KEY, again), 3);
    assert_rv(set_text(session, versions[0], CKA_SIDESEAT_VERSION_STATE, "deleted"),
              CKR_OBJECT_HANDLE_INVALID);
}

static void an_old_value_is_set_again_by_compare_and_set(void **state)
{
    CK_SESSION_HANDLE session = with_three();
    CK_OBJECT_HANDLE secret = find_label(session, KEY);
    CK_OBJECT_HANDLE versions[8];
    char current[128];
    char old[128];

    (void)state;
    assert_int_equal(find_history(session, KEY, versions), 3);
    snprintf(current, sizeof current, "%s",
             get_text(session, versions[0], CKA_SIDESEAT_VERSION, NULL));
    snprintf(old, sizeof old, "%s", get_text(session, versions[2], CKA_SIDESEAT_VERSION, NULL));
    {
        CK_ATTRIBUTE stale[] = {TEXT(CKA_VALUE, "one"), STRING(CKA_SIDESEAT_VERSION, old)};
        CK_ATTRIBUTE back[] = {TEXT(CKA_VALUE, "one"), STRING(CKA_SIDESEAT_VERSION, current)};

        assert_rv(p11->C_SetAttributeValue(session, secret, stale, 2), CKR_SIDESEAT_CONFLICT);
        assert_rv(p11->C_SetAttributeValue(session, secret, back, 2), CKR_OK);
    }
    expect_secret(session, KEY, "one");
}

static void a_deleted_secret_is_brought_back(void **state)
{
    CK_SESSION_HANDLE session = with_three();
    CK_OBJECT_HANDLE versions[8];
    CK_ATTRIBUTE value = {CKA_VALUE, NULL, 0};

    (void)state;
    assert_int_equal(find_history(session, KEY, versions), 3);
    assert_rv(set_text(session, versions[1], CKA_SIDESEAT_VERSION_STATE, "deleted"),
              CKR_ATTRIBUTE_VALUE_INVALID);
    assert_rv(set_text(session, versions[0], CKA_SIDESEAT_VERSION_STATE, "new"),
              CKR_ATTRIBUTE_VALUE_INVALID);
    assert_rv(set_text(session, versions[0], CKA_VALUE, "four"), CKR_ATTRIBUTE_READ_ONLY);
    assert_rv(set_text(session, versions[0], CKA_SIDESEAT_VERSION_STATE, "deleted"), CKR_OK);
    assert_int_equal(find_label(session, KEY), 0);

    assert_int_equal(find_history(session, KEY, versions), 3);
    assert_string_equal(get_text(session, versions[0], CKA_SIDESEAT_VERSION_STATE, NULL),
                        "deleted");
    assert_rv(p11->C_GetAttributeValue(session, versions[0], &value, 1), CKR_SIDESEAT_NO_VALUE);
    assert_rv(set_text(session, versions[0], CKA_SIDESEAT_VERSION_STATE, "current"), CKR_OK);
    expect_secret(session, KEY, "three");
}

static void all_versions_are_destroyed(void **state)
{
    CK_SESSION_HANDLE session = with_three();
    CK_OBJECT_HANDLE versions[8];

    (void)state;
    assert_int_equal(find_history(session, KEY, versions), 3);
    assert_rv(set_text(session, versions[2], CKA_SIDESEAT_DESTROY_ALL, "yes"),
              CKR_ATTRIBUTE_VALUE_INVALID);
    assert_rv(set_text(session, versions[2], CKA_SIDESEAT_DESTROY_ALL, "1"), CKR_OK);
    assert_int_equal(find_label(session, KEY), 0);
    assert_int_equal(find_history(session, KEY, versions), 0);
}

static void a_reader_changes_no_version(void **state)
{
    CK_SESSION_HANDLE writer = with_three();
    CK_SESSION_HANDLE reader = open_ro();
    CK_OBJECT_HANDLE versions[8];

    (void)state;
    assert_int_equal(find_history(reader, KEY, versions), 3);
    assert_rv(set_text(reader, versions[0], CKA_SIDESEAT_VERSION_STATE, "deleted"),
              CKR_SESSION_READ_ONLY);
    assert_rv(set_text(reader, versions[0], CKA_SIDESEAT_DESTROY_ALL, "1"), CKR_SESSION_READ_ONLY);
    expect_secret(writer, KEY, "three");
}

static const struct CMUnitTest tests[] = {
    with_seed(a_store_without_versions_says_so),
    with_seed(a_history_needs_one_key),
    open_library(versions_are_found_the_newest_first),
    open_library(a_template_narrows_a_history),
    open_library(other_searches_do_not_find_versions),
    open_library(an_old_value_is_set_again_by_compare_and_set),
    open_library(a_deleted_secret_is_brought_back),
    open_library(all_versions_are_destroyed),
    open_library(a_reader_changes_no_version),
};
const struct chapter history_chapter = CHAPTER("history", tests);
