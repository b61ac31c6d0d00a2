/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_KEYPAIR_H
#define MODULE_PKI_KEYPAIR_H

#include "module/pki/digest.h"
#include "module/pki/public.h"

/*
 * A key that libcrypto is ready to use.
 *
 * While one of a private key exists, its numbers lie in libcrypto's ordinary heap: libcrypto offers
 * no other place that is not the whole process'. So they can be in a core dump and in a forked
 * child (docs/keys.md). libcrypto overwrites them when the key is freed. Own one for as short as
 * possible.
 *
 * Threads: one at a time on a key.
 */
struct keypair;

/* Make `*out`, which the caller frees. PKI_MALFORMED if the numbers of a private key do not belong
 * together (RSA's primes are not tried), or if libcrypto refuses the key, such as a point that is
 * not on its curve; PKI_NO_MEMORY; PKI_NO_LIBRARY. After an error `*out` is NULL or unchanged. */
enum pki_fault keypair_new_private(const struct pki_private *key, struct keypair **out);
enum pki_fault keypair_new_public(const struct pki_public *key, struct keypair **out);
void keypair_free(struct keypair *keypair); /* accepts NULL */

/* As keypair_new_private, without a result, but tries the primes of RSA, too. That is slow, and so
 * for a key that comes from a template. */
enum pki_fault keypair_check(const struct pki_private *key);

/* Derives the public key. Fails like keypair_new_private. `out` is zeroed before; the caller frees
 * it with pki_public_free. */
enum pki_fault keypair_derive_public(const struct pki_private *key, struct pki_public *out);

enum keypair_padding {
    KEYPAIR_CURVE, /* none: ECDSA and EdDSA */
    KEYPAIR_PKCS1,
    KEYPAIR_PSS,
    KEYPAIR_OAEP,
    KEYPAIR_RAW, /* none, of RSA */
};

#define KEYPAIR_LABEL_MAX 256

/* How a key signs or decrypts. */
struct keypair_form {
    enum keypair_padding padding;
    const struct digest *digest; /* of RSA: the data is its result; NULL: this is not known */
    const struct digest *mgf;    /* of PSS and OAEP: the digest of MGF1 */
    int salt_len;                /* of PSS, in bytes */
    int label_len;               /* of OAEP */
    unsigned char label[KEYPAIR_LABEL_MAX];
};

/* The bytes of a signature: of RSA as many as the modulus has; of ECDSA r and s (PKCS#11). */
size_t keypair_signature_len(const struct keypair *keypair);

/* The longest signature: RSA-8192. */
#define KEYPAIR_SIGNATURE_MAX 1024

/* Signs `len` bytes; EdDSA hashes them itself. `out` has room for keypair_signature_len. False if
 * libcrypto fails, as it does for KEYPAIR_RAW if the data is a number not below the modulus. */
bool keypair_sign(struct keypair *keypair, const struct keypair_form *form,
                  const unsigned char *data, size_t len, unsigned char *out);

/* Decrypts as many bytes as the modulus has. `out` has room for as many, and gets `*out_len`. False
 * if the data is not encrypted for this key in this form; of KEYPAIR_PKCS1 that does not tell: see
 * module/pki/unpad.h. */
bool keypair_decrypt(struct keypair *keypair, const struct keypair_form *form,
                     const unsigned char *data, unsigned char *out, size_t *out_len);

/* The most bytes that keypair_encrypt takes; 0 for a key that is too small for the digest. */
size_t keypair_encrypt_max(const struct keypair *keypair, const struct keypair_form *form);

/* Encrypts `len` bytes with OAEP for the owner of this key. `out` gets as many bytes as the modulus
 * has. False if libcrypto fails. */
bool keypair_encrypt(struct keypair *keypair, const struct keypair_form *form,
                     const unsigned char *data, size_t len, unsigned char *out);

/* Agrees on a secret with the owner of another public key of the same curve (SEC 1, 3.3.1; RFC
 * 7748, 6.1). `out` has room for pki_curve_size, and gets as many bytes. False if libcrypto fails,
 * as it does for a point of low order, with which anybody would know the secret. */
bool keypair_agree(struct keypair *keypair, struct keypair *peer, unsigned char *out);

/* True if the signature, of keypair_signature_len bytes, is right. */
bool keypair_verify(struct keypair *keypair, const struct keypair_form *form,
                    const unsigned char *data, size_t len, const unsigned char *signature);

#endif
