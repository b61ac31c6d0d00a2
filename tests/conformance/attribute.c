/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"
#include "tests/conformance/place.h"

#include <stdio.h>
#include <string.h>

/*
 * 5.7.5 C_GetAttributeValue. Its five cases, for each entry of the template:
 *  1 the attribute must not be revealed: length -1, CKR_ATTRIBUTE_SENSITIVE
 *  2 the object does not have it:        length -1, CKR_ATTRIBUTE_TYPE_INVALID
 *  3 pValue is NULL:                     the exact length
 *  4 the buffer is large enough:         the value and its length
 *  5 the buffer is too small:            length -1, CKR_BUFFER_TOO_SMALL
 */

#define VALUE "value of global/alpha"
#define VALUE_LEN (sizeof VALUE - 1)
#define UNAVAILABLE CK_UNAVAILABLE_INFORMATION

static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE object;

static int with_object(void **state)
{
    if (with_secrets(state) != 0)
        return -1;
    session = open_ro();
    object = find_label(session, seeded[0]);
    return object == 0 ? -1 : 0;
}

static void case_2_what_there_is_not(void **state)
{
    CK_ATTRIBUTE_TYPE types[] = {CKA_ISSUER,   CKA_KEY_TYPE,           CKA_MODULUS,
                                 0x7fffffffUL, CKA_VENDOR_DEFINED | 1, CKA_SIDESEAT_FALLBACK};
    unsigned char buffer[64];

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        CK_ATTRIBUTE asked[] = {{types[i], NULL, 0}, {types[i], buffer, sizeof buffer}};
        for (size_t j = 0; j < 2; j++) {
            assert_rv(p11->C_GetAttributeValue(session, object, &asked[j], 1),
                      CKR_ATTRIBUTE_TYPE_INVALID);
            assert_int_equal(asked[j].ulValueLen, UNAVAILABLE);
        }
    }
}

/* Case 3; the incoming ulValueLen does not matter: VeraCrypt leaves it uninitialized, p11-kit
 * and pkcs11-helper leave an old length or -1. */
static void case_3_the_length_whatever_was_in_it(void **state)
{
    CK_ULONG garbage[] = {0, 1, VALUE_LEN, 4096, UNAVAILABLE, 0xdeadbeef};

    (void)state;
    for (size_t i = 0; i < COUNT(garbage); i++) {
        CK_ATTRIBUTE value = {CKA_VALUE, NULL, garbage[i]};
        assert_rv(p11->C_GetAttributeValue(session, object, &value, 1), CKR_OK);
        assert_int_equal(value.ulValueLen, VALUE_LEN);
    }
}

static void case_4_the_value_and_its_length(void **state)
{
    unsigned char buffer[64];

    (void)state;
    for (CK_ULONG room = VALUE_LEN; room < sizeof buffer; room++) {
        CK_ATTRIBUTE value = {CKA_VALUE, buffer, room};
        memset(buffer, 0xaa, sizeof buffer);
        assert_rv(p11->C_GetAttributeValue(session, object, &value, 1), CKR_OK);
        assert_int_equal(value.ulValueLen, VALUE_LEN);
        assert_memory_equal(buffer, VALUE, VALUE_LEN);
        for (size_t i = VALUE_LEN; i < sizeof buffer; i++)
            assert_int_equal(buffer[i], 0xaa);
    }
}

static void case_5_too_small_a_buffer_is_left_alone(void **state)
{
    unsigned char buffer[64];

    (void)state;
    for (CK_ULONG room = 0; room < VALUE_LEN; room++) {
        CK_ATTRIBUTE value = {CKA_VALUE, buffer, room};
        memset(buffer, 0xaa, sizeof buffer);
        assert_rv(p11->C_GetAttributeValue(session, object, &value, 1), CKR_BUFFER_TOO_SMALL);
        assert_int_equal(value.ulValueLen, UNAVAILABLE);
        for (size_t i = 0; i < sizeof buffer; i++)
            assert_int_equal(buffer[i], 0xaa);
    }
}

/* "…the call should process every entry": the call fills the others around a bad one at any place,
 * and marks each bad one. */
