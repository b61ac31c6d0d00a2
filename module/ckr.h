/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_CKR_H
#define MODULE_CKR_H

#include "module/cryptoki.h"
#include "store/err.h"

/* The kind of call that meets a store's error. */
enum ckr_call {
    CKR_CALL_FIND,    /* C_FindObjectsInit */
    CKR_CALL_GET,     /* C_GetAttributeValue, C_GetObjectSize */
    CKR_CALL_CREATE,  /* C_CreateObject, C_CopyObject, C_GenerateKey, C_GenerateKeyPair */
    CKR_CALL_SET,     /* C_SetAttributeValue */
    CKR_CALL_DESTROY, /* C_DestroyObject */
    CKR_CALL_LOGIN,   /* C_Login */
    CKR_CALL_USE,     /* a key signs, verifies, encrypts, decrypts, derives, wraps or unwraps */
    CKR_CALLS,
};

/* The one place where a store's error becomes a CK_RV. */
CK_RV ckr_from_store(enum ckr_call call, enum store_err err);

/* The name of a return value, "CKR_DEVICE_ERROR"; "CKR_?" for one that we do not return. */
const char *ckr_name(CK_RV rv);

#endif
