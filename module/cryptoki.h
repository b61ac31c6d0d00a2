/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_CRYPTOKI_H
#define MODULE_CRYPTOKI_H

/*
 * Cryptoki as this module speaks it: the system's pkcs11.h, this project's vendor attributes, and
 * the additions of version 3.0 for systems whose header stops at 2.40. The names, layouts and
 * numbers are those of "PKCS #11 Cryptographic Token Interface Base Specification Version 3.0",
 * sections 3 and 5, and its pkcs11t.h and pkcs11f.h.
 */

#include <p11-kit/pkcs11.h>

#include "sideseat-pkcs11.h"

#ifndef CKA_UNIQUE_ID
#define CKA_UNIQUE_ID 0x00000004UL
#endif
/* profile objects (3.0, section 4.13) */
#ifndef CKO_PROFILE
#define CKO_PROFILE 0x00000009UL
#define CKA_PROFILE_ID 0x00000601UL
#define CKP_BASELINE_PROVIDER 0x00000001UL
#endif
#ifndef CKR_OPERATION_CANCEL_FAILED
#define CKR_OPERATION_CANCEL_FAILED 0x00000202UL
#endif

/* keys of X25519 (3.0, mechanisms 2.3) */
#ifndef CKK_EC_MONTGOMERY
#define CKK_EC_MONTGOMERY 0x00000041UL
#endif
#ifndef CKM_EC_MONTGOMERY_KEY_PAIR_GEN
#define CKM_EC_MONTGOMERY_KEY_PAIR_GEN 0x00001056UL
#endif
/* AES key wrapping of RFC 5649 (3.0, mechanisms 2.16) */
#ifndef CKM_AES_KEY_WRAP_KWP
#define CKM_AES_KEY_WRAP_KWP 0x0000210bUL
#endif
/* SHA-3 (3.0, mechanisms 2.24, and its use by RSA and ECDSA) */
#ifndef CKM_SHA3_256
#define CKM_SHA3_256 0x000002b0UL
#define CKM_SHA3_224 0x000002b5UL
#define CKM_SHA3_384 0x000002c0UL
#define CKM_SHA3_512 0x000002d0UL
#define CKM_SHA3_256_RSA_PKCS 0x00000060UL
#define CKM_SHA3_384_RSA_PKCS 0x00000061UL
#define CKM_SHA3_512_RSA_PKCS 0x00000062UL
#define CKM_SHA3_256_RSA_PKCS_PSS 0x00000063UL
#define CKM_SHA3_384_RSA_PKCS_PSS 0x00000064UL
#define CKM_SHA3_512_RSA_PKCS_PSS 0x00000065UL
#define CKM_SHA3_224_RSA_PKCS 0x00000066UL
#define CKM_SHA3_224_RSA_PKCS_PSS 0x00000067UL
#define CKM_ECDSA_SHA3_224 0x00001047UL
#define CKM_ECDSA_SHA3_256 0x00001048UL
#define CKM_ECDSA_SHA3_384 0x00001049UL
#define CKM_ECDSA_SHA3_512 0x0000104aUL
#define CKG_MGF1_SHA3_224 0x00000006UL
#define CKG_MGF1_SHA3_256 0x00000007UL
#define CKG_MGF1_SHA3_384 0x00000008UL
#define CKG_MGF1_SHA3_512 0x00000009UL
#endif

#if CRYPTOKI_VERSION_MAJOR < 3

#define CKF_INTERFACE_FORK_SAFE 0x00000001UL

/* C_SessionCancel's flags (3.0, section 5.6.5); SIGN, VERIFY and DIGEST are the mechanism flags */
#define CKF_FIND_OBJECTS 0x00000040UL

typedef struct CK_INTERFACE {
    char *pInterfaceName;
    void *pFunctionList;
    CK_FLAGS flags;
} CK_INTERFACE;

typedef CK_INTERFACE *CK_INTERFACE_PTR;
typedef CK_INTERFACE **CK_INTERFACE_PTR_PTR;

CK_RV C_GetInterfaceList(CK_INTERFACE_PTR list, CK_ULONG_PTR count);
CK_RV C_GetInterface(CK_UTF8CHAR_PTR name, CK_VERSION_PTR version, CK_INTERFACE_PTR_PTR interface,
                     CK_FLAGS flags);
