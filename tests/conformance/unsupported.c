/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

/*
 * 5.1 and 5.4.1: before C_Initialize every function says CKR_CRYPTOKI_NOT_INITIALIZED; a function
 * that the library does not have is a stub that says CKR_FUNCTION_NOT_SUPPORTED.
 */

/* A call of each function that this library leaves out. `f` and `g` are the lists of 2.40 and 3.0.
 */
#define LEFT_OUT(CALL)                                                                             \
    CALL(f->C_InitToken(1, NULL, 0, text))                                                         \
    CALL(f->C_InitPIN(0, NULL, 0))                                                                 \
    CALL(f->C_SetPIN(0, NULL, 0, NULL, 0))                                                         \
    CALL(f->C_GetOperationState(0, NULL, &n))                                                      \
    CALL(f->C_SetOperationState(0, text, 0, 0, 0))                                                 \
    CALL(f->C_SignRecoverInit(0, &mechanism, 0))                                                   \
    CALL(f->C_SignRecover(0, text, 1, NULL, &n))                                                   \
    CALL(f->C_VerifyRecoverInit(0, &mechanism, 0))                                                 \
    CALL(f->C_VerifyRecover(0, text, 1, NULL, &n))                                                 \
    CALL(f->C_DigestEncryptUpdate(0, text, 1, NULL, &n))                                           \
    CALL(f->C_DecryptDigestUpdate(0, text, 1, NULL, &n))                                           \
    CALL(f->C_SignEncryptUpdate(0, text, 1, NULL, &n))                                             \
    CALL(f->C_DecryptVerifyUpdate(0, text, 1, NULL, &n))                                           \
    CALL(g->C_MessageEncryptInit(0, &mechanism, 0))                                                \
    CALL(g->C_EncryptMessage(0, NULL, 0, NULL, 0, text, 1, NULL, &n))                              \
    CALL(g->C_EncryptMessageBegin(0, NULL, 0, NULL, 0))                                            \
    CALL(g->C_EncryptMessageNext(0, NULL, 0, text, 1, NULL, &n, 0))                                \
    CALL(g->C_MessageEncryptFinal(0))                                                              \
    CALL(g->C_MessageDecryptInit(0, &mechanism, 0))                                                \
    CALL(g->C_DecryptMessage(0, NULL, 0, NULL, 0, text, 1, NULL, &n))                              \
    CALL(g->C_DecryptMessageBegin(0, NULL, 0, NULL, 0))                                            \
    CALL(g->C_DecryptMessageNext(0, NULL, 0, text, 1, NULL, &n, 0))                                \
    CALL(g->C_MessageDecryptFinal(0))                                                              \
    CALL(g->C_MessageSignInit(0, &mechanism, 0))                                                   \
    CALL(g->C_SignMessage(0, NULL, 0, text, 1, NULL, &n))                                          \
    CALL(g->C_SignMessageBegin(0, NULL, 0))                                                        \
    CALL(g->C_SignMessageNext(0, NULL, 0, text, 1, NULL, &n))                                      \
    CALL(g->C_MessageSignFinal(0))                                                                 \
    CALL(g->C_MessageVerifyInit(0, &mechanism, 0))                                                 \
    CALL(g->C_VerifyMessage(0, NULL, 0, text, 1, text, 1))                                         \
    CALL(g->C_VerifyMessageBegin(0, NULL, 0))                                                      \
    CALL(g->C_VerifyMessageNext(0, NULL, 0, text, 1, text, 1))                                     \
    CALL(g->C_MessageVerifyFinal(0))

/* The others, with arguments that would be wrong afterwards, too. */
#define KEPT(CALL)                                                                                 \
    CALL(f->C_EncryptInit(0, NULL, 0))                                                             \
    CALL(f->C_Encrypt(0, NULL, 1, NULL, NULL))                                                     \
    CALL(f->C_EncryptUpdate(0, NULL, 1, NULL, NULL))                                               \
    CALL(f->C_EncryptFinal(0, NULL, NULL))                                                         \
    CALL(f->C_DecryptUpdate(0, NULL, 1, NULL, NULL))                                               \
    CALL(f->C_DecryptFinal(0, NULL, NULL))                                                         \
    CALL(f->C_DecryptInit(0, NULL, 0))                                                             \
    CALL(f->C_Decrypt(0, NULL, 1, NULL, NULL))                                                     \
    CALL(f->C_Finalize(NULL))                                                                      \
    CALL(f->C_CloseAllSessions(1))                                                                 \
    KEPT_NEEDING_ARGUMENTS(CALL)
