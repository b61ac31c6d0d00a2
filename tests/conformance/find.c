/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <string.h>

#include "tests/conformance/place.h"

/* 5.7.7 to 5.7.9: C_FindObjectsInit, C_FindObjects, C_FindObjectsFinal. */

static void an_empty_template_finds_every_secret(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE objects[16];
    CK_ULONG count = find(session, NULL, 0, objects, COUNT(objects));
    bool found[SEEDED] = {false};

    (void)state;
    assert_int_equal(count, SEEDED);
    for (CK_ULONG i = 0; i < count; i++)
        for (size_t j = 0; j < SEEDED; j++)
            if (strcmp(get_text(session, objects[i], CKA_LABEL, NULL), seeded[j]) == 0)
                found[j] = true;
    for (size_t j = 0; j < SEEDED; j++)
        assert_true(found[j]);
}

/* 5.7.7: "all attributes … match exactly": with the object's own value of any attribute the object
 * is found, with another one it is not. */
static void every_attribute_narrows_a_search(void **state)
{
    static const CK_ATTRIBUTE_TYPE types[] = {
        CKA_CLASS,
        CKA_TOKEN,
        CKA_PRIVATE,
        CKA_MODIFIABLE,
        CKA_COPYABLE,
        CKA_DESTROYABLE,
        CKA_LABEL,
        CKA_APPLICATION,
        CKA_OBJECT_ID,
        CKA_VALUE,
        CKA_UNIQUE_ID,
        CKA_SIDESEAT_SCOPE,
        CKA_SIDESEAT_NAME,
        CKA_SIDESEAT_SCOPE_ID,
        CKA_SIDESEAT_BACKEND,
        CKA_SIDESEAT_CREATED_AT,
        CKA_SIDESEAT_UPDATED_AT,
    };
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE object = find_label(session, seeded[1]);

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        CK_ATTRIBUTE template[] = {{types[i], NULL, 0}, STRING(CKA_LABEL, seeded[1])};
        CK_OBJECT_HANDLE found = 0;
        CK_ULONG len;
        char *value = (char *)(uintptr_t)get_text(session, object, types[i], &len);
        CK_ULONG with = types[i] == CKA_LABEL ? 1 : 2;
        template[0].pValue = value;
        template[0].ulValueLen = len;
        assert_int_equal(find(session, template, with, &found, 1), 1);
        assert_int_equal(found, object);
        if (len > 0) { /* another value of the same length */
            value[0] ^= 1;
            assert_int_equal(find(session, template, with, NULL, 0), 0);
            value[0] ^= 1;
        }
        if (types[i] == CKA_CLASS || len == sizeof(CK_BBOOL))
            continue;
        template[0].ulValueLen = len + 1; /* a longer one: get_text ends it by a NUL */
        assert_int_equal(find(session, template, with, NULL, 0), 0);
        template[0].ulValueLen = len == 0 ? 1 : len - 1;
        assert_int_equal(find(session, template, with, NULL, 0), 0);
    }
}

static void an_empty_attribute_matches_an_empty_value(void **state)
{
    CK_ATTRIBUTE object_id[] = {VARIABLE(CKA_CLASS, class_data), {CKA_OBJECT_ID, NULL, 0}};
    CK_ATTRIBUTE label[] = {{CKA_LABEL, NULL, 0}};
    CK_SESSION_HANDLE session = open_ro();

    (void)state;
    assert_int_equal(find(session, object_id, 2, NULL, 0), SEEDED);
    assert_int_equal(find(session, label, 1, NULL, 0), 0);
}

/* A bare name stands for a global secret. */
static void a_bare_name_is_searched_for_as_global(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE object = find_label(session, "alpha");

    (void)state;
    assert_true(object != 0);
    assert_int_equal(find_label(session, "global/alpha"), object);
    assert_string_equal(get_text(session, object, CKA_LABEL, NULL), "global/alpha");
    assert_int_equal(find_label(session, "api_key"), 0);
}

