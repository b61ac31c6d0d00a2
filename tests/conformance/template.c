/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <string.h>

/*
 * 4.1 to 4.8: each attribute of a template holds afterwards, or the call fails and makes nothing.
 * "MUST", "MUST NOT", the defaults and the changeable attributes come from the footnotes to table
 * 11 and the tables of 4.4, 4.5, 4.7, 4.8 and, in the mechanisms, 6.8.2.
 */

static CK_SESSION_HANDLE session;
static CK_OBJECT_CLASS class_key = CKO_SECRET_KEY;
static CK_KEY_TYPE generic = CKK_GENERIC_SECRET;
static CK_ULONG key_len = 16;
static CK_MECHANISM_TYPE one_mechanism[] = {CKM_SHA256_HMAC};

static int with_session(void **state)
{
    if (with_secrets(state) != 0)
        return -1;
    session = suite.writable ? open_rw() : open_ro();
    return 0;
}

/* The calls that take a template, and the object that each makes or changes. */
enum call {
    CREATE_SECRET,
    CREATE_DATA,
    CREATE_KEY,
    GENERATE_STORED,
    GENERATE_KEY,
    SET_DATA,
    SET_KEY,
    COPY_DATA,
    COPY_KEY,
    CALLS,
};

#define BASE_MAX 4

/* The template's attributes besides the tested one. */
static const struct {
    const char *name;
    bool writes; /* the store */
    CK_ATTRIBUTE base[BASE_MAX];
    CK_ULONG count;
} calls[CALLS] = {
    {"C_CreateObject of a secret",
     true,
     {VARIABLE(CKA_CLASS, class_data), VARIABLE(CKA_TOKEN, yes), TEXT(CKA_LABEL, "global/tried"),
      TEXT(CKA_VALUE, "0123456789abcdef")},
     4},
    {"C_CreateObject of data",
     false,
     {VARIABLE(CKA_CLASS, class_data), TEXT(CKA_VALUE, "0123456789abcdef")},
     2},
    {"C_CreateObject of a key",
     false,
     {VARIABLE(CKA_CLASS, class_key), VARIABLE(CKA_KEY_TYPE, generic),
      TEXT(CKA_VALUE, "0123456789abcdef")},
     3},
    {"C_GenerateKey in the store",
     true,
     {VARIABLE(CKA_TOKEN, yes), TEXT(CKA_LABEL, "global/tried"), VARIABLE(CKA_VALUE_LEN, key_len)},
     3},
    {"C_GenerateKey in the session", false, {VARIABLE(CKA_VALUE_LEN, key_len)}, 1},
    {"C_SetAttributeValue of data", false, {{0, NULL, 0}}, 0},
    {"C_SetAttributeValue of a key", false, {{0, NULL, 0}}, 0},
    {"C_CopyObject of data", false, {{0, NULL, 0}}, 0},
    {"C_CopyObject of a key", false, {{0, NULL, 0}}, 0},
};

static CK_OBJECT_HANDLE made_with(enum call call)
{
    CK_OBJECT_HANDLE made = 0;

    assert_rv(p11->C_CreateObject(session, (CK_ATTRIBUTE *)(uintptr_t)calls[call].base,
                                  calls[call].count, &made),
              CKR_OK);
    return made;
}

/* Makes the call with `tried` and with the attributes of the base that have other types. */
static CK_RV make(enum call call, CK_ATTRIBUTE tried, CK_OBJECT_HANDLE *made)
{
    CK_MECHANISM mechanism = {CKM_GENERIC_SECRET_KEY_GEN, NULL, 0};
    CK_ATTRIBUTE template[BASE_MAX + 1];
    CK_ULONG count = 0;

    for (CK_ULONG i = 0; i < calls[call].count; i++)
        if (calls[call].base[i].type != tried.type)
            template[count++] = calls[call].base[i];
    template[count++] = tried;
    switch (call) {
    case GENERATE_STORED:
    case GENERATE_KEY:
        return p11->C_GenerateKey(session, &mechanism, template, count, made);
    case SET_DATA:
    case SET_KEY:
        *made = made_with(call == SET_DATA ? CREATE_DATA : CREATE_KEY);
        return p11->C_SetAttributeValue(session, *made, template, count);
    case COPY_DATA:
    case COPY_KEY:
        return p11->C_CopyObject(session, made_with(call == COPY_DATA ? CREATE_DATA : CREATE_KEY),
                                 template, count, made);
    default:
        return p11->C_CreateObject(session, template, count, made);
    }
}

