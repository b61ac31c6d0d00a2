/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <stdio.h>
#include <string.h>

/* include/sideseat-pkcs11.h: the vendor attributes, and searches by scope. */

static void a_secret_tells_the_parts_of_its_key(void **state)
{
    static const char *const parts[SEEDED][3] = {{"global", "", "alpha"},
                                                 {"org", "acme", "api_key"},
                                                 {"project", "p1", "token"},
                                                 {"user", "u1", "personal_token"}};
    CK_SESSION_HANDLE session = open_ro();

    (void)state;
    for (size_t i = 0; i < SEEDED; i++) {
        CK_OBJECT_HANDLE object = find_label(session, seeded[i]);
        assert_string_equal(get_text(session, object, CKA_SIDESEAT_SCOPE, NULL), parts[i][0]);
        assert_string_equal(get_text(session, object, CKA_SIDESEAT_SCOPE_ID, NULL), parts[i][1]);
        assert_string_equal(get_text(session, object, CKA_SIDESEAT_NAME, NULL), parts[i][2]);
        assert_string_equal(get_text(session, object, CKA_SIDESEAT_BACKEND, NULL), suite.backend);
        assert_string_equal(get_text(session, object, CKA_SIDESEAT_STALE, NULL), "0");
    }
}

/* "2024-01-01T00:00:00.123Z": RFC 3339 in UTC. */
static void assert_time(const char *text)
{
    int year, month, day, hour, minute, second, at = 0;

    assert_int_equal(sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute,
                            &second, &at),
                     6);
    assert_int_equal(at, 19);
    assert_true(year > 2023);
    assert_int_equal(text[strlen(text) - 1], 'Z');
}

static void a_secret_tells_when_it_was_written(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE object = find_label(session, seeded[0]);

    (void)state;
    if (!suite.times) { /* the environment and the kernel keyring do not say */
        assert_string_equal(get_text(session, object, CKA_SIDESEAT_CREATED_AT, NULL), "");
        assert_string_equal(get_text(session, object, CKA_SIDESEAT_UPDATED_AT, NULL), "");
        return;
    }
    assert_time(get_text(session, object, CKA_SIDESEAT_CREATED_AT, NULL));
    assert_time(get_text(session, object, CKA_SIDESEAT_UPDATED_AT, NULL));
    assert_string_not_equal(get_text(session, object, CKA_SIDESEAT_VERSION, NULL), "0");
    assert_string_not_equal(get_text(session, object, CKA_SIDESEAT_VERSION, NULL), "");
}

static void restart(void)
{
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
}

/* The value, the time and the version, each NUL-terminated, in one call. */
static void get_three(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, char texts[3][128])
{
    CK_ATTRIBUTE template[] = {{CKA_VALUE, texts[0], 127},
                               {CKA_SIDESEAT_UPDATED_AT, texts[1], 127},
                               {CKA_SIDESEAT_VERSION, texts[2], 127}};

    assert_rv(p11->C_GetAttributeValue(session, object, template, 3), CKR_OK);
    for (size_t i = 0; i < 3; i++)
        texts[i][template[i].ulValueLen] = '\0';
}

/* The first value of a search fetches others ahead, and may leave out the rest that a look-up by
 * label has. */
static void a_search_and_a_look_up_give_the_same_attributes(void **state)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class_data)};
    CK_OBJECT_HANDLE objects[SEEDED];
    char expected[SEEDED][3][128];
    CK_SESSION_HANDLE session;

    (void)state;
    if (!suite.persistent)
        skip();
    restart();
    session = open_ro();
    for (size_t i = 0; i < SEEDED; i++)
        get_three(session, find_label(session, seeded[i]), expected[i]);
    restart();
    session = open_ro();
    assert_int_equal(find(session, template, 1, objects, SEEDED), SEEDED);
    (void)get_text(session, objects[0], CKA_VALUE, NULL);
    for (size_t i = 0; i < SEEDED; i++) {
        const char *label = get_text(session, objects[i], CKA_LABEL, NULL);
        char found[3][128];
        size_t at = 0;
        while (strcmp(seeded[at], label) != 0)
            assert_true(++at < SEEDED);
        get_three(session, objects[i], found);
        for (size_t part = 0; part < 3; part++)
            assert_string_equal(found[part], expected[at][part]);
    }
}

