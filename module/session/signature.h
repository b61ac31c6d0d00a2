/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_SIGNATURE_H
#define MODULE_SESSION_SIGNATURE_H

#include "module/crypto.h"
#include "module/pki/pki.h"
#include "module/pki/scheme.h"

/*
 * A signature, verification or decryption with a key pair. The session is locked.
 *
 * The key that libcrypto is ready to use outlives the signature, for the next one with the same
 * key, until the secret's value changes, the key's object ends, the user logs out, the session
 * closes, or the session uses another key.
 */

/* A parsed mechanism. */
struct signature_form {
    const struct scheme *scheme;
    const struct crypto_hash *hash; /* hashes the data first; NULL: the host has done so */
    struct keypair_form form;
    size_t data_len; /* the only length of data that is right; 0: several are */
};

/* A key as it was made ready, to tell whether it is still the one to use. */
struct signature_key {
    CK_OBJECT_HANDLE handle;
    const struct store_secret *value; /* of a private key: the secret's */
    struct pki *face;                 /* of a public key */
};

struct signature {
    struct signature_form form; /* `scheme` is NULL while none is active */
    struct crypto_digest *digest;
    struct store_secret data; /* what the host has given so far, if nothing hashes it */
    struct keypair *keypair;
    CK_OBJECT_HANDLE handle; /* of the key that `keypair` was made from */
    struct store_secret value;
    struct pki *face;
};

/* Parses a mechanism of a key pair that signs, or decrypts. CKR_MECHANISM_INVALID and
 * CKR_MECHANISM_PARAM_INVALID. */
CK_RV signature_form(const CK_MECHANISM *mechanism, bool decrypts, struct signature_form *out);

/* True if the key that is ready is this one. */
bool signature_is_ready(const struct signature *signature, const struct signature_key *key);

/* Takes over `keypair`, made from this key. */
void signature_make_ready(struct signature *signature, const struct signature_key *key,
                          struct keypair *keypair);

/* Starts with the key that is ready. */
CK_RV signature_start(struct signature *signature, struct crypto *crypto,
                      const struct signature_form *form);

/* Adds data. CKR_DATA_LEN_RANGE for more than the mechanism can sign. */
CK_RV signature_update(struct signature *signature, const void *data, CK_ULONG len);

/* The length of the signature in bytes, at most KEYPAIR_SIGNATURE_MAX. */
CK_ULONG signature_len(const struct signature *signature);

/* Signs all data given. */
CK_RV signature_sign(struct signature *signature, CK_BYTE *out);

/* Compares a signature with all data given. */
CK_RV signature_verify(struct signature *signature, const CK_BYTE *given, CK_ULONG len);

/* Decrypts `len` bytes into KEYPAIR_SIGNATURE_MAX. CKR_ENCRYPTED_DATA_LEN_RANGE and
 * CKR_ENCRYPTED_DATA_INVALID. */
CK_RV signature_decrypt(struct signature *signature, const CK_BYTE *data, CK_ULONG len,
                        unsigned char *out, CK_ULONG *out_len);

/* Ends the signature; the key stays ready. And drops the key, too. */
void signature_end(struct signature *signature);
void signature_clear(struct signature *signature);

#endif