/* Removes the secret that a call has left in the store; true if there was one. */
static bool tidy(void)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class_data), VARIABLE(CKA_TOKEN, yes),
                               TEXT(CKA_LABEL, "global/tried")};
    CK_OBJECT_HANDLE stored = 0;

    if (find(session, template, COUNT(template), &stored, 1) == 0)
        return false;
    assert_rv(p11->C_DestroyObject(session, stored), CKR_OK);
    return true;
}

/* A call's result for an attribute: HONOURED if it reads back as given, or one of these. */
#define HONOURED CKR_OK
#define READ_ONLY CKR_ATTRIBUTE_READ_ONLY
#define NO_TYPE CKR_ATTRIBUTE_TYPE_INVALID
#define NO_VALUE CKR_ATTRIBUTE_VALUE_INVALID
#define CONTRARY CKR_TEMPLATE_INCONSISTENT
#define STRICTER 2UL /* CKA_PRIVATE FALSE, which tools send unasked: TRUE all the same */

static void expect(const char *attribute, enum call call, CK_ATTRIBUTE tried, CK_RV expected)
{
    unsigned char back[64];
    CK_ATTRIBUTE asked = {tried.type, back, sizeof back};
    CK_OBJECT_HANDLE made = 0;
    CK_RV rv = make(call, tried, &made);
    CK_RV wanted = expected == STRICTER ? CKR_OK : expected;

    if (rv != wanted)
        fail_msg("%s, %s: %s and not %s", calls[call].name, attribute, rv_name(rv),
                 rv_name(wanted));
    if (expected == STRICTER)
        assert_int_equal(get_bool(session, made, tried.type), CK_TRUE);
    if (expected == HONOURED) {
        if (p11->C_GetAttributeValue(session, made, &asked, 1) != CKR_OK ||
            asked.ulValueLen != tried.ulValueLen ||
            (tried.ulValueLen > 0 && memcmp(back, tried.pValue, tried.ulValueLen) != 0))
            fail_msg("%s, %s: dropped", calls[call].name, attribute);
    }
    if (calls[call].writes && tidy() && rv != CKR_OK)
        fail_msg("%s, %s: refused and yet made", calls[call].name, attribute);
}

static CK_KEY_TYPE sha256_hmac = CKK_SHA256_HMAC;
static CK_KEY_TYPE sha512_hmac = CKK_SHA512_HMAC;
static CK_KEY_TYPE sha1_hmac = CKK_SHA_1_HMAC;
static CK_KEY_TYPE des3 = CKK_DES3;
static CK_ULONG other_len = 17;
static CK_MECHANISM_TYPE generation = CKM_GENERIC_SECRET_KEY_GEN;

struct row {
    const char *name;
    CK_ATTRIBUTE tried;
    CK_RV expected[CALLS];
};

