/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <stdio.h>
#include <string.h>

/*
 * A token that cannot be written to (CKF_WRITE_PROTECTED). 5.6.1 wants CKR_TOKEN_WRITE_PROTECTED
 * from C_OpenSession; opening and refusing each change gives users better messages. Both are
 * right; a change that goes through is not.
 */

static void every_change_is_refused(void **state)
{
    CK_SESSION_HANDLE session = 0;
    CK_RV rv = p11->C_OpenSession(1, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session);
    CK_ATTRIBUTE label = TEXT(CKA_LABEL, "global/copy");
    CK_ATTRIBUTE value = TEXT(CKA_VALUE, "x");
    CK_OBJECT_HANDLE object;
    CK_OBJECT_HANDLE other;

    (void)state;
    if (suite.writable)
        skip();
    if (rv != CKR_OK) {
        assert_rv(rv, CKR_TOKEN_WRITE_PROTECTED);
        return;
    }
    object = find_label(session, seeded[0]);
    assert_rv(try_create(session, "global/new", "x", 1, &other), CKR_TOKEN_WRITE_PROTECTED);
    assert_rv(try_create(session, seeded[0], "x", 1, &other), CKR_TOKEN_WRITE_PROTECTED);
    assert_rv(p11->C_SetAttributeValue(session, object, &value, 1), CKR_TOKEN_WRITE_PROTECTED);
    assert_rv(p11->C_CopyObject(session, object, &label, 1, &other), CKR_TOKEN_WRITE_PROTECTED);
    assert_rv(p11->C_DestroyObject(session, object), CKR_TOKEN_WRITE_PROTECTED);
    expect_secret(session, seeded[0], "value of global/alpha");
    expect_secret(session, "global/new", NULL);
}

static void a_read_only_session_is_told_the_same(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE object = find_label(session, seeded[0]);
    CK_OBJECT_HANDLE other;
    CK_RV rv;

    (void)state;
    if (suite.writable)
        skip();
    rv = try_create(session, "global/new", "x", 1, &other);
    assert_true(rv == CKR_TOKEN_WRITE_PROTECTED || rv == CKR_SESSION_READ_ONLY);
    rv = p11->C_DestroyObject(session, object);
    assert_true(rv == CKR_TOKEN_WRITE_PROTECTED || rv == CKR_SESSION_READ_ONLY);
    expect_secret(session, seeded[0], "value of global/alpha");
}

/* Begins anew with the settings, and gives a session. */
static CK_SESSION_HANDLE reopen(const char *settings)
{
    char words[128];
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK, .pReserved = words};

    (void)snprintf(words, sizeof words, "%s", settings);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    assert_rv(p11->C_Initialize(&arguments), CKR_OK);
    return open_rw();
}

static void the_configuration_can_protect_the_whole_token(void **state)
{
    CK_SESSION_HANDLE session;
    CK_ATTRIBUTE value = TEXT(CKA_VALUE, "x");
    CK_OBJECT_HANDLE object;
    CK_OBJECT_HANDLE other;
    CK_TOKEN_INFO info;

    (void)state;
    if (!suite.writable)
        skip();
    session = reopen("read_only=true");
    assert_rv(p11->C_GetTokenInfo(1, &info), CKR_OK);
    assert_true((info.flags & CKF_WRITE_PROTECTED) != 0);
    assert_rv(try_create(session, "global/new", "x", 1, &other), CKR_TOKEN_WRITE_PROTECTED);
    assert_rv(try_create(session, seeded[0], "x", 1, &other), CKR_TOKEN_WRITE_PROTECTED);
    object = find_label(session, seeded[0]);
    if (object == 0)
        skip(); /* in memory, it ended with the library */
    assert_false(get_bool(session, object, CKA_MODIFIABLE));
    assert_rv(p11->C_SetAttributeValue(session, object, &value, 1), CKR_TOKEN_WRITE_PROTECTED);
    assert_rv(p11->C_DestroyObject(session, object), CKR_TOKEN_WRITE_PROTECTED);
    expect_secret(session, seeded[0], "value of global/alpha");
}

static void the_configuration_can_protect_single_keys(void **state)
{
    CK_SESSION_HANDLE session;
    CK_ATTRIBUTE value = TEXT(CKA_VALUE, "x");
    CK_ATTRIBUTE label = TEXT(CKA_LABEL, "org/acme/copy");
    CK_OBJECT_HANDLE object;
    CK_OBJECT_HANDLE other;
    CK_TOKEN_INFO info;

    (void)state;
    if (!suite.writable)
        skip();
    session = reopen("read_only_keys='alpha  org/acme/* '");
    assert_rv(p11->C_GetTokenInfo(1, &info), CKR_OK);
    assert_true((info.flags & CKF_WRITE_PROTECTED) == 0);
    assert_rv(try_create(session, "org/acme/new", "x", 1, &other), CKR_TOKEN_WRITE_PROTECTED);
    assert_rv(try_create(session, "global/alpha", "x", 1, &other), CKR_TOKEN_WRITE_PROTECTED);
    assert_rv(try_create(session, "org/acme-2/free", "x", 1, &other), CKR_OK);
    assert_rv(p11->C_CopyObject(session, other, &label, 1, &object), CKR_TOKEN_WRITE_PROTECTED);
    assert_rv(p11->C_DestroyObject(session, other), CKR_OK);
    object = find_label(session, "global/alpha");
    if (object == 0)
        skip(); /* in memory, it ended with the library */
    assert_false(get_bool(session, object, CKA_MODIFIABLE));
    assert_false(get_bool(session, object, CKA_DESTROYABLE));
    assert_rv(p11->C_SetAttributeValue(session, object, &value, 1), CKR_ACTION_PROHIBITED);
    assert_rv(p11->C_DestroyObject(session, object), CKR_ACTION_PROHIBITED);
    expect_secret(session, "global/alpha", "value of global/alpha");
}

static const struct CMUnitTest tests[] = {
    with_seed(every_change_is_refused),
    with_seed(a_read_only_session_is_told_the_same),
    with_seed(the_configuration_can_protect_the_whole_token),
    with_seed(the_configuration_can_protect_single_keys),
};

const struct chapter protected_chapter = CHAPTER("protected", tests);