static void an_invalid_key_is_simply_absent(void **state)
{
    static const char *const labels[] = {
        "",        "/",         "org/acme", "org/acme/",     "org//name",    "team/a/b",
        "a/b/c/d", "global/\n", "\xff\xfe", "global/alpha/", "GLOBAL/ALPHA", "org/acme/a\n/b"};
    CK_SESSION_HANDLE session = open_ro();
    char longest[2000];

    (void)state;
    for (size_t i = 0; i < COUNT(labels); i++)
        assert_int_equal(find_label(session, labels[i]), 0);
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(find_label(session, longest), 0);
}

/* NSS, Java and pkcs11-provider ask for these on every token. */
static void other_classes_are_not_here(void **state)
{
    CK_OBJECT_CLASS classes[] = {CKO_CERTIFICATE, CKO_PUBLIC_KEY,        CKO_PRIVATE_KEY,
                                 CKO_HW_FEATURE,  CKO_DOMAIN_PARAMETERS, CKO_MECHANISM,
                                 0xce534353UL /* NSS trust */};
    CK_SESSION_HANDLE session = open_ro();

    (void)state;
    for (size_t i = 0; i < COUNT(classes); i++) {
        CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, classes[i]), VARIABLE(CKA_TOKEN, yes),
                                   TEXT(CKA_ID, "id"), TEXT(CKA_ISSUER, "issuer")};
        for (CK_ULONG count = 1; count <= COUNT(template); count++)
            assert_int_equal(find(session, template, count, NULL, 0), 0);
    }
}

static void attributes_that_no_secret_has_match_none(void **state)
{
    CK_ATTRIBUTE issuer[] = {TEXT(CKA_ISSUER, "issuer")};
    CK_ATTRIBUTE both[] = {VARIABLE(CKA_CLASS, class_data), {CKA_ISSUER, NULL, 0}};
    CK_ATTRIBUTE token[] = {VARIABLE(CKA_TOKEN, no)};
    CK_ATTRIBUTE public[] = {VARIABLE(CKA_CLASS, class_data), VARIABLE(CKA_PRIVATE, no)};
    CK_SESSION_HANDLE session = open_ro();

    (void)state;
    assert_int_equal(find(session, issuer, 1, NULL, 0), 0);
    assert_int_equal(find(session, both, 2, NULL, 0), 0);
    assert_int_equal(find(session, token, 1, NULL, 0), 0);
    assert_int_equal(find(session, public, 2, NULL, 0), 0);
}

/* 5.7.7 and 5.7.8: CKR_OPERATION_ACTIVE and CKR_OPERATION_NOT_INITIALIZED. */
static void there_is_one_search_at_a_time(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_SESSION_HANDLE other = open_ro();
    CK_OBJECT_HANDLE object;
    CK_ULONG n;

    (void)state;
    assert_rv(p11->C_FindObjects(session, &object, 1, &n), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_FindObjectsFinal(session), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_FindObjectsInit(session, NULL, 0), CKR_OK);
    assert_rv(p11->C_FindObjectsInit(session, NULL, 0), CKR_OPERATION_ACTIVE);
    assert_rv(p11->C_FindObjectsInit(other, NULL, 0), CKR_OK);
    assert_rv(p11->C_FindObjects(session, &object, 1, &n), CKR_OK);
    assert_int_equal(n, 1);
    assert_rv(p11->C_FindObjectsFinal(session), CKR_OK);
    assert_rv(p11->C_FindObjectsFinal(session), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_FindObjects(other, &object, 1, &n), CKR_OK);
    assert_rv(p11->C_FindObjectsFinal(other), CKR_OK);
}