#define ROW(type, value, ...)                                                                      \
    {                                                                                              \
#type " = " #value, VARIABLE(type, value),                                                 \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define ROW_TEXT(type, text, ...)                                                                  \
    {                                                                                              \
#type " = " #text, TEXT(type, text),                                                       \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
/* clang-format off */
#define H HONOURED
#define R READ_ONLY
#define T NO_TYPE
#define V NO_VALUE
#define C CONTRARY
#define S STRICTER
/*                               create:         generate:  set:     copy:
 *                               secret data key store sess. data key data key */
static const struct row rows[] = {
    ROW(CKA_CLASS, class_data,        H, H, T, C, C, R, R, R, R),
    ROW(CKA_TOKEN, no,                H, H, H, H, H, R, R, H, H),
    ROW(CKA_PRIVATE, yes,             H, H, H, H, H, R, R, H, H),
    ROW(CKA_PRIVATE, no,              S, H, H, S, H, R, R, H, H),
    ROW(CKA_MODIFIABLE, yes,          H, H, H, V, H, R, R, H, H),
    ROW(CKA_MODIFIABLE, no,           V, H, H, H, H, R, R, H, H),
    ROW(CKA_COPYABLE, yes,            H, H, H, V, H, H, H, H, H),
    ROW(CKA_COPYABLE, no,             V, H, H, H, H, H, H, H, H),
    ROW(CKA_DESTROYABLE, yes,         H, H, H, V, H, R, R, H, H),
    ROW(CKA_DESTROYABLE, no,          V, H, H, H, H, R, R, H, H),
    ROW_TEXT(CKA_LABEL, "global/tried", H, H, H, H, H, H, H, H, H),
    ROW_TEXT(CKA_LABEL, "a b\n",      V, H, H, V, H, H, H, H, H),
    ROW_TEXT(CKA_UNIQUE_ID, "x",      R, R, R, R, R, R, R, R, R),
    ROW_TEXT(CKA_APPLICATION, "sideseat", H, H, T, T, T, H, T, H, T),
    ROW_TEXT(CKA_APPLICATION, "x",    V, H, T, T, T, H, T, H, T),
    ROW_TEXT(CKA_OBJECT_ID, "",       H, H, T, T, T, H, T, H, T),
    ROW_TEXT(CKA_OBJECT_ID, "\x06\x01\x2a", V, H, T, T, T, H, T, H, T),
    ROW_TEXT(CKA_VALUE, "fedcba9876543210", H, H, H, R, R, H, R, H, R),
    ROW_TEXT(CKA_ID, "\x01\x02",      R, T, H, V, H, T, H, T, H),
    ROW(CKA_KEY_TYPE, generic,        T, T, H, H, H, T, R, T, R),
    ROW(CKA_KEY_TYPE, sha256_hmac,    T, T, H, C, H, T, R, T, R),
    ROW(CKA_KEY_TYPE, sha512_hmac,    T, T, H, C, H, T, R, T, R),
    ROW(CKA_KEY_TYPE, sha1_hmac,      T, T, C, C, C, T, R, T, R),
    ROW(CKA_KEY_TYPE, des3,            T, T, C, C, C, T, R, T, R),
    ROW(CKA_VALUE_LEN, key_len,       T, T, H, H, H, T, R, T, R),
    ROW(CKA_VALUE_LEN, other_len,     T, T, C, H, H, T, R, T, R),
    ROW_TEXT(CKA_START_DATE, "20300131", T, T, H, V, H, T, H, T, H),
    ROW_TEXT(CKA_END_DATE, "20300131", T, T, H, V, H, T, H, T, H),
    ROW_TEXT(CKA_END_DATE, "",        T, T, H, H, H, T, H, T, H),
    ROW_TEXT(CKA_END_DATE, "20301301", T, T, V, V, V, T, V, T, V),
    ROW_TEXT(CKA_END_DATE, "2030",    T, T, V, V, V, T, V, T, V),
    ROW(CKA_DERIVE, yes,              T, T, H, H, H, T, H, T, H),
    ROW(CKA_DERIVE, no,               T, T, H, H, H, T, H, T, H),
    ROW(CKA_LOCAL, yes,               T, T, R, R, R, T, R, T, R),
    ROW(CKA_KEY_GEN_MECHANISM, generation, T, T, R, R, R, T, R, T, R),
    ROW(CKA_ALLOWED_MECHANISMS, one_mechanism, T, T, H, V, H, T, R, T, R),
    ROW_TEXT(CKA_ALLOWED_MECHANISMS, "123", T, T, V, V, V, T, R, T, R),
    ROW(CKA_SENSITIVE, yes,           T, T, H, H, H, T, H, T, H),
    ROW(CKA_SENSITIVE, no,            T, T, H, H, H, T, H, T, H),
    ROW(CKA_ENCRYPT, yes,             T, T, H, H, H, T, H, T, H),
    ROW(CKA_ENCRYPT, no,              T, T, H, H, H, T, H, T, H),
    ROW(CKA_DECRYPT, yes,             T, T, H, H, H, T, H, T, H),
    ROW(CKA_DECRYPT, no,              T, T, H, H, H, T, H, T, H),
    ROW(CKA_SIGN, yes,                T, T, H, H, H, T, H, T, H),
    ROW(CKA_SIGN, no,                 T, T, H, V, H, T, H, T, H),
    ROW(CKA_VERIFY, yes,              T, T, H, H, H, T, H, T, H),
    ROW(CKA_VERIFY, no,               T, T, H, V, H, T, H, T, H),
    ROW(CKA_WRAP, yes,                T, T, H, H, H, T, H, T, H),
    ROW(CKA_WRAP, no,                 T, T, H, H, H, T, H, T, H),
    ROW(CKA_UNWRAP, yes,              T, T, H, H, H, T, H, T, H),
    ROW(CKA_UNWRAP, no,               T, T, H, H, H, T, H, T, H),
    ROW(CKA_EXTRACTABLE, yes,         T, T, H, V, H, T, H, T, H),
    ROW(CKA_EXTRACTABLE, no,          T, T, H, H, H, T, H, T, H),
    ROW(CKA_ALWAYS_SENSITIVE, yes,    T, T, R, R, R, T, R, T, R),
    ROW(CKA_NEVER_EXTRACTABLE, yes,   T, T, R, R, R, T, R, T, R),
    ROW(CKA_WRAP_WITH_TRUSTED, yes,   T, T, H, H, H, T, H, T, H),
    ROW(CKA_WRAP_WITH_TRUSTED, no,    T, T, H, H, H, T, H, T, H),
    ROW(CKA_TRUSTED, yes,             T, T, V, V, V, T, R, T, R),
    ROW(CKA_TRUSTED, no,              T, T, H, H, H, T, R, T, R),
    ROW(CKA_ALWAYS_AUTHENTICATE, no,  T, T, R, R, R, T, R, T, R),
    ROW_TEXT(CKA_CHECK_VALUE, "abc",  T, T, T, T, T, T, T, T, T),
    ROW_TEXT(CKA_ISSUER, "x",         T, T, T, T, T, T, T, T, T),
    ROW_TEXT(CKA_SIDESEAT_SCOPE, "org", R, T, T, R, T, T, T, T, T),
    ROW_TEXT(CKA_SIDESEAT_NAME, "x",  R, T, T, R, T, T, T, T, T),
    ROW_TEXT(CKA_SIDESEAT_FALLBACK, "org/a", T, T, T, T, T, T, T, T, T),
    ROW_TEXT(CKA_SIDESEAT_STATUS, "x", T, T, T, T, T, T, T, T, T),
    ROW_TEXT(CKA_SIDESEAT_DIAGNOSIS, "x", T, T, T, T, T, T, T, T, T),
    ROW_TEXT(CKA_SIDESEAT_LOCK, "1", T, T, T, T, T, T, T, T, T),
};
#undef H
#undef R
#undef T
#undef V
#undef C
#undef S
/* clang-format on */

static void a_template_holds_or_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int call = 0; call < CALLS; call++)
            if (suite.writable || !calls[call].writes)
                expect(rows[i].name, (enum call)call, rows[i].tried, rows[i].expected[call]);
}