static void one_bad_entry_spoils_no_other(void **state)
{
    unsigned char label[32];
    unsigned char value[64];
    unsigned char small[2];

    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        CK_ATTRIBUTE entries[] = {{CKA_ISSUER, small, 2},
                                  {CKA_LABEL, label, sizeof label},
                                  {CKA_APPLICATION, small, 2},
                                  {CKA_VALUE, value, sizeof value}};
        CK_ATTRIBUTE asked[4];
        CK_RV rv;
        for (size_t i = 0; i < 4; i++)
            asked[(i + shift) % 4] = entries[i];
        rv = p11->C_GetAttributeValue(session, object, asked, 4);
        assert_true(rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_BUFFER_TOO_SMALL);
        assert_int_equal(asked[(0 + shift) % 4].ulValueLen, UNAVAILABLE);
        assert_int_equal(asked[(1 + shift) % 4].ulValueLen, strlen("global/alpha"));
        assert_memory_equal(label, "global/alpha", strlen("global/alpha"));
        assert_int_equal(asked[(2 + shift) % 4].ulValueLen, UNAVAILABLE);
        assert_int_equal(asked[(3 + shift) % 4].ulValueLen, VALUE_LEN);
        assert_memory_equal(value, VALUE, VALUE_LEN);
    }
}

/* p11-kit and python-pkcs11 take CKR_OK to mean that every length is one. */
static void ok_never_comes_with_an_unavailable_length(void **state)
{
    CK_ATTRIBUTE asked[320];

    (void)state;
    for (CK_ULONG first = 0; first < 0x700; first += COUNT(asked)) {
        CK_RV rv;
        for (CK_ULONG i = 0; i < COUNT(asked); i++)
            asked[i] = (CK_ATTRIBUTE){first + i, NULL, 0};
        rv = p11->C_GetAttributeValue(session, object, asked, COUNT(asked));
        for (CK_ULONG i = 0; i < COUNT(asked); i++) {
            CK_ATTRIBUTE alone = {first + i, NULL, 0};
            CK_RV rv_alone = p11->C_GetAttributeValue(session, object, &alone, 1);
            assert_int_equal(rv_alone != CKR_OK, alone.ulValueLen == UNAVAILABLE);
            assert_int_equal(alone.ulValueLen, asked[i].ulValueLen);
            if (rv_alone != CKR_OK)
                assert_true(rv != CKR_OK);
        }
    }
}

/* 4.5 and what clients need: pkcs11-data aborts without APPLICATION or LABEL, VeraCrypt throws
 * without PRIVATE and skips objects that are not private. */
static void a_data_object_has_all_its_attributes(void **state)
{
    CK_OBJECT_CLASS class = 77;
    CK_ATTRIBUTE asked = VARIABLE(CKA_CLASS, class);
    CK_ULONG len;

    (void)state;
    assert_rv(p11->C_GetAttributeValue(session, object, &asked, 1), CKR_OK);
    assert_int_equal(asked.ulValueLen, sizeof class);
    assert_int_equal(class, CKO_DATA);
    assert_int_equal(get_bool(session, object, CKA_TOKEN), CK_TRUE);
    assert_int_equal(get_bool(session, object, CKA_PRIVATE), CK_TRUE);
    assert_int_equal(get_bool(session, object, CKA_MODIFIABLE), suite.writable);
    assert_int_equal(get_bool(session, object, CKA_DESTROYABLE), suite.writable);
    (void)get_bool(session, object, CKA_COPYABLE);
    assert_string_equal(get_text(session, object, CKA_LABEL, NULL), "global/alpha");
    assert_string_equal(get_text(session, object, CKA_APPLICATION, NULL), "sideseat");
    assert_string_equal(get_text(session, object, CKA_VALUE, NULL), VALUE);
    (void)get_text(session, object, CKA_OBJECT_ID, &len);
    assert_int_equal(len, 0);
    (void)get_text(session, object, CKA_UNIQUE_ID, &len);
    assert_true(len > 0);
}

/* 4.4.1: CKA_UNIQUE_ID is "generated … unique and not changed". */
static void the_unique_id_is_unique_and_stays(void **state)
{
    char first[256];

    (void)state;
    strcpy(first, get_text(session, object, CKA_UNIQUE_ID, NULL));
    for (size_t i = 1; i < SEEDED; i++) {
        CK_OBJECT_HANDLE other = find_label(session, seeded[i]);
        assert_string_not_equal(get_text(session, other, CKA_UNIQUE_ID, NULL), first);
    }
    if (!suite.persistent)
        return;
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    session = open_ro();
    object = find_label(session, seeded[0]);
    assert_string_equal(get_text(session, object, CKA_UNIQUE_ID, NULL), first);
}