static CK_ULONG count_scope(CK_SESSION_HANDLE session, const char *scope, const char *id)
{
    CK_ATTRIBUTE template[] = {STRING(CKA_SIDESEAT_SCOPE, scope), {CKA_SIDESEAT_SCOPE_ID, NULL, 0}};

    if (id == NULL)
        return find(session, template, 1, NULL, 0);
    template[1].pValue = (char *)(uintptr_t)id;
    template[1].ulValueLen = strlen(id);
    return find(session, template, 2, NULL, 0);
}

static void a_scope_is_listed_by_its_parts(void **state)
{
    CK_SESSION_HANDLE session;

    (void)state;
    session = suite.writable ? open_rw() : open_ro();
    assert_int_equal(count_scope(session, "org", "acme"), 1);
    assert_int_equal(count_scope(session, "org", NULL), 1);
    assert_int_equal(count_scope(session, "org", "acm"), 0);
    assert_int_equal(count_scope(session, "org", ""), 0);
    assert_int_equal(count_scope(session, "global", NULL), 1);
    assert_int_equal(count_scope(session, "global", ""), 1);
    assert_int_equal(count_scope(session, "global", "acme"), 0);
    assert_int_equal(count_scope(session, "team", NULL), 0);
    assert_int_equal(count_scope(session, "", NULL), 0);
    assert_int_equal(count_scope(session, "org", "ac/me"), 0);
    if (!suite.writable)
        return;
    create_secret(session, "org/app/a", "1");
    create_secret(session, "org/app/b", "2");
    create_secret(session, "org/app-prod/a", "3");
    assert_int_equal(count_scope(session, "org", "app"), 2);
    assert_int_equal(count_scope(session, "org", "app-prod"), 1);
    create_secret(session, "org/app/folder/c", "4");
    assert_int_equal(count_scope(session, "org", "app"), 3);
    assert_int_equal(count_scope(session, "org", "app/folder"), 0);
    assert_int_equal(count_scope(session, "org", NULL), 5);
}

static void a_scope_and_a_name_find_one_secret(void **state)
{
    CK_ATTRIBUTE template[] = {TEXT(CKA_SIDESEAT_SCOPE, "org"), TEXT(CKA_SIDESEAT_SCOPE_ID, "acme"),
                               TEXT(CKA_SIDESEAT_NAME, "api_key")};
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE found = 0;

    (void)state;
    assert_int_equal(find(session, template, 3, &found, 1), 1);
    assert_int_equal(found, find_label(session, "org/acme/api_key"));
    assert_int_equal(find(session, template + 2, 1, &found, 1), 1);
    assert_int_equal(find(session, template + 1, 1, &found, 1), 1);
}

static CK_OBJECT_HANDLE fall_back(CK_SESSION_HANDLE session, const char *name, const char *scopes)
{
    CK_ATTRIBUTE template[] = {STRING(CKA_LABEL, name), STRING(CKA_SIDESEAT_FALLBACK, scopes),
                               VARIABLE(CKA_CLASS, class_data)};
    CK_OBJECT_HANDLE found = 0;

    assert_true(find(session, template, 3, &found, 1) <= 1);
    return found;
}

static void fallback_finds_the_first_that_exists(void **state)
{
    CK_SESSION_HANDLE session = open_ro();

    (void)state;
    assert_int_equal(fall_back(session, "alpha", "org/acme,global"),
                     find_label(session, "global/alpha"));
    assert_int_equal(fall_back(session, "api_key", "org/acme,global"),
                     find_label(session, "org/acme/api_key"));
    assert_int_equal(fall_back(session, "api_key", "global,org/other,org/acme"),
                     find_label(session, "org/acme/api_key"));
    assert_int_equal(fall_back(session, "api_key", "global"), 0);
    assert_int_equal(fall_back(session, "nobody", "org/acme,project/p1,user/u1,global"), 0);
}