/* Footnotes 1 and 3: "MUST be specified when the object is created / generated". */
static void required_attributes_must_be_given(void **state)
{
    static const struct {
        enum call call;
        CK_ATTRIBUTE_TYPE without;
    } cases[] = {
        {CREATE_SECRET, CKA_CLASS},   {CREATE_SECRET, CKA_LABEL},
        {CREATE_SECRET, CKA_VALUE},   {CREATE_DATA, CKA_CLASS},
        {CREATE_KEY, CKA_CLASS},      {CREATE_KEY, CKA_KEY_TYPE},
        {CREATE_KEY, CKA_VALUE},      {GENERATE_STORED, CKA_VALUE_LEN},
        {GENERATE_STORED, CKA_LABEL}, {GENERATE_KEY, CKA_VALUE_LEN},
    };
    CK_MECHANISM mechanism = {CKM_GENERIC_SECRET_KEY_GEN, NULL, 0};
    CK_ATTRIBUTE template[BASE_MAX];
    CK_OBJECT_HANDLE made;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum call call = cases[i].call;
        CK_ULONG count = 0;
        if (calls[call].writes && !suite.writable)
            continue;
        for (CK_ULONG j = 0; j < calls[call].count; j++)
            if (calls[call].base[j].type != cases[i].without)
                template[count++] = calls[call].base[j];
        if (call == GENERATE_STORED || call == GENERATE_KEY)
            assert_rv(p11->C_GenerateKey(session, &mechanism, template, count, &made),
                      CKR_TEMPLATE_INCOMPLETE);
        else
            assert_rv(p11->C_CreateObject(session, template, count, &made),
                      CKR_TEMPLATE_INCOMPLETE);
    }
}

