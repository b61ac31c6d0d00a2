/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OPERATION_H
#define MODULE_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "module/crypto.h"
#include "module/cryptoki.h"

struct lib;

/*
 * A session's digest, signing or verification. Any error but CKR_BUFFER_TOO_SMALL ends it, and so
 * does a length query's counterpart that succeeds (PKCS#11 3.0, 5.2).
 *
 * After the end of a signature the prepared HMAC stays, for the next one with the same key, until
 * the key's value changes or the key is destroyed, the user logs out or the session is closed. A
 * signature that was begun before the value changed is made with the old one; one whose key has
 * been destroyed meanwhile has ended.
 */
struct operation {
    const struct crypto_hash *hash; /* NULL: not active */
    bool multipart;                 /* an update has been made */
    CK_ULONG len;                   /* of the result, which a general mechanism cuts short */
    struct crypto_digest *digest;
    struct crypto_mac *mac;
    const struct crypto_hash *mac_hash; /* what `mac` was made for */
    CK_OBJECT_HANDLE mac_key;
    uint64_t mac_serial;
};

/* Ends it and drops everything that was kept. */
void operation_clear(struct operation *operation);

/* Which of a session's operations. */
enum operation_kind {
    OPERATION_DIGEST,
    OPERATION_SIGN,
    OPERATION_VERIFY,
};

/* C_DigestInit (5.13.1), C_SignInit (5.14.1), C_VerifyInit (5.15.1). A NULL mechanism ends an
 * active one (3.0). `key` is not used for a digest. */
CK_RV operation_start(struct lib *lib, CK_SESSION_HANDLE session, enum operation_kind kind,
                      const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);

/* C_DigestUpdate, C_SignUpdate, C_VerifyUpdate. */
CK_RV operation_update(struct lib *lib, CK_SESSION_HANDLE session, enum operation_kind kind,
                       const void *data, CK_ULONG len);

/* C_DigestFinal and C_SignFinal: with `out` NULL, or too short, only tells the length in
 * `*out_len`. */
CK_RV operation_final(struct lib *lib, CK_SESSION_HANDLE session, enum operation_kind kind,
                      CK_BYTE *out, CK_ULONG *out_len);

/* C_Digest and C_Sign: one part only. */
CK_RV operation_single(struct lib *lib, CK_SESSION_HANDLE session, enum operation_kind kind,
                       const void *data, CK_ULONG len, CK_BYTE *out, CK_ULONG *out_len);

/* C_VerifyFinal and, with data, C_Verify. */
CK_RV operation_verify(struct lib *lib, CK_SESSION_HANDLE session, bool single, const void *data,
                       CK_ULONG len, const CK_BYTE *signature, CK_ULONG signature_len);

/* C_SessionCancel (3.0, 5.6.9) of one kind; CKR_OK also if none is active. */
CK_RV operation_cancel(struct lib *lib, CK_SESSION_HANDLE session, enum operation_kind kind);

#endif