static void fallback_takes_the_order_it_is_given(void **state)
{
    CK_SESSION_HANDLE session;

    (void)state;
    if (!suite.writable)
        skip();
    session = open_rw();
    create_secret(session, "org/acme/alpha", "org's");
    assert_string_equal(
        get_text(session, fall_back(session, "alpha", "org/acme,global"), CKA_VALUE, NULL),
        "org's");
    assert_string_equal(
        get_text(session, fall_back(session, "alpha", "global,org/acme"), CKA_VALUE, NULL),
        "value of global/alpha");
    assert_rv(p11->C_DestroyObject(session, find_label(session, "org/acme/alpha")), CKR_OK);
    assert_int_equal(fall_back(session, "alpha", "org/acme,global"),
                     find_label(session, "global/alpha"));
}

/* A global name does not contain '/': that scope cannot have it, and the search goes on. */
static void fallback_takes_a_name_with_a_slash(void **state)
{
    CK_ATTRIBUTE global_only[] = {TEXT(CKA_LABEL, "a/b"), TEXT(CKA_SIDESEAT_FALLBACK, "global")};
    CK_SESSION_HANDLE session;

    (void)state;
    if (!suite.writable)
        skip();
    session = open_rw();
    create_secret(session, "org/acme/a/b", "org's");
    assert_string_equal(
        get_text(session, fall_back(session, "a/b", "global,user/u1,org/acme"), CKA_VALUE, NULL),
        "org's");
    assert_int_equal(fall_back(session, "b", "org/acme,global"), 0);
    assert_rv(p11->C_FindObjectsInit(session, global_only, 2), CKR_ATTRIBUTE_VALUE_INVALID);
}

/* A search that cannot be meant is an error, not "nothing found". */
static void a_fallback_that_makes_no_sense_is_refused(void **state)
{
    static const char *const scopes[] = {"",    ",",       "team/a",        "global,",
                                         "org", "org/a/b", "global,,user/u"};
    CK_ATTRIBUTE alone = TEXT(CKA_SIDESEAT_FALLBACK, "global");
    CK_SESSION_HANDLE session = open_ro();

    (void)state;
    for (size_t i = 0; i < COUNT(scopes); i++) {
        CK_ATTRIBUTE template[] = {TEXT(CKA_LABEL, "alpha"),
                                   STRING(CKA_SIDESEAT_FALLBACK, scopes[i])};
        assert_rv(p11->C_FindObjectsInit(session, template, 2), CKR_ATTRIBUTE_VALUE_INVALID);
    }
    assert_true(p11->C_FindObjectsInit(session, &alone, 1) != CKR_OK);
    assert_rv(p11->C_FindObjectsInit(session, NULL, 0), CKR_OK);
}

/* Where nothing is lost there is nothing to accept, and only a person's plain yes is one. */
static void accept_loss_is_set_on_the_status_only(void **state)
{
    CK_OBJECT_CLASS class = CKO_SIDESEAT_STATUS;
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class)};
    CK_ATTRIBUTE accept = TEXT(CKA_SIDESEAT_ACCEPT_LOSS, "1");
    CK_ATTRIBUTE other = TEXT(CKA_SIDESEAT_ACCEPT_LOSS, "yes");
    CK_ATTRIBUTE label = TEXT(CKA_LABEL, "x");
    CK_ATTRIBUTE read = {CKA_SIDESEAT_ACCEPT_LOSS, NULL, 0};
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE status;

    (void)state;
    assert_int_equal(find(session, template, 1, &status, 1), 1);
    assert_rv(p11->C_GetAttributeValue(session, status, &read, 1), CKR_ATTRIBUTE_TYPE_INVALID);
    if (!suite.writable)
        skip();
    assert_rv(p11->C_SetAttributeValue(session, status, &accept, 1), CKR_SESSION_READ_ONLY);
    session = open_rw();
    assert_rv(p11->C_SetAttributeValue(session, status, &other, 1), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_rv(p11->C_SetAttributeValue(session, status, &label, 1), CKR_ACTION_PROHIBITED);
    assert_rv(p11->C_SetAttributeValue(session, status, &accept, 1), CKR_OK);
    assert_rv(p11->C_SetAttributeValue(session, find_label(session, "global/alpha"), &accept, 1),
              CKR_ATTRIBUTE_TYPE_INVALID);
    assert_int_equal(find(session, NULL, 0, NULL, 0), SEEDED);
}

