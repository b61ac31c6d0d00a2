/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <stdlib.h>
#include <string.h>

#include "tests/conformance/place.h"

/* 5.7.1 C_CreateObject and 4.5 data objects, as secrets of the token. */

static CK_SESSION_HANDLE session;

static int with_writing(void **state)
{
    if (with_secrets(state) != 0)
        return -1;
    session = open_rw();
    return 0;
}

static CK_ULONG secrets(void)
{
    return find(session, NULL, 0, NULL, 0);
}

/* Attributes that the template leaves out get their defaults (4.4, 4.5). */
static void a_short_template_is_enough(void **state)
{
    CK_OBJECT_HANDLE object = create_secret(session, "org/acme/new", "a value");
    CK_ULONG len;

    (void)state;
    assert_int_equal(get_bool(session, object, CKA_TOKEN), CK_TRUE);
    assert_int_equal(get_bool(session, object, CKA_PRIVATE), CK_TRUE);
    assert_int_equal(get_bool(session, object, CKA_MODIFIABLE), CK_TRUE);
    assert_int_equal(get_bool(session, object, CKA_COPYABLE), CK_TRUE);
    assert_int_equal(get_bool(session, object, CKA_DESTROYABLE), CK_TRUE);
    assert_string_equal(get_text(session, object, CKA_LABEL, NULL), "org/acme/new");
    assert_string_equal(get_text(session, object, CKA_APPLICATION, NULL), "sideseat");
    assert_string_equal(get_text(session, object, CKA_VALUE, NULL), "a value");
    (void)get_text(session, object, CKA_OBJECT_ID, &len);
    assert_int_equal(len, 0);
    assert_int_equal(find_label(session, "org/acme/new"), object);
    expect_secret(open_ro(), "org/acme/new", "a value");
}

static void the_defaults_may_be_given(void **state)
{
    CK_ATTRIBUTE template[] = {
        VARIABLE(CKA_CLASS, class_data),   VARIABLE(CKA_TOKEN, yes),
        VARIABLE(CKA_PRIVATE, yes),        VARIABLE(CKA_MODIFIABLE, yes),
        VARIABLE(CKA_COPYABLE, yes),       VARIABLE(CKA_DESTROYABLE, yes),
        TEXT(CKA_APPLICATION, "sideseat"), {CKA_OBJECT_ID, NULL, 0},
        TEXT(CKA_LABEL, "global/full"),    TEXT(CKA_VALUE, "x"),
    };
    CK_OBJECT_HANDLE object;

    (void)state;
    assert_rv(p11->C_CreateObject(session, template, COUNT(template), &object), CKR_OK);
    expect_secret(session, "global/full", "x");
}

/* pkcs11-tool --write-object sends CKA_PRIVATE=FALSE and the user's application label; a store
 * keeps neither, so the object must not claim them. */
static void attributes_that_cannot_be_kept_are_not_claimed(void **state)
{
    CK_ATTRIBUTE template[] = {
        VARIABLE(CKA_CLASS, class_data), VARIABLE(CKA_TOKEN, yes),
        TEXT(CKA_LABEL, "global/tool"),  TEXT(CKA_VALUE, "x"),
        VARIABLE(CKA_PRIVATE, no),
    };
    CK_OBJECT_HANDLE object;
    CK_RV rv = p11->C_CreateObject(session, template, COUNT(template), &object);

    (void)state;
    if (rv == CKR_OK)
        assert_int_equal(get_bool(session, object, CKA_PRIVATE), CK_TRUE);
    template[4] = (CK_ATTRIBUTE)TEXT(CKA_APPLICATION, "another");
    rv = p11->C_CreateObject(session, template, COUNT(template), &object);
    if (rv == CKR_OK)
        assert_string_equal(get_text(session, object, CKA_APPLICATION, NULL), "sideseat");
}

/* Creates from the usual four attributes, one of them left out (the CKA_ type, or NOTHING), and one
 * more if that has a type other than NOTHING. */
#define NOTHING 0xffffffffUL

