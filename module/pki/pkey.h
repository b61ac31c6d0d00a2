/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_PKEY_H
#define MODULE_PKI_PKEY_H

#include "module/pki/public.h"

/*
 * A key that libcrypto is ready to use.
 *
 * While a pkey of a private key exists, its numbers lie in libcrypto's ordinary heap: libcrypto
 * offers no other place that is not the whole process'. So they can be in a core dump and in a
 * forked child (docs/keys.md). libcrypto overwrites them when the pkey is freed. Own one for as
 * short as possible.
 *
 * Threads: one at a time on a pkey.
 */
struct pkey;

enum pki_fault pkey_new_private(const struct pki_private *key, struct pkey **out);
enum pki_fault pkey_new_public(const struct pki_public *key, struct pkey **out);
void pkey_free(struct pkey *pkey); /* accepts NULL */

/* Derives the public key. PKI_MALFORMED if the private key's format gives another one. `out` is
 * zeroed. */
enum pki_fault pkey_derive_public(const struct pki_private *key, struct pki_public *out);

/* How a key signs. A mechanism has one constant form, but for the parameters of PSS. */
struct pkey_form {
    const char *padding; /* "pkcs1", "pss"; NULL for a curve */
    const char *digest;  /* "SHA2-256"; the data is its result. NULL: any data */
    const char *mgf;     /* of PSS: the digest of MGF1 */
    int salt_len;        /* of PSS, in bytes */
};

/* The bytes of a signature: of RSA as many as the modulus has; of ECDSA r and s (PKCS#11). */
size_t pkey_signature_len(const struct pkey *pkey);

/* The longest signature: RSA-8192. */
#define PKEY_SIGNATURE_MAX 1024

/* Signs `len` bytes; EdDSA hashes them itself. `out` has room for pkey_signature_len. False if
 * libcrypto fails. */
bool pkey_sign(struct pkey *pkey, const struct pkey_form *form, const unsigned char *data,
               size_t len, unsigned char *out);

/* True if the signature, of pkey_signature_len bytes, is right. */
bool pkey_verify(struct pkey *pkey, const struct pkey_form *form, const unsigned char *data,
                 size_t len, const unsigned char *signature);

#endif
