/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_DERIVE_H
#define MODULE_SESSION_DERIVE_H

#include "module/session/session.h"

/*
 * C_DeriveKey (PKCS#11 3.0, 5.18.5) by CKM_ECDH1_DERIVE without a key derivation function (2.3.17
 * of the mechanisms): the last CKA_VALUE_LEN bytes of the shared secret, or all, are a secret key
 * of the session. CKR_MECHANISM_PARAM_INVALID for a public key that is not a point of the curve, or
 * one of low order. A key that asks for a login before each use cannot be used: no login belongs to
 * this call.
 */
CK_RV derive_key(const struct caller *caller, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base,
                 const CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *out);

#endif
