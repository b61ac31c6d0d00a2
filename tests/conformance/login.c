/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <string.h>

/*
 * 5.6.8 C_Login and 5.6.10 C_Logout. The stores here need no login, so a session starts with the
 * user functions; a client that logs in all the same must find that it works, since pkcs11-tool,
 * p11-kit and systemd give up on any answer but CKR_OK.
 */

static CK_STATE state_of(CK_SESSION_HANDLE session)
{
    CK_SESSION_INFO info;

    assert_rv(p11->C_GetSessionInfo(session, &info), CKR_OK);
    return info.state;
}

static void the_first_login_works_with_any_pin(void **state)
{
    static unsigned char pin[] = "1234";
    static unsigned char binary[] = "\xff\x00\x01";
    static unsigned char longest[1000];
    const struct {
        unsigned char *pin;
        CK_ULONG len;
    } pins[] = {{NULL, 0}, {pin, 0}, {pin, 4}, {binary, 3}, {longest, sizeof longest}};

    (void)state;
    memset(longest, 'p', sizeof longest);
    for (size_t i = 0; i < COUNT(pins); i++) {
        CK_SESSION_HANDLE session = open_ro();
        assert_rv(p11->C_Login(session, CKU_USER, pins[i].pin, pins[i].len), CKR_OK);
        assert_int_equal(state_of(session), CKS_RO_USER_FUNCTIONS);
        assert_rv(p11->C_CloseSession(session), CKR_OK); /* the last one: logs out (5.6.2) */
    }
}

static void the_second_login_says_so(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_SESSION_HANDLE other = open_ro();

    (void)state;
    assert_rv(p11->C_Login(session, CKU_USER, NULL, 0), CKR_OK);
    assert_rv(p11->C_Login(session, CKU_USER, NULL, 0), CKR_USER_ALREADY_LOGGED_IN);
    assert_rv(p11->C_Login(other, CKU_USER, NULL, 0), CKR_USER_ALREADY_LOGGED_IN);
}

/* 5.6.10: "all of the application's sessions" leave the user functions; C_Login brings them back.
 */
static void logout_ends_the_user_functions_until_login(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_SESSION_HANDLE other = open_ro();

    (void)state;
    assert_rv(p11->C_Logout(session), CKR_OK);
    assert_int_equal(state_of(session), CKS_RO_PUBLIC_SESSION);
    assert_int_equal(state_of(other), CKS_RO_PUBLIC_SESSION);
    assert_int_equal(state_of(open_ro()), CKS_RO_PUBLIC_SESSION);
    assert_rv(p11->C_Logout(session), CKR_USER_NOT_LOGGED_IN);
    assert_rv(p11->C_Login(other, CKU_USER, NULL, 0), CKR_OK);
    assert_int_equal(state_of(session), CKS_RO_USER_FUNCTIONS);
    assert_rv(p11->C_Login(other, CKU_USER, NULL, 0), CKR_USER_ALREADY_LOGGED_IN);
    assert_rv(p11->C_Logout(other), CKR_OK);
    assert_int_equal(state_of(session), CKS_RO_PUBLIC_SESSION);
}

static void read_write_sessions_follow(void **state)
{
    CK_SESSION_HANDLE session;

    (void)state;
    if (!suite.writable)
        skip();
    session = open_rw();
    assert_rv(p11->C_Logout(session), CKR_OK);
    assert_int_equal(state_of(session), CKS_RW_PUBLIC_SESSION);
    assert_rv(p11->C_Login(session, CKU_USER, NULL, 0), CKR_OK);
    assert_int_equal(state_of(session), CKS_RW_USER_FUNCTIONS);
}

/* 5.6.2 and 5.6.3: with the last session the login ends, and the next one starts anew. */
static void the_last_session_takes_the_login_along(void **state)
{
    CK_SESSION_HANDLE session = open_ro();

    (void)state;
    assert_rv(p11->C_Logout(session), CKR_OK);
    assert_rv(p11->C_CloseSession(session), CKR_OK);
    session = open_ro();
    assert_int_equal(state_of(session), CKS_RO_USER_FUNCTIONS);
    assert_rv(p11->C_Login(session, CKU_USER, NULL, 0), CKR_OK);
    assert_rv(p11->C_CloseAllSessions(1), CKR_OK);
    session = open_ro();
    assert_rv(p11->C_Login(session, CKU_USER, NULL, 0), CKR_OK);
}