static CK_RV create_with(CK_ATTRIBUTE_TYPE without, CK_ATTRIBUTE more)
{
    CK_ATTRIBUTE usual[] = {VARIABLE(CKA_CLASS, class_data), VARIABLE(CKA_TOKEN, yes),
                            TEXT(CKA_LABEL, "global/wrong"), TEXT(CKA_VALUE, "x")};
    CK_ATTRIBUTE template[5];
    CK_OBJECT_HANDLE object;
    CK_ULONG count = 0;

    for (size_t i = 0; i < COUNT(usual); i++)
        if (usual[i].type != without)
            template[count++] = usual[i];
    if (more.type != NOTHING)
        template[count++] = more;
    return p11->C_CreateObject(session, template, count, &object);
}

/* 4.1.1: CKR_TEMPLATE_INCOMPLETE, CKR_TEMPLATE_INCONSISTENT, and the errors of an attribute. */
static void wrong_templates_create_nothing(void **state)
{
    static const struct {
        CK_ATTRIBUTE_TYPE without;
        CK_ATTRIBUTE more;
        CK_RV rv;
    } cases[] = {
        {CKA_CLASS, {NOTHING, NULL, 0}, CKR_TEMPLATE_INCOMPLETE},
        {CKA_LABEL, {NOTHING, NULL, 0}, CKR_TEMPLATE_INCOMPLETE},
        {CKA_VALUE, {NOTHING, NULL, 0}, CKR_TEMPLATE_INCOMPLETE},
        {CKA_TOKEN, TEXT(CKA_TOKEN, "yes"), CKR_ATTRIBUTE_VALUE_INVALID},
        {CKA_CLASS, TEXT(CKA_CLASS, "x"), CKR_ATTRIBUTE_VALUE_INVALID},
        {CKA_VALUE, {CKA_VALUE, NULL, 0}, CKR_ATTRIBUTE_VALUE_INVALID},
        {CKA_VALUE, TEXT(CKA_VALUE, ""), CKR_ATTRIBUTE_VALUE_INVALID},
        {CKA_LABEL, {CKA_LABEL, NULL, 0}, CKR_TEMPLATE_INCOMPLETE},
        {NOTHING, TEXT(CKA_UNIQUE_ID, "mine"), CKR_ATTRIBUTE_READ_ONLY},
        {NOTHING, TEXT(CKA_SIDESEAT_CREATED_AT, "2024-01-01T00:00:00Z"), CKR_ATTRIBUTE_READ_ONLY},
        {NOTHING, TEXT(CKA_ISSUER, "x"), CKR_ATTRIBUTE_TYPE_INVALID},
        {NOTHING, TEXT(CKA_LABEL, "global/twice"), CKR_TEMPLATE_INCONSISTENT},
    };
    CK_ULONG before = secrets();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        CK_RV rv = create_with(cases[i].without, cases[i].more);
        if (rv != cases[i].rv)
            fail_msg("case %zu gives %s", i, rv_name(rv));
        assert_int_equal(secrets(), before);
    }
}

static void pointers_are_checked(void **state)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class_data),
                               VARIABLE(CKA_TOKEN, yes),
                               TEXT(CKA_LABEL, "global/p"),
                               {CKA_VALUE, NULL, 5}};
    CK_ULONG before = secrets();
    CK_OBJECT_HANDLE object;

    (void)state;
    assert_rv(p11->C_CreateObject(session, NULL, 4, &object), CKR_ARGUMENTS_BAD);
    assert_true(p11->C_CreateObject(session, template, 4, &object) != CKR_OK);
    template[3] = (CK_ATTRIBUTE)TEXT(CKA_VALUE, "x");
    assert_rv(p11->C_CreateObject(session, template, 4, NULL), CKR_ARGUMENTS_BAD);
    assert_int_equal(secrets(), before);
}

static void classes_that_are_not_kept_are_refused(void **state)
{
    CK_OBJECT_CLASS classes[] = {CKO_CERTIFICATE, CKO_PRIVATE_KEY, CKO_PROFILE, CKO_SIDESEAT_STATUS,
                                 CKO_VENDOR_DEFINED | 7};
    CK_OBJECT_HANDLE object;

    (void)state;
    for (size_t i = 0; i < COUNT(classes); i++) {
        CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, classes[i]), VARIABLE(CKA_TOKEN, yes),
                                   TEXT(CKA_LABEL, "global/c"), TEXT(CKA_VALUE, "x")};
        CK_RV rv = p11->C_CreateObject(session, template, COUNT(template), &object);
        assert_true(rv == CKR_ATTRIBUTE_VALUE_INVALID || rv == CKR_TEMPLATE_INCONSISTENT);
    }
}