/* 3.1, 4.4.1: nor does another object get it, which a store that keeps times of its own can tell.
 */
static void the_unique_id_of_one_made_again_is_another(void **state)
{
    CK_SESSION_HANDLE rw = open_rw();
    char first[300];
    CK_ATTRIBUTE id = {CKA_UNIQUE_ID, first, 0};
    CK_ATTRIBUTE value = {CKA_VALUE, (void *)(uintptr_t) "changed", 7};

    (void)state;
    if (!suite.writable || !suite.times || suite.place->elsewhere)
        return;
    strcpy(first, get_text(rw, object, CKA_UNIQUE_ID, NULL));
    id.ulValueLen = strlen(first);
    assert_rv(p11->C_SetAttributeValue(rw, object, &value, 1), CKR_OK);
    assert_string_equal(get_text(rw, object, CKA_UNIQUE_ID, NULL), first);
    assert_int_equal(find(rw, &id, 1, NULL, 0), 1);
    assert_rv(p11->C_DestroyObject(rw, object), CKR_OK);
    assert_int_equal(find(rw, &id, 1, NULL, 0), 0);
    object = create_secret(rw, seeded[0], "again");
    assert_string_not_equal(get_text(rw, object, CKA_UNIQUE_ID, NULL), first);
    assert_int_equal(find(rw, &id, 1, NULL, 0), 0);
}

static void arguments_are_checked(void **state)
{
    CK_ATTRIBUTE value = {CKA_VALUE, NULL, 0};
    CK_OBJECT_HANDLE bad[] = {0, object + 1000, (CK_OBJECT_HANDLE)-1};

    (void)state;
    assert_rv(p11->C_GetAttributeValue(session, object, NULL, 1), CKR_ARGUMENTS_BAD);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_rv(p11->C_GetAttributeValue(session, bad[i], &value, 1), CKR_OBJECT_HANDLE_INVALID);
}

static void the_same_attribute_may_be_asked_for_twice(void **state)
{
    unsigned char first[64];
    unsigned char second[64];
    CK_ATTRIBUTE asked[] = {{CKA_VALUE, first, 64}, {CKA_VALUE, NULL, 5}, {CKA_VALUE, second, 64}};

    (void)state;
    assert_rv(p11->C_GetAttributeValue(session, object, asked, 3), CKR_OK);
    assert_int_equal(asked[1].ulValueLen, VALUE_LEN);
    assert_memory_equal(first, VALUE, VALUE_LEN);
    assert_memory_equal(second, VALUE, VALUE_LEN);
}

/* Asks for the value's length, makes `change`, and reads. The read must give all of the old value
 * or all of the new one, within the told length, since p11tool, pkcs11-tool and pkcs11-data do not
 * ask twice. */
static void read_across(void (*change)(const char *value), const char *value)
{
    CK_ATTRIBUTE asked = {CKA_VALUE, NULL, 0};
    CK_OBJECT_HANDLE found = find_label(session, seeded[0]);
    unsigned char buffer[128];
    CK_ULONG announced;
    char before[128];

    strcpy(before, get_text(session, found, CKA_VALUE, NULL));
    assert_rv(p11->C_GetAttributeValue(session, found, &asked, 1), CKR_OK);
    announced = asked.ulValueLen;
    assert_int_equal(announced, strlen(before));
    change(value);
    asked.pValue = buffer;
    assert_rv(p11->C_GetAttributeValue(session, found, &asked, 1), CKR_OK);
    assert_true(asked.ulValueLen <= announced);
    if (asked.ulValueLen != strlen(value) || memcmp(buffer, value, strlen(value)) != 0) {
        assert_int_equal(asked.ulValueLen, announced);
        assert_memory_equal(buffer, before, announced);
    }
    expect_secret(session, seeded[0], value); /* a new search finds the new one */
}

static void change_in_this_process(const char *value)
{
    CK_SESSION_HANDLE writing = open_rw();

    create_secret(writing, seeded[0], value);
    assert_rv(p11->C_CloseSession(writing), CKR_OK);
}

static void change_in_another_process(const char *value)
{
    assert_int_equal(run_child((const char *const[]){"put", seeded[0], value, NULL}), 0);
}

