/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <string.h>

/* 5.6 Session management. */

/* 5.6.1: CKF_SERIAL_SESSION "should always be set", else CKR_SESSION_PARALLEL_NOT_SUPPORTED. */
static void open_checks_its_arguments(void **state)
{
    CK_SESSION_HANDLE session;

    (void)state;
    assert_rv(p11->C_OpenSession(1, 0, NULL, NULL, &session), CKR_SESSION_PARALLEL_NOT_SUPPORTED);
    assert_rv(p11->C_OpenSession(1, CKF_RW_SESSION, NULL, NULL, &session),
              CKR_SESSION_PARALLEL_NOT_SUPPORTED);
    assert_rv(p11->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, NULL), CKR_ARGUMENTS_BAD);
}

/* 5.6.1: "pApplication is an application-defined pointer to be passed to the notification
 * callback": any value will do, and the callback may be NULL. */
static void open_takes_any_application_pointer(void **state)
{
    CK_SESSION_HANDLE session;

    (void)state;
    assert_rv(p11->C_OpenSession(1, CKF_SERIAL_SESSION, (void *)1, NULL, &session), CKR_OK);
    assert_rv(p11->C_CloseSession(session), CKR_OK);
}

/* 5.6.4 and 4.3: the user functions from the start, since the store has let this user in. */
static void info_tells_state_and_flags(void **state)
{
    CK_SESSION_INFO info;

    (void)state;
    memset(&info, 0xaa, sizeof info);
    assert_rv(p11->C_GetSessionInfo(open_ro(), &info), CKR_OK);
    assert_int_equal(info.slotID, 1);
    assert_int_equal(info.flags, CKF_SERIAL_SESSION);
    assert_int_equal(info.state, CKS_RO_USER_FUNCTIONS);
    assert_int_equal(info.ulDeviceError, 0);
    if (!suite.writable)
        return;
    assert_rv(p11->C_GetSessionInfo(open_rw(), &info), CKR_OK);
    assert_int_equal(info.flags, CKF_SERIAL_SESSION | CKF_RW_SESSION);
    assert_int_equal(info.state, CKS_RW_USER_FUNCTIONS);
    assert_rv(p11->C_GetSessionInfo(open_ro(), NULL), CKR_ARGUMENTS_BAD);
}

/* Every function that takes a session, with one that is none. */
static void assert_no_session(CK_SESSION_HANDLE s)
{
    CK_MECHANISM sha256 = {CKM_SHA256, NULL, 0};
    CK_ATTRIBUTE label = TEXT(CKA_LABEL, "x");
    unsigned char data[64];
    CK_ULONG n = sizeof data;
    CK_SESSION_INFO info;

    assert_rv(p11->C_CloseSession(s), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_GetSessionInfo(s, &info), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_Login(s, CKU_USER, NULL, 0), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_Logout(s), CKR_SESSION_HANDLE_INVALID);
    assert_rv(try_create(s, "global/x", "x", 1, &n), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_CopyObject(s, 1, &label, 1, &n), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_DestroyObject(s, 1), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_GetObjectSize(s, 1, &n), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_GetAttributeValue(s, 1, &label, 1), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_SetAttributeValue(s, 1, &label, 1), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_FindObjectsInit(s, NULL, 0), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_FindObjects(s, &n, 1, &n), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_FindObjectsFinal(s), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_DigestInit(s, &sha256), CKR_SESSION_HANDLE_INVALID);
    n = sizeof data;
    assert_rv(p11->C_Digest(s, data, 1, data, &n), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_DigestUpdate(s, data, 1), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_DigestFinal(s, data, &n), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_GenerateRandom(s, data, 1), CKR_SESSION_HANDLE_INVALID);
}

static void handles_that_are_none_are_refused(void **state)
{
    CK_SESSION_HANDLE open = open_ro();
    CK_SESSION_HANDLE closed = open_ro();

    (void)state;
    assert_rv(p11->C_CloseSession(closed), CKR_OK);
    assert_no_session(CK_INVALID_HANDLE);
    assert_no_session(closed);
    assert_no_session(open + 1000000);
    assert_no_session((CK_SESSION_HANDLE)-1);
    assert_rv(p11->C_CloseSession(open), CKR_OK);
    assert_no_session(open);
}

/* A new session does not get the handle of a closed one at once: a late use must fail. */
static void a_closed_handle_stays_closed(void **state)
{
    CK_SESSION_HANDLE first = open_ro();
    CK_SESSION_INFO info;

    (void)state;
    assert_rv(p11->C_CloseSession(first), CKR_OK);
    for (int i = 0; i < 2000; i++) {
        CK_SESSION_HANDLE session = open_ro();
        assert_true(session != first);
        assert_rv(p11->C_GetSessionInfo(first, &info), CKR_SESSION_HANDLE_INVALID);
        assert_rv(p11->C_CloseSession(session), CKR_OK);
    }
}