/* A label is a scope key, or a name that becomes a global one. */
static void labels_are_scope_keys(void **state)
{
    static const char *const bad[] = {"/",           "global/",  "org/acme",   "org//x",
                                      "org/a/b\n/c", "team/a/b", "global/a\n", "\xff",
                                      "global/\xc3", "a/b",      "Global/x",   "global/\x7f"};
    CK_ULONG before = secrets();
    CK_OBJECT_HANDLE object;
    char longest[300];

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_rv(try_create(session, bad[i], "x", 1, &object), CKR_ATTRIBUTE_VALUE_INVALID);
    memset(longest, 'x', sizeof longest);
    memcpy(longest, "global/", 7);
    longest[256] = '\0';
    assert_rv(try_create(session, longest, "x", 1, &object), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_int_equal(secrets(), before);
    longest[place_takes_long_keys(suite.place) ? 255 : 80] = '\0';
    create_secret(session, longest, "longest");
    expect_secret(session, longest, "longest");
    object = create_secret(session, "bare_name", "bare");
    assert_string_equal(get_text(session, object, CKA_LABEL, NULL), "global/bare_name");
    assert_string_equal(get_text(session, object, CKA_SIDESEAT_SCOPE, NULL), "global");
    object = create_secret(session, "org/acme/a/b", "in a folder");
    assert_string_equal(get_text(session, object, CKA_LABEL, NULL), "org/acme/a/b");
    assert_string_equal(get_text(session, object, CKA_SIDESEAT_SCOPE_ID, NULL), "acme");
    assert_string_equal(get_text(session, object, CKA_SIDESEAT_NAME, NULL), "a/b");
    object = create_secret(session, "org/\xc3\xbc ber/\xe6\x97\xa5%2F..", "utf-8");
    expect_secret(session, "org/\xc3\xbc ber/\xe6\x97\xa5%2F..", "utf-8");
}

static void values_are_any_bytes(void **state)
{
    unsigned char all[256];
    unsigned char back[256];
    CK_ATTRIBUTE value = VARIABLE(CKA_VALUE, back);
    CK_OBJECT_HANDLE object;
    size_t large = 30000; /* the least that all stores take: keyutils 32,767 bytes */
    char *text = calloc(1, large + 1);
    CK_ATTRIBUTE large_value = {CKA_VALUE, NULL, 0};

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (unsigned char)i;
    assert_rv(try_create(session, "global/all", all, sizeof all, &object), CKR_OK);
    assert_rv(p11->C_GetAttributeValue(session, object, &value, 1), CKR_OK);
    assert_memory_equal(all, back, sizeof all);
    memset(text, 'v', large);
    assert_rv(try_create(session, "global/large", text, large, &object), CKR_OK);
    memset(text, 0, large);
    large_value.pValue = text;
    large_value.ulValueLen = large;
    assert_rv(p11->C_GetAttributeValue(session, object, &large_value, 1), CKR_OK);
    assert_int_equal(large_value.ulValueLen, large);
    for (size_t i = 0; i < large; i++)
        assert_int_equal(text[i], 'v');
    free(text);
}

/* The secret manager's `set`: a key that exists gets a new value and keeps its creation time. */
static void creating_again_replaces(void **state)
{
    CK_ULONG before = secrets();
    CK_OBJECT_HANDLE object = find_label(session, seeded[0]);
    char created[64];
    char version[128];

    (void)state;
    strcpy(created, get_text(session, object, CKA_SIDESEAT_CREATED_AT, NULL));
    strcpy(version, get_text(session, object, CKA_SIDESEAT_VERSION, NULL));
    assert_int_equal(create_secret(session, seeded[0], "replaced"), object);
    assert_int_equal(secrets(), before);
    assert_string_equal(get_text(session, object, CKA_VALUE, NULL), "replaced");
    assert_string_equal(get_text(session, object, CKA_SIDESEAT_CREATED_AT, NULL), created);
    assert_string_not_equal(get_text(session, object, CKA_SIDESEAT_VERSION, NULL), version);
    expect_secret(open_ro(), seeded[0], "replaced");
}

static CK_RV create_at(const char *label, const char *value, const char *version)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class_data), VARIABLE(CKA_TOKEN, yes),
                               STRING(CKA_LABEL, label), STRING(CKA_VALUE, value),
                               STRING(CKA_SIDESEAT_VERSION, version)};
    CK_OBJECT_HANDLE object;

    return p11->C_CreateObject(session, template, COUNT(template), &object);
}