static void length_and_value_agree_though_the_secret_changes(void **state)
{
    (void)state;
    if (!suite.writable)
        skip();
    read_across(change_in_this_process, "another and much, much longer value than before");
    read_across(change_in_this_process, "short");
    if (!suite.persistent)
        return;
    read_across(change_in_another_process, "and once more a longer one");
    read_across(change_in_another_process, "x");
}

/* A client may measure all that it wants before it reads. */
static void a_session_may_measure_several_objects_before_it_reads(void **state)
{
    CK_OBJECT_HANDLE objects[SEEDED];
    CK_ATTRIBUTE asked = {CKA_VALUE, NULL, 0};
    CK_SESSION_HANDLE writing;
    unsigned char buffer[128];
    char expected[64];

    (void)state;
    if (!suite.writable)
        skip();
    writing = open_rw();
    for (size_t i = 0; i < SEEDED; i++) {
        objects[i] = find_label(session, seeded[i]);
        assert_rv(p11->C_GetAttributeValue(session, objects[i], &asked, 1), CKR_OK);
    }
    for (size_t i = 0; i < SEEDED; i++)
        create_secret(writing, seeded[i], "a value that is much longer than the one before it was");
    for (size_t i = SEEDED; i-- > 0;) {
        int len = snprintf(expected, sizeof expected, "value of %s", seeded[i]);
        asked = (CK_ATTRIBUTE){CKA_VALUE, buffer, (CK_ULONG)len};
        assert_rv(p11->C_GetAttributeValue(session, objects[i], &asked, 1), CKR_OK);
        assert_int_equal(asked.ulValueLen, len);
        assert_memory_equal(buffer, expected, asked.ulValueLen);
    }
}

/* Each of two sessions reads its own sized value, in either order. */
static void two_sessions_read_their_own_sized_values(void **state)
{
    static const char newer[] = "another value";
    CK_SESSION_HANDLE other = open_ro();
    CK_ATTRIBUTE first = {CKA_VALUE, NULL, 0};
    CK_ATTRIBUTE second = {CKA_VALUE, NULL, 0};
    unsigned char buffer[128];

    (void)state;
    if (!suite.writable)
        skip();
    assert_rv(p11->C_GetAttributeValue(session, object, &first, 1), CKR_OK);
    change_in_this_process(newer);
    assert_rv(p11->C_GetAttributeValue(other, object, &second, 1), CKR_OK);
    assert_int_equal(second.ulValueLen, strlen(newer));
    change_in_this_process("and a third one, which nobody has measured");
    first.pValue = buffer;
    assert_rv(p11->C_GetAttributeValue(session, object, &first, 1), CKR_OK);
    assert_int_equal(first.ulValueLen, VALUE_LEN);
    assert_memory_equal(buffer, VALUE, VALUE_LEN);
    second.pValue = buffer;
    assert_rv(p11->C_GetAttributeValue(other, object, &second, 1), CKR_OK);
    assert_int_equal(second.ulValueLen, strlen(newer));
    assert_memory_equal(buffer, newer, strlen(newer));
}

/* A session reads its own writes, also after it has asked for the older value's length. */
static void a_session_reads_its_own_change(void **state)
{
    CK_SESSION_HANDLE writing;
    CK_ATTRIBUTE asked = {CKA_VALUE, NULL, 0};
    unsigned char buffer[64];
    char value[] = "set";
    CK_ATTRIBUTE changed = {CKA_VALUE, value, 3};

    (void)state;
    if (!suite.writable)
        skip();
    writing = open_rw();
    assert_rv(p11->C_GetAttributeValue(writing, object, &asked, 1), CKR_OK);
    create_secret(writing, seeded[0], "v");
    asked = (CK_ATTRIBUTE){CKA_VALUE, buffer, 2};
    assert_rv(p11->C_GetAttributeValue(writing, object, &asked, 1), CKR_OK);
    assert_int_equal(asked.ulValueLen, 1);
    asked.pValue = NULL;
    assert_rv(p11->C_GetAttributeValue(writing, object, &asked, 1), CKR_OK);
    assert_rv(p11->C_SetAttributeValue(writing, object, &changed, 1), CKR_OK);
    asked = (CK_ATTRIBUTE)VARIABLE(CKA_VALUE, buffer);
    assert_rv(p11->C_GetAttributeValue(writing, object, &asked, 1), CKR_OK);
    assert_int_equal(asked.ulValueLen, 3);
    assert_memory_equal(buffer, "set", 3);
}

