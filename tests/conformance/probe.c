/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <dlfcn.h>
#include <string.h>

/* Single questions of a hostile tester to which no other chapter has the answer. */

static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE key;
static CK_OBJECT_CLASS class_key = CKO_SECRET_KEY;
static CK_KEY_TYPE generic = CKK_GENERIC_SECRET;
static CK_MECHANISM sha256 = {CKM_SHA256, NULL, 0};
static CK_MECHANISM hmac = {CKM_SHA256_HMAC, NULL, 0};
static unsigned char data[16] = "0123456789abcde";

static int with_session(void **state)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class_key), VARIABLE(CKA_KEY_TYPE, generic),
                               TEXT(CKA_VALUE, "0123456789abcdef")};

    if (with_secrets(state) != 0)
        return -1;
    session = suite.writable ? open_rw() : open_ro();
    return p11->C_CreateObject(session, template, COUNT(template), &key) == CKR_OK ? 0 : -1;
}

/* 5.2: "a call which returns CKR_BUFFER_TOO_SMALL" and a length query leave the operation active,
 * any other error and any success end it. */
static void calls_that_end_an_operation(void **state)
{
    unsigned char out[64];
    CK_ULONG n = 0;

    (void)state;
    assert_rv(p11->C_DigestInit(session, &sha256), CKR_OK);
    assert_rv(p11->C_Digest(session, data, 4, NULL, &n), CKR_OK);
    assert_int_equal(n, 32);
    n = 31;
    assert_rv(p11->C_Digest(session, data, 4, out, &n), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(n, 32);
    assert_rv(p11->C_Digest(session, data, 4, out, &n), CKR_OK);
    assert_rv(p11->C_Digest(session, data, 4, out, &n), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_SignInit(session, &hmac, key), CKR_OK);
    assert_rv(p11->C_Sign(session, NULL, 4, out, &n), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_Sign(session, data, 4, out, &n), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_SignInit(session, &hmac, key), CKR_OK);
    assert_rv(p11->C_Sign(session, data, 4, out, NULL), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_SignUpdate(session, data, 4), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_VerifyInit(session, &hmac, key), CKR_OK);
    assert_rv(p11->C_Verify(session, data, 4, NULL, 32), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_Verify(session, data, 4, out, 32), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_VerifyInit(session, &hmac, key), CKR_OK);
    assert_rv(p11->C_VerifyUpdate(session, NULL, 4), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_VerifyFinal(session, out, 32), CKR_OPERATION_NOT_INITIALIZED);
}

/* 5.2: the length that is told for a final is right before the last part, and nothing is lost. */
static void parts_and_lengths_mix(void **state)
{
    unsigned char one[32];
    unsigned char parts[32];
    CK_ULONG n = sizeof one;

    (void)state;
    assert_rv(p11->C_DigestInit(session, &sha256), CKR_OK);
    assert_rv(p11->C_Digest(session, data, 8, one, &n), CKR_OK);
    assert_rv(p11->C_DigestInit(session, &sha256), CKR_OK);
    assert_rv(p11->C_DigestUpdate(session, data, 3), CKR_OK);
    assert_rv(p11->C_DigestFinal(session, NULL, &n), CKR_OK);
    assert_rv(p11->C_DigestUpdate(session, NULL, 0), CKR_OK);
    n = 1;
    assert_rv(p11->C_DigestFinal(session, parts, &n), CKR_BUFFER_TOO_SMALL);
    assert_rv(p11->C_DigestUpdate(session, data + 3, 5), CKR_OK);
    assert_rv(p11->C_DigestFinal(session, parts, &n), CKR_OK);
    assert_memory_equal(one, parts, 32);
    assert_rv(p11->C_DigestInit(session, &sha256), CKR_OK);
    assert_rv(p11->C_DigestUpdate(session, data, 3), CKR_OK);
    assert_rv(p11->C_Digest(session, data, 3, parts, &n), CKR_OPERATION_ACTIVE);
}

/* 5.2 and 5.7.7: operations of different kinds live side by side; two of one kind do not. */
static void kinds_of_operation_do_not_meet(void **state)
{
    unsigned char out[64];
    CK_ULONG n = sizeof out;
    CK_ULONG found;
    CK_OBJECT_HANDLE object;

    (void)state;
    assert_rv(p11->C_FindObjectsInit(session, NULL, 0), CKR_OK);
    assert_rv(p11->C_DigestInit(session, &sha256), CKR_OK);
    assert_rv(p11->C_SignInit(session, &hmac, key), CKR_OK);
    assert_rv(p11->C_VerifyInit(session, &hmac, key), CKR_OK);
    assert_rv(p11->C_FindObjectsInit(session, NULL, 0), CKR_OPERATION_ACTIVE);
    assert_rv(p11->C_DigestInit(session, &sha256), CKR_OPERATION_ACTIVE);
    assert_rv(p11->C_SignInit(session, &hmac, key), CKR_OPERATION_ACTIVE);
    assert_rv(p11->C_VerifyInit(session, &hmac, key), CKR_OPERATION_ACTIVE);
    assert_rv(p11->C_FindObjects(session, &object, 1, &found), CKR_OK);
    assert_int_equal(found, 1);
    assert_rv(p11->C_Sign(session, data, 4, out, &n), CKR_OK);
    assert_rv(p11->C_Verify(session, data, 4, out, n), CKR_OK);
    assert_rv(p11->C_Digest(session, data, 4, out, &n), CKR_OK);
    assert_rv(p11->C_FindObjectsFinal(session), CKR_OK);
    assert_rv(p11->C_FindObjectsFinal(session), CKR_OPERATION_NOT_INITIALIZED);
}

/* 3.0, 5.13 to 5.15: "C_SignInit can be called with pMechanism set to NULL_PTR to terminate an
 * active operation". */
static void a_null_mechanism_ends_an_operation(void **state)
{
    (void)state;
    assert_rv(p11->C_DigestInit(session, &sha256), CKR_OK);
    assert_rv(p11->C_DigestInit(session, NULL), CKR_OK);
    assert_rv(p11->C_DigestUpdate(session, data, 1), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_SignInit(session, &hmac, key), CKR_OK);
    assert_rv(p11->C_SignInit(session, NULL, 0), CKR_OK);
    assert_rv(p11->C_SignUpdate(session, data, 1), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_VerifyInit(session, NULL, 0), CKR_OK);
}

/* 5.7.7: a running search does not find an object destroyed meanwhile, a new object does not
 * disturb it, and another session's search is independent. */
static void searches_and_changes_interleave(void **state)
{
    CK_ATTRIBUTE mine[] = {TEXT(CKA_LABEL, "mine"), VARIABLE(CKA_CLASS, class_data),
                           TEXT(CKA_VALUE, "v")};
    CK_OBJECT_HANDLE made[3];
    CK_OBJECT_HANDLE found[4];
    CK_SESSION_HANDLE other = open_ro();
    CK_ULONG n;

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_rv(p11->C_CreateObject(session, mine, 3, &made[i]), CKR_OK);
    assert_rv(p11->C_FindObjectsInit(session, mine, 1), CKR_OK);
    assert_rv(p11->C_FindObjects(session, found, 1, &n), CKR_OK);
    assert_int_equal(n, 1);
    assert_rv(p11->C_FindObjects(session, found, 0, &n), CKR_OK);
    assert_int_equal(n, 0);
    for (int i = 0; i < 3; i++)
        if (made[i] != found[0])
            assert_rv(p11->C_DestroyObject(other, made[i]), CKR_OK);
    assert_rv(p11->C_FindObjects(session, found, 4, &n), CKR_OK);
    assert_int_equal(n, 0);
    assert_rv(p11->C_FindObjects(other, found, 4, &n), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_FindObjects(session, NULL, 1, &n), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_FindObjects(session, found, 1, NULL), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_FindObjectsFinal(session), CKR_OK);
}

/* 5.6.2: a session's operations end with it, and another session does not get its handle. */
static void a_closed_session_leaves_nothing(void **state)
{
    CK_SESSION_HANDLE closed = open_ro();
    CK_SESSION_HANDLE fresh;

    (void)state;
    assert_rv(p11->C_DigestInit(closed, &sha256), CKR_OK);
    assert_rv(p11->C_SignInit(closed, &hmac, key), CKR_OK);
    assert_rv(p11->C_FindObjectsInit(closed, NULL, 0), CKR_OK);
    assert_rv(p11->C_CloseSession(closed), CKR_OK);
    fresh = open_ro();
    assert_int_not_equal(fresh, closed);
    assert_rv(p11->C_DigestUpdate(fresh, data, 1), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_SignUpdate(fresh, data, 1), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_FindObjectsFinal(fresh), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(p11->C_SignInit(closed, &hmac, key), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_SeedRandom(closed, data, 1), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_GetFunctionStatus(closed), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_CancelFunction(closed), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_GetFunctionStatus(fresh), CKR_FUNCTION_NOT_PARALLEL);
}

/* The session is judged before the arguments, and an object's handle before a template. */
static void the_session_comes_first(void **state)
{
    CK_ATTRIBUTE bad = {CKA_LABEL, NULL, 5};
    CK_OBJECT_HANDLE made;

    (void)state;
    assert_rv(p11->C_CreateObject(0, &bad, 1, NULL), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_GenerateKey(0, NULL, &bad, 1, NULL), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_FindObjectsInit(0, &bad, 1), CKR_SESSION_HANDLE_INVALID);
    assert_rv(p11->C_SetAttributeValue(session, 0, &bad, 1), CKR_OBJECT_HANDLE_INVALID);
    assert_rv(p11->C_CopyObject(session, 0, &bad, 1, &made), CKR_OBJECT_HANDLE_INVALID);
    assert_rv(p11->C_CreateObject(session, NULL, 0, &made), CKR_TEMPLATE_INCOMPLETE);
    assert_rv(p11->C_GenerateKey(session, &sha256, NULL, 0, &made), CKR_MECHANISM_INVALID);
    assert_rv(p11->C_GenerateKey(session, NULL, NULL, 0, &made), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_SignInit(session, &sha256, key), CKR_MECHANISM_INVALID);
    assert_rv(p11->C_DigestInit(session, &hmac), CKR_MECHANISM_INVALID);
    assert_rv(p11->C_SetAttributeValue(session, key, NULL, 0), CKR_OK);
    assert_rv(p11->C_GetAttributeValue(session, key, NULL, 0), CKR_OK);
}

/* 5.5.5 and 5.5.6: each mechanism of the list works as its information says, and others have none.
 */
static void mechanism_information_is_true(void **state)
{
    CK_MECHANISM_TYPE list[32];
    CK_ULONG n = COUNT(list);
    CK_MECHANISM_INFO info;

    (void)state;
    assert_rv(p11->C_GetMechanismList(1, list, &n), CKR_OK);
    for (CK_ULONG i = 0; i < n; i++) {
        CK_ULONG len = 8;
        CK_MECHANISM mechanism = {list[i], NULL, 0};
        CK_RV digest;
        assert_rv(p11->C_GetMechanismInfo(1, list[i], &info), CKR_OK);
        assert_true(info.ulMinKeySize <= info.ulMaxKeySize);
        digest = p11->C_DigestInit(session, &mechanism);
        assert_int_equal(digest == CKR_OK, (info.flags & CKF_DIGEST) != 0);
        assert_rv(p11->C_DigestInit(session, NULL), CKR_OK);
        if (p11->C_SignInit(session, &mechanism, key) == CKR_MECHANISM_PARAM_INVALID)
            mechanism = (CK_MECHANISM){list[i], &len, sizeof len};
        assert_rv(p11->C_SignInit(session, NULL, 0), CKR_OK);
        assert_int_equal(p11->C_SignInit(session, &mechanism, key) == CKR_OK,
                         (info.flags & CKF_SIGN) != 0);
        assert_int_equal(p11->C_VerifyInit(session, &mechanism, key) == CKR_OK,
                         (info.flags & CKF_VERIFY) != 0);
        assert_rv(p11->C_SignInit(session, NULL, 0), CKR_OK);
        assert_rv(p11->C_VerifyInit(session, NULL, 0), CKR_OK);
    }
    assert_rv(p11->C_GetMechanismInfo(1, CKM_SHA_1, &info), CKR_MECHANISM_INVALID);
    assert_rv(p11->C_GetMechanismInfo(1, CKM_MD5_HMAC, &info), CKR_MECHANISM_INVALID);
    assert_rv(p11->C_GetMechanismInfo(0, CKM_SHA256, &info), CKR_SLOT_ID_INVALID);
}

/* 3.0, 5.4.5 and 5.4.6. */
static void interfaces_are_chosen_to_the_letter(void **state)
{
    CK_RV (*get)(unsigned char *, CK_VERSION *, CK_INTERFACE **, CK_FLAGS);
    static unsigned char name[] = "PKCS 11";
    static unsigned char other[] = "pkcs 11";
    CK_VERSION versions[] = {{3, 0}, {2, 40}, {3, 1}, {2, 0}};
    CK_INTERFACE *found;

    (void)state;
    *(void **)&get = dlsym(suite.handle, "C_GetInterface");
    assert_rv(get(name, NULL, &found, 0), CKR_OK);
    assert_int_equal(((CK_VERSION *)found->pFunctionList)->major, 3);
    assert_rv(get(name, &versions[1], &found, CKF_INTERFACE_FORK_SAFE), CKR_OK);
    assert_int_equal(((CK_VERSION *)found->pFunctionList)->minor, 40);
    assert_rv(get(name, &versions[2], &found, 0), CKR_FUNCTION_FAILED);
    assert_rv(get(NULL, &versions[3], &found, 0), CKR_FUNCTION_FAILED);
    assert_rv(get(other, NULL, &found, 0), CKR_FUNCTION_FAILED);
    assert_rv(get(name, NULL, &found, 0x80), CKR_FUNCTION_FAILED);
    assert_rv(get(NULL, NULL, NULL, 0), CKR_ARGUMENTS_BAD);
}

/* 5.5.4: slots never change, so the call does not wait. */
static void waiting_for_a_slot_returns_at_once(void **state)
{
    CK_SLOT_ID slot = 77;

    (void)state;
    assert_rv(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
    assert_rv(p11->C_WaitForSlotEvent(0, &slot, NULL), CKR_FUNCTION_NOT_SUPPORTED);
    assert_rv(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, NULL, NULL), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, &slot), CKR_ARGUMENTS_BAD);
    assert_int_equal(slot, 77);
}

#define opened(test) cmocka_unit_test_setup_teardown(test, with_session, without_module)

static const struct CMUnitTest tests[] = {
    opened(calls_that_end_an_operation),
    opened(parts_and_lengths_mix),
    opened(kinds_of_operation_do_not_meet),
    opened(a_null_mechanism_ends_an_operation),
    opened(searches_and_changes_interleave),
    opened(a_closed_session_leaves_nothing),
    opened(the_session_comes_first),
    opened(mechanism_information_is_true),
    opened(interfaces_are_chosen_to_the_letter),
    opened(waiting_for_a_slot_returns_at_once),
};

const struct chapter probe_chapter = CHAPTER("probe", tests);
