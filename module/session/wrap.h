/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_WRAP_H
#define MODULE_SESSION_WRAP_H

#include "module/session/session.h"

/*
 * C_WrapKey and C_UnwrapKey (PKCS#11 3.0, 5.18.3 and 5.18.4), of secret keys of a session: with an
 * AES key by CKM_AES_KEY_WRAP, CKM_AES_KEY_WRAP_KWP, CKM_AES_GCM, CKM_AES_CBC_PAD and
 * CKM_AES_CBC, and with an RSA key by CKM_RSA_PKCS_OAEP, whose rule says decrypt or whose template
 * has CKA_WRAP or CKA_UNWRAP.
 */

/* If `out` is NULL or too short, it only sets `*out_len`. CKR_KEY_UNEXTRACTABLE for a key that the
 * module gives to nobody, CKR_KEY_NOT_WRAPPABLE for CKA_WRAP_WITH_TRUSTED: no key is trusted. */
CK_RV wrap_key(const struct caller *caller, const CK_MECHANISM *mechanism,
               CK_OBJECT_HANDLE wrapping, CK_OBJECT_HANDLE key, CK_BYTE *out, CK_ULONG *out_len);

/* CKR_WRAPPED_KEY_INVALID and CKR_WRAPPED_KEY_LEN_RANGE. */
CK_RV wrap_undo(const struct caller *caller, const CK_MECHANISM *mechanism,
                CK_OBJECT_HANDLE unwrapping, const CK_BYTE *wrapped, CK_ULONG len,
                const CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *out);

#endif