/* 4.4: a private object is not to be seen or used without a login; 5.6.10: "any of the
 * application's handles to private objects become invalid". */
static void logged_out_nobody_sees_a_secret(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE object = find_label(session, seeded[0]);
    CK_ATTRIBUTE value = {CKA_VALUE, NULL, 0};

    (void)state;
    assert_true(object != 0);
    assert_rv(p11->C_Logout(session), CKR_OK);
    assert_int_equal(find_label(session, seeded[0]), 0);
    assert_int_equal(find(session, NULL, 0, NULL, 0), 0);
    assert_rv(p11->C_GetAttributeValue(session, object, &value, 1), CKR_OBJECT_HANDLE_INVALID);
    if (suite.writable) {
        CK_SESSION_HANDLE writing = open_rw();
        assert_rv(p11->C_DestroyObject(writing, object), CKR_OBJECT_HANDLE_INVALID);
        assert_rv(try_create(writing, "global/new", "x", 1, &object), CKR_USER_NOT_LOGGED_IN);
    }
    assert_rv(p11->C_Login(session, CKU_USER, NULL, 0), CKR_OK);
    expect_secret(session, seeded[0], "value of global/alpha");
    expect_secret(session, "global/new", NULL);
}

/* 5.6.10: a handle that C_Logout has made invalid "remains invalid even if a user subsequently logs
 * in again". */
static void handles_from_before_a_logout_stay_invalid(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE object = find_label(session, seeded[0]);
    CK_ATTRIBUTE value = {CKA_VALUE, NULL, 0};
    CK_OBJECT_HANDLE listed[SEEDED];
    CK_OBJECT_HANDLE again;
    CK_ULONG size;

    (void)state;
    assert_int_equal(find(session, NULL, 0, listed, SEEDED), SEEDED);
    assert_rv(p11->C_FindObjectsInit(session, NULL, 0), CKR_OK);
    assert_rv(p11->C_Logout(session), CKR_OK);
    assert_rv(p11->C_Login(session, CKU_USER, NULL, 0), CKR_OK);
    assert_rv(p11->C_FindObjects(session, &again, 1, &size), CKR_OK);
    assert_int_equal(size, 0);
    assert_rv(p11->C_FindObjectsFinal(session), CKR_OK);
    again = find_label(session, seeded[0]);
    assert_true(again != 0 && again != object);
    assert_int_equal(find(session, NULL, 0, NULL, 0), SEEDED);
    for (size_t i = 0; i < SEEDED; i++) {
        assert_rv(p11->C_GetAttributeValue(session, listed[i], &value, 1),
                  CKR_OBJECT_HANDLE_INVALID);
        assert_rv(p11->C_GetObjectSize(session, listed[i], &size), CKR_OBJECT_HANDLE_INVALID);
    }
    expect_secret(session, seeded[0], "value of global/alpha");
}

static void login_checks_its_arguments(void **state)
{
    CK_SESSION_HANDLE session = open_ro();

    (void)state;
    assert_rv(p11->C_Login(session, 99, NULL, 0), CKR_USER_TYPE_INVALID);
    assert_rv(p11->C_Login(session, CKU_CONTEXT_SPECIFIC, NULL, 0), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_Login(session, CKU_USER, NULL, 4), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_Login(session, CKU_USER, NULL, 0), CKR_OK);
}

/* 5.6.8: CKR_SESSION_READ_ONLY_EXISTS while there is a read-only session,
 * CKR_USER_ANOTHER_ALREADY_LOGGED_IN while the normal user is logged in. The token does not have an
 * officer. */
