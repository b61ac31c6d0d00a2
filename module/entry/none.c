/* SPDX-License-Identifier: Apache-2.0 */
#include "module/entry/none.h"

#include "module/entry/entry.h"

/*
 * The functions that the module does not have; among them setting up a token or a PIN, which the
 * store does itself.
 */

static CK_RV none(const char *function)
{
    ENTER(lib);

    return entry_result(function, CKR_FUNCTION_NOT_SUPPORTED);
}

/* No function here reads its arguments. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define NONE(name, arguments)                                                                      \
    CK_RV name arguments                                                                           \
    {                                                                                              \
        return none(#name);                                                                        \
    }

NONE(C_InitToken, (CK_SLOT_ID a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d))
NONE(C_InitPIN, (CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c))
NONE(C_SetPIN, (CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG e))
NONE(C_GetOperationState, (CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG *c))
NONE(C_SetOperationState,
     (CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_OBJECT_HANDLE d, CK_OBJECT_HANDLE e))
NONE(C_DigestKey, (CK_SESSION_HANDLE a, CK_OBJECT_HANDLE b))
NONE(C_SignRecoverInit, (CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_OBJECT_HANDLE c))
NONE(C_SignRecover, (CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e))
NONE(C_VerifyRecoverInit, (CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_OBJECT_HANDLE c))
NONE(C_VerifyRecover, (CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e))
NONE(C_DigestEncryptUpdate, (CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e))
NONE(C_DecryptDigestUpdate, (CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e))
NONE(C_SignEncryptUpdate, (CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e))
NONE(C_DecryptVerifyUpdate, (CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e))

/* Each stands in for several functions, so the log names the stand-in. */
NONE(none_message_init, (CK_SESSION_HANDLE a, CK_MECHANISM_PTR b, CK_OBJECT_HANDLE c))
NONE(none_message_crypt, (CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c, CK_BYTE_PTR d, CK_ULONG e,
                          CK_BYTE_PTR f, CK_ULONG g, CK_BYTE_PTR h, CK_ULONG_PTR i))
NONE(none_message_begin,
     (CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c, CK_BYTE_PTR d, CK_ULONG e))
NONE(none_message_next, (CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c, CK_BYTE_PTR d, CK_ULONG e,
                         CK_BYTE_PTR f, CK_ULONG_PTR g, CK_FLAGS h))
NONE(none_message_final, (CK_SESSION_HANDLE a))
NONE(none_message_sign, (CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c, CK_BYTE_PTR d, CK_ULONG e,
                         CK_BYTE_PTR f, CK_ULONG_PTR g))
NONE(none_message_sign_begin, (CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c))
NONE(none_message_verify, (CK_SESSION_HANDLE a, CK_VOID_PTR b, CK_ULONG c, CK_BYTE_PTR d,
                           CK_ULONG e, CK_BYTE_PTR f, CK_ULONG g))