#define KEPT_NEEDING_ARGUMENTS(CALL)                                                               \
    CALL(f->C_GetInfo(NULL))                                                                       \
    CALL(f->C_GetSlotList(CK_TRUE, NULL, NULL))                                                    \
    CALL(f->C_GetSlotInfo(1, NULL))                                                                \
    CALL(f->C_GetTokenInfo(1, NULL))                                                               \
    CALL(f->C_WaitForSlotEvent(CKF_DONT_BLOCK, NULL, NULL))                                        \
    CALL(f->C_GetMechanismList(1, NULL, NULL))                                                     \
    CALL(f->C_GetMechanismInfo(1, CKM_SHA256, NULL))                                               \
    CALL(f->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, NULL))                                \
    CALL(f->C_CloseSession(1))                                                                     \
    CALL(f->C_GetSessionInfo(1, NULL))                                                             \
    CALL(f->C_Login(1, CKU_USER, NULL, 0))                                                         \
    CALL(f->C_Logout(1))                                                                           \
    CALL(f->C_CreateObject(1, NULL, 0, NULL))                                                      \
    CALL(f->C_CopyObject(1, 1, NULL, 0, NULL))                                                     \
    CALL(f->C_DestroyObject(1, 1))                                                                 \
    CALL(f->C_GetObjectSize(1, 1, NULL))                                                           \
    CALL(f->C_GetAttributeValue(1, 1, NULL, 0))                                                    \
    CALL(f->C_SetAttributeValue(1, 1, NULL, 0))                                                    \
    CALL(f->C_FindObjectsInit(1, NULL, 0))                                                         \
    CALL(f->C_FindObjects(1, NULL, 0, NULL))                                                       \
    CALL(f->C_FindObjectsFinal(1))                                                                 \
    CALL(f->C_DigestInit(1, NULL))                                                                 \
    CALL(f->C_Digest(1, NULL, 0, NULL, NULL))                                                      \
    CALL(f->C_DigestUpdate(1, NULL, 0))                                                            \
    CALL(f->C_DigestKey(1, 1))                                                                     \
    CALL(f->C_DigestFinal(1, NULL, NULL))                                                          \
    CALL(f->C_SignInit(1, NULL, 1))                                                                \
    CALL(f->C_Sign(1, NULL, 0, NULL, NULL))                                                        \
    CALL(f->C_SignUpdate(1, NULL, 0))                                                              \
    CALL(f->C_SignFinal(1, NULL, NULL))                                                            \
    CALL(f->C_VerifyInit(1, NULL, 1))                                                              \
    CALL(f->C_Verify(1, NULL, 0, NULL, 0))                                                         \
    CALL(f->C_VerifyUpdate(1, NULL, 0))                                                            \
    CALL(f->C_VerifyFinal(1, NULL, 0))                                                             \
    CALL(f->C_GenerateKey(1, NULL, NULL, 0, NULL))                                                 \
    CALL(f->C_GenerateKeyPair(1, NULL, NULL, 0, NULL, 0, NULL, NULL))                              \
    CALL(f->C_WrapKey(1, NULL, 0, 0, NULL, NULL))                                                  \
    CALL(f->C_UnwrapKey(1, NULL, 0, NULL, 0, NULL, 0, NULL))                                       \
    CALL(f->C_DeriveKey(1, NULL, 0, NULL, 0, NULL))                                                \
    CALL(f->C_SeedRandom(1, NULL, 0))                                                              \
    CALL(f->C_GenerateRandom(1, NULL, 0))                                                          \
    CALL(f->C_GetFunctionStatus(1))                                                                \
    CALL(f->C_CancelFunction(1))                                                                   \
    CALL(g->C_LoginUser(1, CKU_USER, NULL, 0, NULL, 0))                                            \
    CALL(g->C_SessionCancel(1, 0))

static void call_the_omitted_functions(CK_RV expected)
{
    CK_MECHANISM mechanism = {CKM_SHA256, NULL, 0};
    struct functions_3_0 *g = functions_3_0();
    CK_FUNCTION_LIST *f = p11;
    unsigned char text[32] = "text";
    CK_ULONG n = 0;

#define CALL(call) assert_rv_at(#call, (call), expected, __FILE__, __LINE__);
    LEFT_OUT(CALL)
    f = &g->v2;
    LEFT_OUT(CALL)
#undef CALL
}

static void left_out_functions_come_after_initialization_only(void **state)
{
    (void)state;
    call_the_omitted_functions(CKR_CRYPTOKI_NOT_INITIALIZED);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    call_the_omitted_functions(CKR_FUNCTION_NOT_SUPPORTED);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    call_the_omitted_functions(CKR_CRYPTOKI_NOT_INITIALIZED);
}

static void kept_functions_come_after_initialization_too(void **state)
{
    struct functions_3_0 *g = functions_3_0();
    CK_FUNCTION_LIST *f = p11;

    (void)state;
#define CALL(call) assert_rv_at(#call, (call), CKR_CRYPTOKI_NOT_INITIALIZED, __FILE__, __LINE__);
    KEPT(CALL)
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    KEPT(CALL)
#undef CALL
}

/* None of them crashes or succeeds on meaningless arguments: without a session, with NULL for every
 * pointer. */
static void nothing_succeeds_without_its_arguments(void **state)
{
    struct functions_3_0 *g = functions_3_0();
    CK_FUNCTION_LIST *f = p11;

    (void)state;
#define CALL(call)                                                                                 \
    if ((call) == CKR_OK)                                                                          \
        fail_msg("%s succeeds", #call);
    KEPT_NEEDING_ARGUMENTS(CALL)
#undef CALL
}

/* 5.20: these two are left over from version 1 and always say CKR_FUNCTION_NOT_PARALLEL. */
static void parallel_functions_say_so(void **state)
{
    CK_SESSION_HANDLE session = open_ro();

    (void)state;
    assert_rv(p11->C_GetFunctionStatus(session), CKR_FUNCTION_NOT_PARALLEL);
    assert_rv(p11->C_CancelFunction(session), CKR_FUNCTION_NOT_PARALLEL);
}

static const struct CMUnitTest tests[] = {
    bare(left_out_functions_come_after_initialization_only),
    bare(kept_functions_come_after_initialization_too),
    open_library(nothing_succeeds_without_its_arguments),
    open_library(parallel_functions_say_so),
};

const struct chapter unsupported_chapter = CHAPTER("unsupported", tests);