static void arguments_are_checked(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_ATTRIBUTE bad = {CKA_LABEL, NULL, 5};
    CK_OBJECT_HANDLE object;
    CK_ULONG n;

    (void)state;
    assert_rv(p11->C_FindObjectsInit(session, NULL, 1), CKR_ARGUMENTS_BAD);
    assert_true(p11->C_FindObjectsInit(session, &bad, 1) != CKR_OK);
    assert_rv(p11->C_FindObjects(session, &object, 1, &n), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_FindObjectsInit(session, NULL, 0), CKR_OK); /* a failed one leaves none */
    assert_rv(p11->C_FindObjects(session, NULL, 1, &n), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_FindObjects(session, &object, 1, NULL), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_FindObjectsFinal(session), CKR_OK);
}

/* pkcs11-tool asks for one object at a time. */
static void one_by_one_gives_each_once_and_then_none(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE seen[SEEDED];
    CK_OBJECT_HANDLE object;
    CK_ULONG n;

    (void)state;
    assert_rv(p11->C_FindObjectsInit(session, NULL, 0), CKR_OK);
    for (size_t i = 0; i < SEEDED; i++) {
        assert_rv(p11->C_FindObjects(session, &object, 1, &n), CKR_OK);
        assert_int_equal(n, 1);
        for (size_t j = 0; j < i; j++)
            assert_true(seen[j] != object);
        seen[i] = object;
    }
    for (int i = 0; i < 3; i++) {
        n = 77;
        assert_rv(p11->C_FindObjects(session, &object, 1, &n), CKR_OK);
        assert_int_equal(n, 0);
    }
    assert_rv(p11->C_FindObjectsFinal(session), CKR_OK);
}

/* 2.2: "a handle … the same object has the same handle in every session" while it is there. */
static void every_search_gives_the_same_handle(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_SESSION_HANDLE other = open_ro();
    CK_OBJECT_HANDLE object = find_label(session, seeded[2]);

    (void)state;
    assert_int_equal(find_label(session, seeded[2]), object);
    assert_int_equal(find_label(other, seeded[2]), object);
    assert_rv(p11->C_CloseSession(session), CKR_OK);
    assert_int_equal(find_label(other, seeded[2]), object);
    assert_string_equal(get_text(other, object, CKA_LABEL, NULL), seeded[2]);
}

/* GnuTLS has room for 128 bytes of label, so that a longer one is found by its CKA_ID. */
static void long_labels_have_an_id(void **state)
{
    CK_ATTRIBUTE id = {CKA_ID, NULL, 0};
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE found;
    CK_OBJECT_HANDLE object;
    char label[256];

    (void)state;
    if (!suite.writable || !place_takes_long_keys(suite.place))
        skip();
    session = open_rw();
    for (size_t len = 127; len <= 255; len += 64) {
        memset(label, 'x', len);
        memcpy(label, "org/acme/", 9);
        label[len] = '\0';
        object = create_secret(session, label, "long");
        id.pValue = NULL;
        if (len <= 127) {
            assert_rv(p11->C_GetAttributeValue(session, object, &id, 1),
                      CKR_ATTRIBUTE_TYPE_INVALID);
            continue;
        }
        id.pValue = (char *)(uintptr_t)get_text(session, object, CKA_ID, &id.ulValueLen);
        assert_true(id.ulValueLen > 0 && id.ulValueLen <= 64);
        assert_int_equal(find(session, &id, 1, &found, 1), 1);
        assert_int_equal(found, object);
        assert_int_equal(find_label(session, label), object);
    }
}

static const struct CMUnitTest tests[] = {
    with_seed(an_empty_template_finds_every_secret),
    with_seed(every_attribute_narrows_a_search),
    with_seed(an_empty_attribute_matches_an_empty_value),
    with_seed(a_bare_name_is_searched_for_as_global),
    with_seed(an_invalid_key_is_simply_absent),
    with_seed(other_classes_are_not_here),
    with_seed(attributes_that_no_secret_has_match_none),
    with_seed(there_is_one_search_at_a_time),
    with_seed(arguments_are_checked),
    with_seed(one_by_one_gives_each_once_and_then_none),
    with_seed(every_search_gives_the_same_handle),
    with_seed(long_labels_have_an_id),
};

const struct chapter find_chapter = CHAPTER("find", tests);
