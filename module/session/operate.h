/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_OPERATE_H
#define MODULE_SESSION_OPERATE_H

#include "module/session/operation.h"
#include "module/session/session.h"

/* Digests, signatures, encryptions: the calls that drive a session's operations. */

/* C_DigestInit (PKCS#11 3.0, 5.12.1), C_SignInit (5.13.1), C_VerifyInit (5.15.1), C_EncryptInit
 * (5.8.1), C_DecryptInit (5.10.1). A NULL mechanism ends the active operation (3.0). A digest
 * ignores `key`. */
CK_RV operate_start(struct crypto *crypto, const struct caller *caller, enum operation_kind kind,
                    const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);

/* C_DigestUpdate, C_SignUpdate, C_VerifyUpdate. */
CK_RV operate_update(const struct caller *caller, enum operation_kind kind, const void *data,
                     CK_ULONG len);

/* C_DigestFinal and C_SignFinal. If `out` is NULL or too short, they only set `*out_len`. */
CK_RV operate_final(const struct caller *caller, enum operation_kind kind, CK_BYTE *out,
                    CK_ULONG *out_len);

/* C_Digest and C_Sign, for data in one part. */
CK_RV operate_single(const struct caller *caller, enum operation_kind kind, const void *data,
                     CK_ULONG len, CK_BYTE *out, CK_ULONG *out_len);

/* C_VerifyFinal and, with data, C_Verify. */
CK_RV operate_verify(const struct caller *caller, bool single, const void *data, CK_ULONG len,
                     const CK_BYTE *signature, CK_ULONG signature_len);

/* The call of an encryption or decryption. */
enum operate_part {
    OPERATE_SINGLE,
    OPERATE_UPDATE,
    OPERATE_FINAL,
};

/* C_Encrypt (5.8.2), C_Decrypt (5.10.2), and their Update and Final. If `out` is NULL or too short,
 * it only sets `*out_len`. A key pair decrypts with C_Decrypt alone. */
CK_RV operate_crypt(const struct caller *caller, enum operation_kind kind, enum operate_part part,
                    const CK_BYTE *data, CK_ULONG len, CK_BYTE *out, CK_ULONG *out_len);

/* C_SessionCancel (3.0, 5.6.5) of one kind; CKR_OK even if none is active. */
CK_RV operate_cancel(const struct caller *caller, enum operation_kind kind);

#endif