static void many_sessions_may_be_open(void **state)
{
    CK_SESSION_HANDLE sessions[500];
    CK_SESSION_INFO info;

    (void)state;
    for (size_t i = 0; i < COUNT(sessions); i++) {
        sessions[i] = open_ro();
        for (size_t j = 0; j < i; j += 97)
            assert_true(sessions[i] != sessions[j]);
    }
    for (size_t i = 0; i < COUNT(sessions); i++)
        assert_rv(p11->C_GetSessionInfo(sessions[i], &info), CKR_OK);
    assert_rv(p11->C_CloseAllSessions(1), CKR_OK);
    for (size_t i = 0; i < COUNT(sessions); i++)
        assert_rv(p11->C_GetSessionInfo(sessions[i], &info), CKR_SESSION_HANDLE_INVALID);
}

/* 3.3 CK_TOKEN_INFO: ulMaxSessionCount is the "maximum number of sessions that can be opened", and
 * so it is. */
static void as_many_sessions_as_the_token_says(void **state)
{
    CK_SESSION_HANDLE session;
    CK_TOKEN_INFO info;

    (void)state;
    assert_rv(p11->C_GetTokenInfo(1, &info), CKR_OK);
    assert_int_equal(info.ulMaxRwSessionCount, info.ulMaxSessionCount);
    assert_true(info.ulMaxSessionCount >= 10000);
    for (CK_ULONG i = 0; i < info.ulMaxSessionCount; i++)
        session = open_ro();
    assert_rv(p11->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &session), CKR_SESSION_COUNT);
    assert_rv(p11->C_CloseAllSessions(1), CKR_OK);
    (void)open_ro();
}

/* 5.6.3: "closes all sessions an application has with a token", and only with that one. */
static void close_all_closes_one_tokens_sessions(void **state)
{
    CK_SESSION_HANDLE on_second;
    CK_SESSION_HANDLE on_first;
    CK_SESSION_INFO info;

    (void)state;
    write_configuration("{\"pkcs11\": {\"tokens\": [{\"label\": \"a\"}, {\"label\": \"b\"}]}}");
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    on_first = open_ro();
    assert_rv(p11->C_OpenSession(2, CKF_SERIAL_SESSION, NULL, NULL, &on_second), CKR_OK);
    assert_rv(p11->C_CloseAllSessions(1), CKR_OK);
    assert_rv(p11->C_GetSessionInfo(on_first, &info), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_GetSessionInfo(on_second, &info), CKR_OK);
    assert_int_equal(info.slotID, 2);
    assert_rv(p11->C_CloseAllSessions(1), CKR_OK); /* closing none is not an error */
}

/* 5.6.5 (3.0): ends the operations that the flags name; ending none is not an error. */
static void session_cancel_ends_a_search_and_a_digest(void **state)
{
    CK_MECHANISM sha256 = {CKM_SHA256, NULL, 0};
    CK_SESSION_HANDLE session = open_ro();
    struct functions_3_0 *list = functions_3_0();
    CK_OBJECT_HANDLE object;
    CK_ULONG n;

    (void)state;
    assert_rv(list->C_SessionCancel(session, CKF_FIND_OBJECTS | CKF_DIGEST), CKR_OK);
    assert_rv(p11->C_FindObjectsInit(session, NULL, 0), CKR_OK);
    assert_rv(p11->C_DigestInit(session, &sha256), CKR_OK);
    assert_rv(list->C_SessionCancel(session, CKF_FIND_OBJECTS), CKR_OK);
    assert_rv(p11->C_FindObjects(session, &object, 1, &n), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_DigestUpdate(session, (unsigned char *)&n, 1), CKR_OK);
    assert_rv(list->C_SessionCancel(session, CKF_DIGEST), CKR_OK);
    assert_rv(p11->C_DigestUpdate(session, (unsigned char *)&n, 1), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(list->C_SessionCancel(0, CKF_DIGEST), CKR_SESSION_HANDLE_INVALID);
}

static const struct CMUnitTest tests[] = {
    open_library(open_checks_its_arguments),
    open_library(open_takes_any_application_pointer),
    open_library(info_tells_state_and_flags),
    open_library(handles_that_are_none_are_refused),
    open_library(a_closed_handle_stays_closed),
    open_library(many_sessions_may_be_open),
    open_library(as_many_sessions_as_the_token_says),
    bare(close_all_closes_one_tokens_sessions),
    open_library(session_cancel_ends_a_search_and_a_digest),
};

const struct chapter session_chapter = CHAPTER("session", tests);
