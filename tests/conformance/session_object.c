/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Session objects: data of the application's own, in memory, also where the token is read-only. */

static CK_OBJECT_HANDLE create(CK_SESSION_HANDLE session, const char *label, const char *value)
{
    CK_ATTRIBUTE template[] = {
        VARIABLE(CKA_CLASS, class_data), VARIABLE(CKA_TOKEN, no),
        STRING(CKA_LABEL, label),        STRING(CKA_VALUE, value),
        TEXT(CKA_APPLICATION, "test"),   TEXT(CKA_OBJECT_ID, "\x06\x01\x2a")};
    CK_OBJECT_HANDLE object = 0;

    assert_rv(p11->C_CreateObject(session, template, COUNT(template), &object), CKR_OK);
    return object;
}

/* 4.4: session objects may be made in a read-only session. */
static void any_label_and_attribute_is_kept(void **state)
{
    static const char *const labels[] = {"", "a/b/c", "global/alpha", "\xff\xfe", "a label\n"};
    CK_SESSION_HANDLE session = open_ro();

    (void)state;
    for (size_t i = 0; i < COUNT(labels); i++) {
        CK_OBJECT_HANDLE object = create(session, labels[i], "value");
        assert_string_equal(get_text(session, object, CKA_LABEL, NULL), labels[i]);
        assert_string_equal(get_text(session, object, CKA_VALUE, NULL), "value");
        assert_string_equal(get_text(session, object, CKA_APPLICATION, NULL), "test");
        assert_string_equal(get_text(session, object, CKA_OBJECT_ID, NULL), "\x06\x01\x2a");
        assert_int_equal(get_bool(session, object, CKA_TOKEN), CK_FALSE);
        assert_int_equal(get_bool(session, object, CKA_MODIFIABLE), CK_TRUE);
    }
    expect_secret(open_ro(), "org/acme/api_key", "value of org/acme/api_key");
}

static void token_is_false_unless_said(void **state)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class_data), TEXT(CKA_LABEL, "x"),
                               TEXT(CKA_VALUE, "y")};
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE object;

    (void)state;
    assert_rv(p11->C_CreateObject(session, template, COUNT(template), &object), CKR_OK);
    assert_int_equal(get_bool(session, object, CKA_TOKEN), CK_FALSE);
}

/* 4.4: visible to all sessions of the application with the token; it ends with the session that
 * made it. */
static void they_live_as_long_as_their_session(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_SESSION_HANDLE other = open_ro();
    CK_OBJECT_HANDLE object = create(session, "mine", "value");
    CK_ATTRIBUTE mine[] = {TEXT(CKA_LABEL, "mine"), VARIABLE(CKA_TOKEN, no)};
    CK_ATTRIBUTE label = {CKA_LABEL, NULL, 0};
    CK_OBJECT_HANDLE found = 0;

    (void)state;
    assert_int_equal(find(other, mine, 2, &found, 1), 1);
    assert_int_equal(found, object);
    assert_rv(p11->C_GetAttributeValue(other, object, &label, 1), CKR_OK);
    assert_rv(p11->C_CloseSession(session), CKR_OK);
    assert_int_equal(find(other, mine, 2, &found, 1), 0);
    assert_rv(p11->C_GetAttributeValue(other, object, &label, 1), CKR_OBJECT_HANDLE_INVALID);
}

static void searches_tell_them_from_secrets(void **state)
{
    CK_ATTRIBUTE on_token[] = {VARIABLE(CKA_TOKEN, yes)};
    CK_ATTRIBUTE in_session[] = {VARIABLE(CKA_TOKEN, no)};
    CK_ATTRIBUTE by_application[] = {TEXT(CKA_APPLICATION, "test")};
    CK_SESSION_HANDLE session = open_ro();

    (void)state;
    create(session, "one", "1");
    create(session, "two", "2");
    assert_int_equal(find(session, on_token, 1, NULL, 0), SEEDED);
    assert_int_equal(find(session, in_session, 1, NULL, 0), 2);
    assert_int_equal(find(session, by_application, 1, NULL, 0), 2);
    assert_int_equal(find(session, NULL, 0, NULL, 0), SEEDED + 2);
}

static void they_may_be_changed_and_destroyed(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE object = create(session, "mine", "value");
    CK_ATTRIBUTE value[] = {TEXT(CKA_VALUE, "another"), TEXT(CKA_LABEL, "renamed")};
    CK_ATTRIBUTE label = {CKA_LABEL, NULL, 0};

    (void)state;
    assert_rv(p11->C_SetAttributeValue(session, object, value, 2), CKR_OK);
    assert_string_equal(get_text(session, object, CKA_VALUE, NULL), "another");
    assert_string_equal(get_text(session, object, CKA_LABEL, NULL), "renamed");
    assert_rv(p11->C_DestroyObject(session, object), CKR_OK);
    assert_rv(p11->C_GetAttributeValue(session, object, &label, 1), CKR_OBJECT_HANDLE_INVALID);
}