/* Where nothing locks, a caller is told so, and everything stays readable. */
static void lock_is_set_on_the_status_only(void **state)
{
    CK_OBJECT_CLASS class = CKO_SIDESEAT_STATUS;
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class)};
    CK_ATTRIBUTE lock[] = {TEXT(CKA_SIDESEAT_LOCK, "1"), TEXT(CKA_SIDESEAT_LOCK, "1")};
    CK_ATTRIBUTE other = TEXT(CKA_SIDESEAT_LOCK, "0");
    CK_ATTRIBUTE read = {CKA_SIDESEAT_LOCK, NULL, 0};
    CK_SESSION_HANDLE session = open_ro();
    bool locks =
        strcmp(suite.backend, "secret-service") == 0 || strcmp(suite.backend, "keychain") == 0;
    CK_OBJECT_HANDLE status;

    (void)state;
    assert_int_equal(find(session, template, 1, &status, 1), 1);
    assert_rv(p11->C_GetAttributeValue(session, status, &read, 1), CKR_ATTRIBUTE_TYPE_INVALID);
    assert_rv(p11->C_SetAttributeValue(session, status, &other, 1), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_true(p11->C_SetAttributeValue(session, status, lock, 2) != CKR_OK);
    if (!locks)
        assert_rv(p11->C_SetAttributeValue(session, status, lock, 1), CKR_FUNCTION_NOT_SUPPORTED);
    assert_int_equal(find(session, NULL, 0, NULL, 0), SEEDED);
}

/* The one status object per token is found by its class only. */
static void the_status_is_found_by_its_class_only(void **state)
{
    CK_OBJECT_CLASS class = CKO_SIDESEAT_STATUS;
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class)};
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE status;
    const char *json;

    (void)state;
    assert_int_equal(find(session, template, 1, &status, 1), 1);
    json = get_text(session, status, CKA_SIDESEAT_STATUS, NULL);
    assert_int_equal(json[0], '{');
    assert_non_null(strstr(json, suite.backend));
    assert_null(strstr(json, "value of"));
    assert_null(strstr(json, "\"findings\""));
    json = get_text(session, status, CKA_SIDESEAT_DIAGNOSIS, NULL);
    assert_non_null(strstr(json, "\"findings\":[{\"what\":\"module\",\"ok\":true"));
    assert_null(strstr(json, "value of"));
    assert_int_equal(find(session, NULL, 0, NULL, 0), SEEDED);
}

static const struct CMUnitTest tests[] = {
    with_seed(a_secret_tells_the_parts_of_its_key),
    with_seed(a_secret_tells_when_it_was_written),
    with_seed(a_search_and_a_look_up_give_the_same_attributes),
    with_seed(a_scope_is_listed_by_its_parts),
    with_seed(a_scope_and_a_name_find_one_secret),
    with_seed(fallback_finds_the_first_that_exists),
    with_seed(fallback_takes_the_order_it_is_given),
    with_seed(fallback_takes_a_name_with_a_slash),
    with_seed(a_fallback_that_makes_no_sense_is_refused),
    with_seed(accept_loss_is_set_on_the_status_only),
    with_seed(lock_is_set_on_the_status_only),
    with_seed(the_status_is_found_by_its_class_only),
};

const struct chapter vendor_chapter = CHAPTER("vendor", tests);
