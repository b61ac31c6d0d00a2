/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_OPERATION_H
#define MODULE_SESSION_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "module/crypto.h"
#include "module/cryptoki.h"
#include "module/session/encryption.h"
#include "module/session/signature.h"
#include "store/scope.h"

/*
 * A session's digest, signature or encryption; operate.c drives it. It ends on any error but
 * CKR_BUFFER_TOO_SMALL and on success of anything but a length query (PKCS#11 3.0, 5.2). The
 * session is locked.
 *
 * The prepared HMAC outlives the signature, for the next one with the same key, until the key's
 * value changes, the key is destroyed, the user logs out or the session closes. A signature begun
 * before the value changed uses the old value; destroying the key ends it.
 */
struct operation_use {
    CK_OBJECT_HANDLE handle; /* of the key */
    CK_MECHANISM_TYPE mechanism;
    bool stale;                  /* the key's value had expired */
    char key[STORE_KEY_MAX + 1]; /* its scope key; "" of a session's */
};

struct operation {
    const struct crypto_hash *hash; /* of an active digest or HMAC; else NULL */
    bool multipart;                 /* the caller has made an update */
    bool used;                      /* data have been processed, so the end is a use of the key */
    bool unconfirmed;               /* the key asks for a login before this use of it */
    uint64_t begun;                 /* with `unconfirmed`: later ones of the session have more */
    CK_ULONG len;                   /* length of the result, which a general mechanism cuts short */
    struct crypto_digest *digest;
    struct crypto_mac *mac;
    const struct crypto_hash *mac_hash;    /* the hash that `mac` was made for */
    CK_OBJECT_HANDLE mac_key;              /* the key that `mac` was made for */
    struct store_secret mac_value;         /* and its value then, as stored */
    struct signature signature;            /* with a key pair */
    struct encryption *encryption;         /* with an AES key; NULL while none is active */
    struct store_secret unconfirmed_value; /* of an AES key that asks for a login, as stored */
    struct operation_use use;              /* for the audit; of the last that began with a key */
};

/* The operations of a session. */
enum operation_kind {
    OPERATION_DIGEST,
    OPERATION_SIGN,
    OPERATION_VERIFY,
    OPERATION_ENCRYPT,
    OPERATION_DECRYPT,
};

/* A parsed mechanism: the hash and the length of the result, a signature with a key pair, or an
 * encryption. */
struct operation_form {
    const struct crypto_hash *hash;
    CK_ULONG len;
    struct signature_form signature; /* `scheme` is NULL for all but a key pair */
    bool is_cipher;
    struct cipher_form cipher;
};

/* True if the operation is active. */
bool operation_is_active(const struct operation *operation);

/* Parses a mechanism (2.11, 2.12 and 6.15 to 6.20 of the mechanisms). CKR_MECHANISM_INVALID and
 * CKR_MECHANISM_PARAM_INVALID. */
CK_RV operation_form(enum operation_kind kind, const CK_MECHANISM *mechanism,
                     struct operation_form *out);

/* The key of a signature: its value as stored, the value's encoding, and its name for the log. */
struct operation_key {
    CK_OBJECT_HANDLE handle;
    const struct store_secret *value;
    const char *encoding;
    const char *name;
};

/* Begin a digest, a signature or a verification in a session that has none active. */
CK_RV operation_start_digest(struct operation *operation, struct crypto *crypto,
                             const struct operation_form *form);
CK_RV operation_start_mac(struct operation *operation, struct crypto *crypto,
                          const struct operation_form *form, const struct operation_key *key);
CK_RV operation_start_signature(struct operation *operation, struct crypto *crypto,
                                const struct operation_form *form);

/* Adds bytes to an active operation. */
CK_RV operation_update(struct operation *operation, const void *data, CK_ULONG len);

/* Finishes a digest or a signature after a last part. If `out` is NULL or too short, it only
 * sets `*out_len`. */
CK_RV operation_finish(struct operation *operation, const void *data, CK_ULONG len, CK_BYTE *out,
                       CK_ULONG *out_len);

/* Compares a signature, without ending the operation. */
CK_RV operation_compare(struct operation *operation, const CK_BYTE *signature, CK_ULONG given);

/* Decrypts with a key pair. If `out` is NULL or too short, it only sets `*out_len`, in the first
 * case to the most that it can be. The second case is a use, so the next call must give the same
 * data: CKR_OPERATION_ACTIVE. */
CK_RV operation_decrypt(struct operation *operation, const CK_BYTE *data, CK_ULONG len,
                        CK_BYTE *out, CK_ULONG *out_len);

/* Ends the operation; a prepared HMAC or key stays for the next. */
void operation_end(struct operation *operation);

/* Ends the operation and drops the prepared HMAC and key. */
void operation_clear(struct operation *operation);

#endif