/* 4.4, 4.5, 4.7, 4.8: the defaults. */
static void omitted_attributes_have_their_defaults(void **state)
{
    static const CK_ATTRIBUTE_TYPE on[] = {CKA_PRIVATE, CKA_MODIFIABLE, CKA_COPYABLE,
                                           CKA_DESTROYABLE};
    static const CK_ATTRIBUTE_TYPE off[] = {
        CKA_TOKEN,   CKA_SENSITIVE,        CKA_DERIVE,
        CKA_ENCRYPT, CKA_DECRYPT,          CKA_WRAP,
        CKA_UNWRAP,  CKA_TRUSTED,          CKA_WRAP_WITH_TRUSTED,
        CKA_LOCAL,   CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE,
    };
    CK_OBJECT_HANDLE data = made_with(CREATE_DATA);
    CK_OBJECT_HANDLE key = made_with(CREATE_KEY);
    CK_ULONG len = 1;

    (void)state;
    for (size_t i = 0; i < COUNT(on); i++) {
        assert_int_equal(get_bool(session, data, on[i]), CK_TRUE);
        assert_int_equal(get_bool(session, key, on[i]), CK_TRUE);
    }
    for (size_t i = 0; i < COUNT(off); i++)
        assert_int_equal(get_bool(session, key, off[i]), CK_FALSE);
    assert_int_equal(get_bool(session, key, CKA_SIGN), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_VERIFY), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_EXTRACTABLE), CK_TRUE);
    (void)get_text(session, data, CKA_LABEL, &len);
    assert_int_equal(len, 0);
    (void)get_text(session, key, CKA_ID, &len);
    assert_int_equal(len, 0);
    (void)get_text(session, key, CKA_START_DATE, &len);
    assert_int_equal(len, 0);
}

static CK_RV set_flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, CK_BBOOL *value)
{
    CK_ATTRIBUTE attribute = VARIABLE(type, *value);

    return p11->C_SetAttributeValue(session, object, &attribute, 1);
}

static CK_RV copy_flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, CK_BBOOL *value)
{
    CK_ATTRIBUTE attribute = VARIABLE(type, *value);
    CK_OBJECT_HANDLE copy;

    return p11->C_CopyObject(session, object, &attribute, 1, &copy);
}

/* Footnotes 11 and 12: "Attribute cannot be changed once set to CK_TRUE / CK_FALSE. It becomes a
 * read only attribute." */