static void a_version_makes_it_compare_and_set(void **state)
{
    CK_OBJECT_HANDLE object;
    char first[128];

    (void)state;
    assert_rv(create_at("global/cas", "one", "0"), CKR_OK);
    assert_rv(create_at("global/cas", "two", "0"), CKR_SIDESEAT_CONFLICT);
    expect_secret(session, "global/cas", "one");
    object = find_label(session, "global/cas");
    strcpy(first, get_text(session, object, CKA_SIDESEAT_VERSION, NULL));
    assert_rv(create_at("global/cas", "two", first), CKR_OK);
    expect_secret(session, "global/cas", "two");
    assert_rv(create_at("global/cas", "three", first), CKR_SIDESEAT_CONFLICT);
    assert_rv(create_at("global/cas", "three", "no such version"), CKR_SIDESEAT_CONFLICT);
    assert_rv(create_at("global/not there", "x", first), CKR_SIDESEAT_CONFLICT);
    expect_secret(session, "global/cas", "two");
    expect_secret(session, "global/not there", NULL);
}

/* 5.7.1: CKR_SESSION_READ_ONLY for a token object in a read-only session. */
static void a_read_only_session_creates_no_token_object(void **state)
{
    CK_SESSION_HANDLE reading = open_ro();
    CK_OBJECT_HANDLE object;

    (void)state;
    assert_rv(try_create(reading, "global/ro", "x", 1, &object), CKR_SESSION_READ_ONLY);
    expect_secret(session, "global/ro", NULL);
}

static void a_created_secret_is_there_the_next_time(void **state)
{
    CK_OBJECT_HANDLE object;
    char created[64];

    (void)state;
    if (!suite.persistent)
        skip();
    object = create_secret(session, "user/u1/kept", "kept");
    strcpy(created, get_text(session, object, CKA_SIDESEAT_CREATED_AT, NULL));
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    assert_int_equal(run_child((const char *const[]){"get", "user/u1/kept", "kept", NULL}), 0);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    session = open_rw();
    object = find_label(session, "user/u1/kept");
    assert_string_equal(get_text(session, object, CKA_VALUE, NULL), "kept");
    assert_string_equal(get_text(session, object, CKA_SIDESEAT_CREATED_AT, NULL), created);
    assert_int_equal(run_child((const char *const[]){"put", "user/u1/kept", "changed", NULL}), 0);
    expect_secret(session, "user/u1/kept", "changed"); /* the next search sees it */
    assert_int_equal(run_child((const char *const[]){"remove", "user/u1/kept", NULL}), 0);
    expect_secret(session, "user/u1/kept", NULL);
}

#define writing(test) cmocka_unit_test_setup_teardown(test, with_writing, without_module)

static const struct CMUnitTest tests[] = {
    writing(a_short_template_is_enough),
    writing(the_defaults_may_be_given),
    writing(attributes_that_cannot_be_kept_are_not_claimed),
    writing(wrong_templates_create_nothing),
    writing(pointers_are_checked),
    writing(classes_that_are_not_kept_are_refused),
    writing(labels_are_scope_keys),
    writing(values_are_any_bytes),
    writing(creating_again_replaces),
    writing(a_version_makes_it_compare_and_set),
    writing(a_read_only_session_creates_no_token_object),
    writing(a_created_secret_is_there_the_next_time),
};

const struct chapter object_chapter = CHAPTER("object", tests);
