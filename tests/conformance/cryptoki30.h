/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONFORMANCE_CRYPTOKI30_H
#define TESTS_CONFORMANCE_CRYPTOKI30_H

/*
 * The additions of version 3.0 of the standard to a system's pkcs11.h of 2.40. They repeat those of
 * the module on purpose, so that a mistake there does not agree with one here. Names, numbers and
 * the order of the function list are those of PKCS #11 3.0, pkcs11t.h and pkcs11f.h.
 */
#include <p11-kit/pkcs11.h>

#include "sideseat-pkcs11.h"

#ifndef CKA_UNIQUE_ID
#define CKA_UNIQUE_ID 4UL
#endif
#ifndef CKO_PROFILE
#define CKO_PROFILE 9UL
#define CKA_PROFILE_ID 0x601UL
#define CKP_BASELINE_PROVIDER 1UL
#endif
#ifndef CKR_OPERATION_CANCEL_FAILED
#define CKR_OPERATION_CANCEL_FAILED 0x202UL
#endif

#ifndef CKK_EC_MONTGOMERY
#define CKK_EC_MONTGOMERY 0x41UL
#endif
#ifndef CKM_EC_MONTGOMERY_KEY_PAIR_GEN
#define CKM_EC_MONTGOMERY_KEY_PAIR_GEN 0x1056UL
#endif
#ifndef CKM_AES_KEY_WRAP_KWP
#define CKM_AES_KEY_WRAP_KWP 0x210bUL
#endif
#ifndef CKM_SHA3_256
#define CKM_SHA3_256_RSA_PKCS 0x60UL
#define CKM_SHA3_384_RSA_PKCS 0x61UL
#define CKM_SHA3_512_RSA_PKCS 0x62UL
#define CKM_SHA3_256_RSA_PKCS_PSS 0x63UL
#define CKM_SHA3_384_RSA_PKCS_PSS 0x64UL
#define CKM_SHA3_512_RSA_PKCS_PSS 0x65UL
#define CKM_SHA3_224_RSA_PKCS 0x66UL
#define CKM_SHA3_224_RSA_PKCS_PSS 0x67UL
#define CKM_SHA3_256 0x2b0UL
#define CKM_SHA3_224 0x2b5UL
#define CKM_SHA3_384 0x2c0UL
#define CKM_SHA3_512 0x2d0UL
#define CKM_ECDSA_SHA3_224 0x1047UL
#define CKM_ECDSA_SHA3_256 0x1048UL
#define CKM_ECDSA_SHA3_384 0x1049UL
#define CKM_ECDSA_SHA3_512 0x104aUL
#define CKG_MGF1_SHA3_256 7UL
#endif

#if CRYPTOKI_VERSION_MAJOR < 3

#define CKF_INTERFACE_FORK_SAFE 1UL
#define CKF_FIND_OBJECTS 0x40UL

typedef struct CK_INTERFACE {
    char *pInterfaceName;
    void *pFunctionList;
    CK_FLAGS flags;
} CK_INTERFACE;

#endif

typedef unsigned char *bytes;

struct functions_3_0 {
    CK_FUNCTION_LIST v2;
    CK_RV (*C_GetInterfaceList)(CK_INTERFACE *, CK_ULONG *);
    CK_RV (*C_GetInterface)(bytes, CK_VERSION *, CK_INTERFACE **, CK_FLAGS);
    CK_RV (*C_LoginUser)(CK_ULONG, CK_ULONG, bytes, CK_ULONG, bytes, CK_ULONG);
    CK_RV (*C_SessionCancel)(CK_ULONG, CK_FLAGS);
    CK_RV (*C_MessageEncryptInit)(CK_ULONG, CK_MECHANISM *, CK_ULONG);
    CK_RV(*C_EncryptMessage)
    (CK_ULONG, void *, CK_ULONG, bytes, CK_ULONG, bytes, CK_ULONG, bytes, CK_ULONG *);
    CK_RV (*C_EncryptMessageBegin)(CK_ULONG, void *, CK_ULONG, bytes, CK_ULONG);
    CK_RV(*C_EncryptMessageNext)
    (CK_ULONG, void *, CK_ULONG, bytes, CK_ULONG, bytes, CK_ULONG *, CK_FLAGS);
    CK_RV (*C_MessageEncryptFinal)(CK_ULONG);
    CK_RV (*C_MessageDecryptInit)(CK_ULONG, CK_MECHANISM *, CK_ULONG);
    CK_RV(*C_DecryptMessage)
    (CK_ULONG, void *, CK_ULONG, bytes, CK_ULONG, bytes, CK_ULONG, bytes, CK_ULONG *);
    CK_RV (*C_DecryptMessageBegin)(CK_ULONG, void *, CK_ULONG, bytes, CK_ULONG);
    CK_RV(*C_DecryptMessageNext)
    (CK_ULONG, void *, CK_ULONG, bytes, CK_ULONG, bytes, CK_ULONG *, CK_FLAGS);
    CK_RV (*C_MessageDecryptFinal)(CK_ULONG);
    CK_RV (*C_MessageSignInit)(CK_ULONG, CK_MECHANISM *, CK_ULONG);
    CK_RV (*C_SignMessage)(CK_ULONG, void *, CK_ULONG, bytes, CK_ULONG, bytes, CK_ULONG *);
    CK_RV (*C_SignMessageBegin)(CK_ULONG, void *, CK_ULONG);
    CK_RV (*C_SignMessageNext)(CK_ULONG, void *, CK_ULONG, bytes, CK_ULONG, bytes, CK_ULONG *);
    CK_RV (*C_MessageSignFinal)(CK_ULONG);
    CK_RV (*C_MessageVerifyInit)(CK_ULONG, CK_MECHANISM *, CK_ULONG);
    CK_RV (*C_VerifyMessage)(CK_ULONG, void *, CK_ULONG, bytes, CK_ULONG, bytes, CK_ULONG);
    CK_RV (*C_VerifyMessageBegin)(CK_ULONG, void *, CK_ULONG);
    CK_RV (*C_VerifyMessageNext)(CK_ULONG, void *, CK_ULONG, bytes, CK_ULONG, bytes, CK_ULONG);
    CK_RV (*C_MessageVerifyFinal)(CK_ULONG);
};

#endif