CK_RV C_LoginUser(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin,
                  CK_ULONG pin_len, CK_UTF8CHAR_PTR name, CK_ULONG name_len);
CK_RV C_SessionCancel(CK_SESSION_HANDLE session, CK_FLAGS flags);

#endif /* before 3.0 */

/* The functions of 3.0 that CK_FUNCTION_LIST lacks. The message-based ones share a few
 * signatures. */
typedef CK_RV cryptoki_get_interface_list(CK_INTERFACE_PTR, CK_ULONG_PTR);
typedef CK_RV cryptoki_get_interface(CK_UTF8CHAR_PTR, CK_VERSION_PTR, CK_INTERFACE_PTR_PTR,
                                     CK_FLAGS);
typedef CK_RV cryptoki_login_user(CK_SESSION_HANDLE, CK_USER_TYPE, CK_UTF8CHAR_PTR, CK_ULONG,
                                  CK_UTF8CHAR_PTR, CK_ULONG);
typedef CK_RV cryptoki_session_cancel(CK_SESSION_HANDLE, CK_FLAGS);
typedef CK_RV cryptoki_message_init(CK_SESSION_HANDLE, CK_MECHANISM_PTR, CK_OBJECT_HANDLE);
typedef CK_RV cryptoki_message_crypt(CK_SESSION_HANDLE, CK_VOID_PTR, CK_ULONG, CK_BYTE_PTR,
                                     CK_ULONG, CK_BYTE_PTR, CK_ULONG, CK_BYTE_PTR, CK_ULONG_PTR);
typedef CK_RV cryptoki_message_begin(CK_SESSION_HANDLE, CK_VOID_PTR, CK_ULONG, CK_BYTE_PTR,
                                     CK_ULONG);
typedef CK_RV cryptoki_message_next(CK_SESSION_HANDLE, CK_VOID_PTR, CK_ULONG, CK_BYTE_PTR, CK_ULONG,
                                    CK_BYTE_PTR, CK_ULONG_PTR, CK_FLAGS);
typedef CK_RV cryptoki_message_final(CK_SESSION_HANDLE);
typedef CK_RV cryptoki_message_sign(CK_SESSION_HANDLE, CK_VOID_PTR, CK_ULONG, CK_BYTE_PTR, CK_ULONG,
                                    CK_BYTE_PTR, CK_ULONG_PTR);
typedef CK_RV cryptoki_message_sign_begin(CK_SESSION_HANDLE, CK_VOID_PTR, CK_ULONG);
typedef CK_RV cryptoki_message_verify(CK_SESSION_HANDLE, CK_VOID_PTR, CK_ULONG, CK_BYTE_PTR,
                                      CK_ULONG, CK_BYTE_PTR, CK_ULONG);

/* The function list of 3.0: that of 2.40, followed by these in this order. */
struct cryptoki_functions_3_0 {
    CK_FUNCTION_LIST v2;
    cryptoki_get_interface_list *C_GetInterfaceList;
    cryptoki_get_interface *C_GetInterface;
    cryptoki_login_user *C_LoginUser;
    cryptoki_session_cancel *C_SessionCancel;
    cryptoki_message_init *C_MessageEncryptInit;
    cryptoki_message_crypt *C_EncryptMessage;
    cryptoki_message_begin *C_EncryptMessageBegin;
    cryptoki_message_next *C_EncryptMessageNext;
    cryptoki_message_final *C_MessageEncryptFinal;
    cryptoki_message_init *C_MessageDecryptInit;
    cryptoki_message_crypt *C_DecryptMessage;
    cryptoki_message_begin *C_DecryptMessageBegin;
    cryptoki_message_next *C_DecryptMessageNext;
    cryptoki_message_final *C_MessageDecryptFinal;
    cryptoki_message_init *C_MessageSignInit;
    cryptoki_message_sign *C_SignMessage;
    cryptoki_message_sign_begin *C_SignMessageBegin;
    cryptoki_message_sign *C_SignMessageNext;
    cryptoki_message_final *C_MessageSignFinal;
    cryptoki_message_init *C_MessageVerifyInit;
    cryptoki_message_verify *C_VerifyMessage;
    cryptoki_message_sign_begin *C_VerifyMessageBegin;
    cryptoki_message_verify *C_VerifyMessageNext;
    cryptoki_message_final *C_MessageVerifyFinal;
};

#endif
