/* SPDX-License-Identifier: Apache-2.0 */
#include "module/entry/entry.h"

#include <string.h>

#include "module/entry/none.h"
#include "module/object/padded.h"

#define EXPORT __attribute__((visibility("default")))

CK_RV C_Initialize(void *args)
{
    LEAVE(lib_initialize(args));
}

CK_RV C_Finalize(void *reserved)
{
    LEAVE(reserved == NULL ? lib_finalize() : CKR_ARGUMENTS_BAD);
}

CK_RV C_GetInfo(CK_INFO *info)
{
    ENTER(lib);

    if (info == NULL)
        LEAVE(CKR_ARGUMENTS_BAD);
    memset(info, 0, sizeof *info);
    info->cryptokiVersion = (CK_VERSION){3, 0};
    info->libraryVersion = (CK_VERSION){SIDESEAT_VERSION_MAJOR, SIDESEAT_VERSION_MINOR};
    padded_copy(info->manufacturerID, sizeof info->manufacturerID, "SideSeat");
    /* GnuTLS treats two modules with the same CK_INFO as one: the first token's label tells
     * copies apart */
    padded_copy(info->libraryDescription, sizeof info->libraryDescription,
                store_conf_label(lib->tokens[0].conf));
    LEAVE(CKR_OK);
}

/* The functions of 2.40, in their order, for both lists. */
#define FUNCTIONS                                                                                  \
    .C_Initialize = C_Initialize, .C_Finalize = C_Finalize, .C_GetInfo = C_GetInfo,                \
    .C_GetFunctionList = C_GetFunctionList, .C_GetSlotList = C_GetSlotList,                        \
    .C_GetSlotInfo = C_GetSlotInfo, .C_GetTokenInfo = C_GetTokenInfo,                              \
    .C_GetMechanismList = C_GetMechanismList, .C_GetMechanismInfo = C_GetMechanismInfo,            \
    .C_InitToken = C_InitToken, .C_InitPIN = C_InitPIN, .C_SetPIN = C_SetPIN,                      \
    .C_OpenSession = C_OpenSession, .C_CloseSession = C_CloseSession,                              \
    .C_CloseAllSessions = C_CloseAllSessions, .C_GetSessionInfo = C_GetSessionInfo,                \
    .C_GetOperationState = C_GetOperationState, .C_SetOperationState = C_SetOperationState,        \
    .C_Login = C_Login, .C_Logout = C_Logout, .C_CreateObject = C_CreateObject,                    \
    .C_CopyObject = C_CopyObject, .C_DestroyObject = C_DestroyObject,                              \
    .C_GetObjectSize = C_GetObjectSize, .C_GetAttributeValue = C_GetAttributeValue,                \
    .C_SetAttributeValue = C_SetAttributeValue, .C_FindObjectsInit = C_FindObjectsInit,            \
    .C_FindObjects = C_FindObjects, .C_FindObjectsFinal = C_FindObjectsFinal,                      \
    .C_EncryptInit = C_EncryptInit, .C_Encrypt = C_Encrypt, .C_EncryptUpdate = C_EncryptUpdate,    \
    .C_EncryptFinal = C_EncryptFinal, .C_DecryptInit = C_DecryptInit, .C_Decrypt = C_Decrypt,      \
    .C_DecryptUpdate = C_DecryptUpdate, .C_DecryptFinal = C_DecryptFinal,                          \
    .C_DigestInit = C_DigestInit, .C_Digest = C_Digest, .C_DigestUpdate = C_DigestUpdate,          \
    .C_DigestKey = C_DigestKey, .C_DigestFinal = C_DigestFinal, .C_SignInit = C_SignInit,          \
    .C_Sign = C_Sign, .C_SignUpdate = C_SignUpdate, .C_SignFinal = C_SignFinal,                    \
    .C_SignRecoverInit = C_SignRecoverInit, .C_SignRecover = C_SignRecover,                        \
    .C_VerifyInit = C_VerifyInit, .C_Verify = C_Verify, .C_VerifyUpdate = C_VerifyUpdate,          \
    .C_VerifyFinal = C_VerifyFinal, .C_VerifyRecoverInit = C_VerifyRecoverInit,                    \
    .C_VerifyRecover = C_VerifyRecover, .C_DigestEncryptUpdate = C_DigestEncryptUpdate,            \
    .C_DecryptDigestUpdate = C_DecryptDigestUpdate, .C_SignEncryptUpdate = C_SignEncryptUpdate,    \
    .C_DecryptVerifyUpdate = C_DecryptVerifyUpdate, .C_GenerateKey = C_GenerateKey,                \
    .C_GenerateKeyPair = C_GenerateKeyPair, .C_WrapKey = C_WrapKey, .C_UnwrapKey = C_UnwrapKey,    \
    .C_DeriveKey = C_DeriveKey, .C_SeedRandom = C_SeedRandom,                                      \
    .C_GenerateRandom = C_GenerateRandom, .C_GetFunctionStatus = C_GetFunctionStatus,              \
    .C_CancelFunction = C_CancelFunction, .C_WaitForSlotEvent = C_WaitForSlotEvent