/* 4.4: "if CKA_MODIFIABLE is CK_FALSE … CKR_ACTION_PROHIBITED", and so on for the other two. */
static void a_call_that_the_attributes_forbid_is_refused(void **state)
{
    CK_ATTRIBUTE template[] = {
        VARIABLE(CKA_CLASS, class_data), TEXT(CKA_LABEL, "fixed"),   TEXT(CKA_VALUE, "y"),
        VARIABLE(CKA_MODIFIABLE, no),    VARIABLE(CKA_COPYABLE, no), VARIABLE(CKA_DESTROYABLE, no)};
    CK_SESSION_HANDLE session = open_ro();
    CK_ATTRIBUTE value = TEXT(CKA_VALUE, "z");
    CK_OBJECT_HANDLE object;
    CK_OBJECT_HANDLE copy;

    (void)state;
    assert_rv(p11->C_CreateObject(session, template, COUNT(template), &object), CKR_OK);
    assert_rv(p11->C_SetAttributeValue(session, object, &value, 1), CKR_ACTION_PROHIBITED);
    assert_rv(p11->C_CopyObject(session, object, NULL, 0, &copy), CKR_ACTION_PROHIBITED);
    assert_rv(p11->C_DestroyObject(session, object), CKR_ACTION_PROHIBITED);
    assert_string_equal(get_text(session, object, CKA_VALUE, NULL), "y");
}

/* 5.6.10: private session objects end with C_Logout. */
static void logout_ends_the_private_ones(void **state)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class_data), TEXT(CKA_LABEL, "x"),
                               TEXT(CKA_VALUE, "y"), VARIABLE(CKA_PRIVATE, yes)};
    CK_SESSION_HANDLE session = open_ro();
    CK_ATTRIBUTE label = {CKA_LABEL, NULL, 0};
    CK_OBJECT_HANDLE private;
    CK_OBJECT_HANDLE public;

    (void)state;
    assert_rv(p11->C_CreateObject(session, template, 4, &private), CKR_OK);
    template[3] = (CK_ATTRIBUTE)VARIABLE(CKA_PRIVATE, no);
    assert_rv(p11->C_CreateObject(session, template, 4, &public), CKR_OK);
    assert_rv(p11->C_Logout(session), CKR_OK);
    assert_rv(p11->C_GetAttributeValue(session, private, &label, 1), CKR_OBJECT_HANDLE_INVALID);
    assert_rv(p11->C_GetAttributeValue(session, public, &label, 1), CKR_OK);
}

/* 5.7.2: of one session object another one, and nothing else is asked for or changed. */
static void a_copy_is_another_object(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE object = create(session, "mine", "value");
    CK_ATTRIBUTE label = TEXT(CKA_LABEL, "yours");
    CK_OBJECT_HANDLE copy = 0;

    (void)state;
    assert_rv(p11->C_CopyObject(session, object, &label, 1, &copy), CKR_OK);
    assert_string_equal(get_text(session, copy, CKA_LABEL, NULL), "yours");
    assert_string_equal(get_text(session, copy, CKA_VALUE, NULL), "value");
    assert_rv(p11->C_DestroyObject(session, object), CKR_OK);
    assert_string_equal(get_text(session, copy, CKA_VALUE, NULL), "value");
}

/* 3.1, 4.4.1: an object never gets the CKA_UNIQUE_ID of an earlier one. */
static void a_unique_id_does_not_come_back(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE object = create(session, "first", "value");
    char first[128];
    char second[128];

    (void)state;
    strcpy(first, get_text(session, object, CKA_UNIQUE_ID, NULL));
    assert_rv(p11->C_DestroyObject(session, object), CKR_OK);
    object = create(session, "second", "value");
    strcpy(second, get_text(session, object, CKA_UNIQUE_ID, NULL));
    assert_string_not_equal(second, first);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    session = open_ro();
    for (int i = 0; i < 8; i++) {
        object = create(session, "later", "value");
        assert_string_not_equal(get_text(session, object, CKA_UNIQUE_ID, NULL), first);
        assert_string_not_equal(get_text(session, object, CKA_UNIQUE_ID, NULL), second);
    }
}

/* Processor time, on Windows the time of day, in seconds, of destroying `count` objects in the
 * order they were made in. */
static double destroy_in_order(CK_SESSION_HANDLE session, size_t count)
{
    CK_OBJECT_HANDLE *objects = calloc(count, sizeof *objects);
    clock_t start;

    assert_non_null(objects);
    for (size_t i = 0; i < count; i++)
        objects[i] = create(session, "one of many", "value");
    start = clock();
    for (size_t i = 0; i < count; i++)
        assert_rv(p11->C_DestroyObject(session, objects[i]), CKR_OK);
    free(objects);
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

/* Eight times as many take eight times as long, not sixty-four times, at least once in a few
 * attempts, as other programs take time, too. */
static void destroying_many_takes_no_longer_for_each(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    bool kept = false;

    (void)state;
    for (int i = 0; i < 5 && !kept; i++) {
        double few = destroy_in_order(session, 5000);
        kept = destroy_in_order(session, 40000) < 24 * few;
    }
    assert_true(kept);
}

static const struct CMUnitTest tests[] = {
    with_seed(any_label_and_attribute_is_kept),
    with_seed(token_is_false_unless_said),
    with_seed(they_live_as_long_as_their_session),
    with_seed(searches_tell_them_from_secrets),
    with_seed(they_may_be_changed_and_destroyed),
    with_seed(a_call_that_the_attributes_forbid_is_refused),
    with_seed(logout_ends_the_private_ones),
    with_seed(a_copy_is_another_object),
    with_seed(a_unique_id_does_not_come_back),
    with_seed(destroying_many_takes_no_longer_for_each),
};

const struct chapter session_object_chapter = CHAPTER("session-object", tests);