static void a_security_officer_is_refused_by_the_state(void **state)
{
    CK_SESSION_HANDLE reading = open_ro();
    CK_SESSION_HANDLE writing;

    (void)state;
    assert_rv(p11->C_Login(reading, CKU_SO, NULL, 0), CKR_SESSION_READ_ONLY_EXISTS);
    assert_rv(functions_3_0()->C_LoginUser(reading, CKU_SO, NULL, 0, NULL, 0),
              CKR_SESSION_READ_ONLY_EXISTS);
    if (!suite.writable)
        return;
    writing = open_rw();
    assert_rv(p11->C_Login(writing, CKU_SO, NULL, 0), CKR_SESSION_READ_ONLY_EXISTS);
    assert_rv(p11->C_CloseSession(reading), CKR_OK);
    assert_rv(p11->C_Login(writing, CKU_SO, NULL, 0), CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
    assert_rv(p11->C_Login(writing, CKU_USER, NULL, 0), CKR_OK);
    assert_rv(p11->C_Login(writing, CKU_SO, NULL, 0), CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
    assert_rv(p11->C_Logout(writing), CKR_OK);
    assert_rv(p11->C_Login(writing, CKU_SO, NULL, 0), CKR_USER_TYPE_INVALID);
    assert_int_equal(state_of(writing), CKS_RW_PUBLIC_SESSION);
}

/* 5.6.9 C_LoginUser: errors of the state come before the refusal of the name. */
static void a_user_name_is_refused_after_the_state(void **state)
{
    static unsigned char name[] = "alice";
    CK_SESSION_HANDLE session = open_ro();
    struct functions_3_0 *f = functions_3_0();

    (void)state;
    assert_rv(f->C_LoginUser(session + 1, CKU_USER, NULL, 0, name, 5), CKR_SESSION_HANDLE_INVALID);
    assert_rv(f->C_LoginUser(session, 99, NULL, 0, name, 5), CKR_USER_TYPE_INVALID);
    assert_rv(f->C_LoginUser(session, CKU_SO, NULL, 0, name, 5), CKR_SESSION_READ_ONLY_EXISTS);
    assert_rv(f->C_LoginUser(session, CKU_CONTEXT_SPECIFIC, NULL, 0, name, 5),
              CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(f->C_LoginUser(session, CKU_USER, NULL, 0, NULL, 5), CKR_ARGUMENTS_BAD);
    assert_rv(f->C_LoginUser(session, CKU_USER, NULL, 0, name, 5), CKR_FUNCTION_NOT_SUPPORTED);
    assert_rv(f->C_LoginUser(session, CKU_USER, NULL, 0, name, 0), CKR_OK);
    assert_rv(f->C_LoginUser(session, CKU_USER, NULL, 0, name, 5), CKR_USER_ALREADY_LOGGED_IN);
    assert_rv(f->C_LoginUser(session, CKU_USER, NULL, 0, NULL, 0), CKR_USER_ALREADY_LOGGED_IN);
}

static void each_token_has_its_own_login(void **state)
{
    CK_SESSION_HANDLE first;
    CK_SESSION_HANDLE second;

    (void)state;
    write_configuration("{\"pkcs11\": {\"tokens\": [{\"label\": \"a\"}, {\"label\": \"b\"}]}}");
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    first = open_ro();
    assert_rv(p11->C_OpenSession(2, CKF_SERIAL_SESSION, NULL, NULL, &second), CKR_OK);
    assert_rv(p11->C_Login(first, CKU_USER, NULL, 0), CKR_OK);
    assert_rv(p11->C_Login(second, CKU_USER, NULL, 0), CKR_OK);
    assert_rv(p11->C_Logout(first), CKR_OK);
    assert_int_equal(state_of(first), CKS_RO_PUBLIC_SESSION);
    assert_int_equal(state_of(second), CKS_RO_USER_FUNCTIONS);
}

static const struct CMUnitTest tests[] = {
    open_library(the_first_login_works_with_any_pin),
    open_library(the_second_login_says_so),
    open_library(logout_ends_the_user_functions_until_login),
    open_library(read_write_sessions_follow),
    open_library(the_last_session_takes_the_login_along),
    with_seed(logged_out_nobody_sees_a_secret),
    with_seed(handles_from_before_a_logout_stay_invalid),
    open_library(login_checks_its_arguments),
    open_library(a_security_officer_is_refused_by_the_state),
    open_library(a_user_name_is_refused_after_the_state),
    bare(each_token_has_its_own_login),
};

const struct chapter login_chapter = CHAPTER("login", tests);