static CK_FUNCTION_LIST functions_2_40 = {.version = {2, 40}, FUNCTIONS};

static struct cryptoki_functions_3_0 functions_3_0 = {
    .v2 = {.version = {3, 0}, FUNCTIONS},
    .C_GetInterfaceList = C_GetInterfaceList,
    .C_GetInterface = C_GetInterface,
    .C_LoginUser = C_LoginUser,
    .C_SessionCancel = C_SessionCancel,
    .C_MessageEncryptInit = none_message_init,
    .C_EncryptMessage = none_message_crypt,
    .C_EncryptMessageBegin = none_message_begin,
    .C_EncryptMessageNext = none_message_next,
    .C_MessageEncryptFinal = none_message_final,
    .C_MessageDecryptInit = none_message_init,
    .C_DecryptMessage = none_message_crypt,
    .C_DecryptMessageBegin = none_message_begin,
    .C_DecryptMessageNext = none_message_next,
    .C_MessageDecryptFinal = none_message_final,
    .C_MessageSignInit = none_message_init,
    .C_SignMessage = none_message_sign,
    .C_SignMessageBegin = none_message_sign_begin,
    .C_SignMessageNext = none_message_sign,
    .C_MessageSignFinal = none_message_final,
    .C_MessageVerifyInit = none_message_init,
    .C_VerifyMessage = none_message_verify,
    .C_VerifyMessageBegin = none_message_sign_begin,
    .C_VerifyMessageNext = none_message_verify,
    .C_MessageVerifyFinal = none_message_final,
};

static char interface_name[] = "PKCS 11";

/* Both survive a fork: in a child, every function but C_Initialize answers
 * CKR_CRYPTOKI_NOT_INITIALIZED (3.0, 5.4.6). The default is the first. */
static CK_INTERFACE interfaces[] = {
    {interface_name, &functions_3_0, CKF_INTERFACE_FORK_SAFE},
    {interface_name, &functions_2_40, CKF_INTERFACE_FORK_SAFE},
};

#define INTERFACE_COUNT (sizeof interfaces / sizeof interfaces[0])

EXPORT CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    if (list == NULL)
        return CKR_ARGUMENTS_BAD;
    *list = &functions_2_40;
    return CKR_OK;
}

EXPORT CK_RV C_GetInterfaceList(CK_INTERFACE_PTR list, CK_ULONG_PTR count)
{
    CK_ULONG room;

    if (count == NULL)
        return CKR_ARGUMENTS_BAD;
    room = *count;
    *count = INTERFACE_COUNT;
    if (list == NULL)
        return CKR_OK;
    if (room < INTERFACE_COUNT)
        return CKR_BUFFER_TOO_SMALL;
    memcpy(list, interfaces, sizeof interfaces);
    return CKR_OK;
}

/* True if the interface fits the request; a NULL name or version fits all. */
static bool interface_is(const CK_INTERFACE *interface, const CK_UTF8CHAR *name,
                         const CK_VERSION *version, CK_FLAGS flags)
{
    const CK_VERSION *own = interface->pFunctionList; /* the first member of either list */

    return (name == NULL || strcmp((const char *)name, interface->pInterfaceName) == 0) &&
           (version == NULL || (version->major == own->major && version->minor == own->minor)) &&
           (flags & ~interface->flags) == 0;
}

EXPORT CK_RV C_GetInterface(CK_UTF8CHAR_PTR name, CK_VERSION_PTR version,
                            CK_INTERFACE_PTR_PTR interface, CK_FLAGS flags)
{
    if (interface == NULL)
        return CKR_ARGUMENTS_BAD;
    for (size_t i = 0; i < INTERFACE_COUNT; i++) {
        if (interface_is(&interfaces[i], name, version, flags)) {
            *interface = &interfaces[i];
            return CKR_OK;
        }
    }
    return CKR_FUNCTION_FAILED;
}
