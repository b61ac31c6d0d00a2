/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_ENCRYPTION_H
#define MODULE_SESSION_ENCRYPTION_H

#include "module/pki/cipher.h"

/*
 * An encryption or decryption with an AES key. The session is locked.
 *
 * CBC gives whole blocks as they come, and a decryption with padding keeps the last one back. GCM
 * gives nothing out before its tag is right: a decryption collects its parts, up to CIPHER_HELD_MAX
 * bytes, and the final call decrypts them twice, once for the tag and once for the caller.
 */
struct encryption;

/* CKR_FUNCTION_FAILED if libcrypto fails, CKR_HOST_MEMORY. The key has 16, 24 or 32 bytes; neither
 * it nor the form's memory is needed afterwards. */
CK_RV encryption_new(const struct cipher_form *form, const struct store_secret *key, bool encrypts,
                     struct encryption **out);

/* Ends the encryption and wipes what it holds. Accepts NULL. */
void encryption_free(struct encryption *encryption);

/*
 * Adds data, and if it is the `last`, finishes. `out` may be `in`, or overlap it. If `out` is NULL
 * or too short, this only sets `*out_len`, to the most that the same call would give
 * (CKR_BUFFER_TOO_SMALL: to just that), and changes nothing. If that has told the length of a
 * padding, the next call must give the same data: CKR_OPERATION_ACTIVE.
 *
 * CKR_DATA_LEN_RANGE and CKR_ENCRYPTED_DATA_LEN_RANGE: CBC needs whole blocks, GCM a tag, and see
 * CIPHER_HELD_MAX. CKR_ENCRYPTED_DATA_INVALID: the padding or the tag is wrong; `out` is unchanged.
 */
CK_RV encryption_run(struct encryption *encryption, const CK_BYTE *in, CK_ULONG len, bool last,
                     CK_BYTE *out, CK_ULONG *out_len);

#endif