/* A sized value belongs to one session alone. */
static void another_session_reads_the_present_value(void **state)
{
    CK_SESSION_HANDLE other = open_ro();
    unsigned char buffer[64];
    CK_ATTRIBUTE measured = {CKA_VALUE, NULL, 0};
    CK_ATTRIBUTE asked = VARIABLE(CKA_VALUE, buffer);

    (void)state;
    if (!suite.writable)
        skip();
    assert_rv(p11->C_GetAttributeValue(session, object, &measured, 1), CKR_OK);
    change_in_this_process("a new value that is longer than the old one");
    assert_rv(p11->C_GetAttributeValue(other, object, &asked, 1), CKR_OK);
    assert_int_equal(asked.ulValueLen, strlen("a new value that is longer than the old one"));
    measured.pValue = buffer;
    assert_rv(p11->C_GetAttributeValue(session, object, &measured, 1), CKR_OK);
    assert_int_equal(measured.ulValueLen, VALUE_LEN);
    measured.ulValueLen = VALUE_LEN; /* once; the next read is told the truth */
    assert_rv(p11->C_GetAttributeValue(session, object, &measured, 1), CKR_BUFFER_TOO_SMALL);
}

static void length_and_value_agree_though_the_secret_goes(void **state)
{
    CK_ATTRIBUTE asked = {CKA_VALUE, NULL, 0};
    unsigned char buffer[64];

    (void)state;
    if (!suite.writable || !suite.persistent)
        skip();
    assert_rv(p11->C_GetAttributeValue(session, object, &asked, 1), CKR_OK);
    assert_int_equal(run_child((const char *const[]){"remove", seeded[0], NULL}), 0);
    asked.pValue = buffer;
    assert_rv(p11->C_GetAttributeValue(session, object, &asked, 1), CKR_OK);
    assert_int_equal(asked.ulValueLen, VALUE_LEN);
    assert_int_equal(find_label(session, seeded[0]), 0);
}

/* p11tool --list-all reads, and p11tool --delete destroys, while its search is active. */
static void reading_and_destroying_go_on_during_a_search(void **state)
{
    CK_SESSION_HANDLE s = suite.writable ? open_rw() : session;
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class_data)};
    CK_OBJECT_HANDLE found;
    CK_ULONG seen = 0;
    CK_ULONG n;

    (void)state;
    assert_rv(p11->C_FindObjectsInit(s, template, 1), CKR_OK);
    for (;;) {
        assert_rv(p11->C_FindObjects(s, &found, 1, &n), CKR_OK);
        if (n == 0)
            break;
        seen++;
        assert_memory_equal(get_text(s, found, CKA_VALUE, NULL), "value of ", 9);
        if (suite.writable)
            assert_rv(p11->C_DestroyObject(s, found), CKR_OK);
    }
    assert_rv(p11->C_FindObjectsFinal(s), CKR_OK);
    assert_int_equal(seen, SEEDED);
    assert_int_equal(find(s, template, 1, NULL, 0), suite.writable ? 0 : SEEDED);
}

#define with_one(test) cmocka_unit_test_setup_teardown(test, with_object, without_module)

static const struct CMUnitTest tests[] = {
    with_one(case_2_what_there_is_not),
    with_one(case_3_the_length_whatever_was_in_it),
    with_one(case_4_the_value_and_its_length),
    with_one(case_5_too_small_a_buffer_is_left_alone),
    with_one(one_bad_entry_spoils_no_other),
    with_one(ok_never_comes_with_an_unavailable_length),
    with_one(a_data_object_has_all_its_attributes),
    with_one(the_unique_id_is_unique_and_stays),
    with_one(the_unique_id_of_one_made_again_is_another),
    with_one(arguments_are_checked),
    with_one(the_same_attribute_may_be_asked_for_twice),
    with_one(length_and_value_agree_though_the_secret_changes),
    with_one(a_session_may_measure_several_objects_before_it_reads),
    with_one(two_sessions_read_their_own_sized_values),
    with_one(a_session_reads_its_own_change),
    with_one(another_session_reads_the_present_value),
    with_one(length_and_value_agree_though_the_secret_goes),
    with_one(reading_and_destroying_go_on_during_a_search),
};

const struct chapter attribute_chapter = CHAPTER("attribute", tests);