static void some_change_in_one_direction_only(void **state)
{
    CK_OBJECT_HANDLE key = made_with(CREATE_KEY);
    CK_ATTRIBUTE value = {CKA_VALUE, NULL, 0};
    const struct {
        CK_ATTRIBUTE_TYPE type;
        CK_BBOOL *to;
        CK_BBOOL *back;
    } cases[] = {{CKA_SENSITIVE, &yes, &no},
                 {CKA_EXTRACTABLE, &no, &yes},
                 {CKA_WRAP_WITH_TRUSTED, &yes, &no}};

    (void)state;
    assert_rv(p11->C_GetAttributeValue(session, key, &value, 1), CKR_OK);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_rv(set_flag(key, cases[i].type, cases[i].to), CKR_OK);
        assert_rv(set_flag(key, cases[i].type, cases[i].to), CKR_OK);
        assert_rv(set_flag(key, cases[i].type, cases[i].back), CKR_ATTRIBUTE_READ_ONLY);
        assert_rv(copy_flag(key, cases[i].type, cases[i].back), CKR_ATTRIBUTE_READ_ONLY);
        assert_rv(copy_flag(key, cases[i].type, cases[i].to), CKR_OK);
        assert_int_equal(get_bool(session, key, cases[i].type), *cases[i].to);
    }
    assert_rv(p11->C_GetAttributeValue(session, key, &value, 1), CKR_ATTRIBUTE_SENSITIVE);
    assert_int_equal(get_bool(session, key, CKA_ALWAYS_SENSITIVE), CK_FALSE);
    assert_int_equal(get_bool(session, key, CKA_NEVER_EXTRACTABLE), CK_FALSE);
    assert_rv(set_flag(key, CKA_COPYABLE, &no), CKR_OK);
    assert_rv(set_flag(key, CKA_COPYABLE, &yes), CKR_ATTRIBUTE_READ_ONLY);
    assert_rv(copy_flag(key, CKA_PRIVATE, &yes), CKR_ACTION_PROHIBITED);
}

/* A copy of session data to the store fails rather than losing an attribute. */
static void a_copy_to_the_store_is_a_secret_in_full(void **state)
{
    CK_ATTRIBUTE data[] = {VARIABLE(CKA_CLASS, class_data), TEXT(CKA_VALUE, "x"),
                           TEXT(CKA_APPLICATION, "mine")};
    CK_ATTRIBUTE copy[] = {VARIABLE(CKA_TOKEN, yes), TEXT(CKA_LABEL, "global/tried"),
                           TEXT(CKA_APPLICATION, "sideseat"), TEXT(CKA_VALUE, "y")};
    CK_ATTRIBUTE versioned[] = {VARIABLE(CKA_TOKEN, no), TEXT(CKA_SIDESEAT_VERSION, "0")};
    CK_OBJECT_HANDLE object;
    CK_OBJECT_HANDLE made;

    (void)state;
    assert_rv(p11->C_CopyObject(session, find_label(session, seeded[0]), versioned, 2, &made),
              CKR_TEMPLATE_INCONSISTENT);
    if (!suite.writable)
        return;
    assert_rv(p11->C_CreateObject(session, data, COUNT(data), &object), CKR_OK);
    assert_rv(p11->C_CopyObject(session, object, copy, 2, &made), CKR_ATTRIBUTE_VALUE_INVALID);
    expect_secret(session, "global/tried", NULL);
    assert_rv(p11->C_CopyObject(session, object, copy, 4, &made), CKR_OK);
    expect_secret(session, "global/tried", "y");
    assert_string_equal(get_text(session, object, CKA_VALUE, NULL), "x");
}

#define opened(test) cmocka_unit_test_setup_teardown(test, with_session, without_module)

static const struct CMUnitTest tests[] = {
    opened(a_template_holds_or_is_refused),          opened(required_attributes_must_be_given),
    opened(omitted_attributes_have_their_defaults),  opened(some_change_in_one_direction_only),
    opened(a_copy_to_the_store_is_a_secret_in_full),
};

const struct chapter template_chapter = CHAPTER("template", tests);
