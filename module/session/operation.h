/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OPERATION_H
#define MODULE_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "module/crypto.h"
#include "module/cryptoki.h"

/*
 * A session's digest, signing or verification; operate.c drives it. Any error but
 * CKR_BUFFER_TOO_SMALL ends it, and so does a length query's counterpart that succeeds (PKCS#11
 * 3.0, 5.2). The session is locked.
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
    const struct crypto_hash *mac_hash; /* what `mac` was made for: */
    CK_OBJECT_HANDLE mac_key;           /* this key, */
    struct store_secret mac_value;      /* with this value, as the store has it */
};

/* Which of a session's operations. */
enum operation_kind {
    OPERATION_DIGEST,
    OPERATION_SIGN,
    OPERATION_VERIFY,
};

/* A mechanism, read: the hash and the length of the result. */
struct operation_form {
    const struct crypto_hash *hash;
    CK_ULONG len;
};

/* Reads a mechanism (6.15 to 6.20 of the mechanisms). CKR_MECHANISM_INVALID and
 * CKR_MECHANISM_PARAM_INVALID. */
CK_RV operation_form(enum operation_kind kind, const CK_MECHANISM *mechanism,
                     struct operation_form *out);

/* The key of a signature: its value as the store has it, how that encodes the key, and its name for
 * the log. */
struct operation_key {
    CK_OBJECT_HANDLE handle;
    const struct store_secret *value;
    const char *encoding;
    const char *name;
};

/* Begin a digest, or a signature or verification, of a session that has none active. */
CK_RV operation_start_digest(struct operation *operation, struct crypto *crypto,
                             const struct operation_form *form);
CK_RV operation_start_mac(struct operation *operation, struct crypto *crypto,
                          const struct operation_form *form, const struct operation_key *key);

/* Feeds bytes to an active operation. */
CK_RV operation_feed(struct operation *operation, const void *data, CK_ULONG len);

/* Finishes a digest or a signature after a last part: with `out` NULL, or too short, only tells the
 * length in `*out_len`. */
CK_RV operation_finish(struct operation *operation, const void *data, CK_ULONG len, CK_BYTE *out,
                       CK_ULONG *out_len);

/* Compares a signature, without ending the operation. */
CK_RV operation_judge(struct operation *operation, const CK_BYTE *signature,
                      CK_ULONG signature_len);

/* Ends it; a prepared HMAC stays for the next. */
void operation_end(struct operation *operation);

/* Ends it and drops everything that was kept. */
void operation_clear(struct operation *operation);

#endif
