/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_PKI_H
#define MODULE_PKI_PKI_H

#include <stdatomic.h>

#include "module/pki/certificate.h"
#include "module/pki/public.h"

#define PKI_CERTIFICATES_MAX 10 /* a leaf and its chain; further ones are left out */

/*
 * The public face of a secret: its public key and certificates. None of it is a secret but `tried`.
 * It never changes once it is made, so any number of threads may read it.
 */
struct pki {
    atomic_uint references;
    enum pki_fault fault; /* of the private key; PKI_NO_KEY if there are certificates alone */
    enum store_err other; /* of PKI_NO_PASSPHRASE, PKI_NO_CERTIFICATES: the other secret's error */
    struct store_secret tried; /* of PKI_WRONG_PASSPHRASE: that passphrase */
    bool has_key;
    struct pki_public key;        /* if `has_key` */
    unsigned char id[PKI_ID_LEN]; /* likewise: the SHA-1 hash of its bits */
    struct pki_identity *certificates;
    size_t count;       /* each of them once; the key's own certificate is the first */
    size_t left_out;    /* certificates past PKI_CERTIFICATES_MAX */
    const char *unread; /* the label of the first block of certificates in another form; or NULL */
};

/* True for certificates alone, which are not meant to have a key. */
bool pki_is_chain(const struct pki *pki);

/* A certificate with its hashes. */
struct pki_identity {
    struct certificate x509;
    unsigned char id[PKI_ID_LEN];   /* the SHA-1 hash of its key's bits */
    unsigned char hash[PKI_ID_LEN]; /* of the whole */
    bool own;                       /* its key is the secret's */
    unsigned char *memory;
};

/* Reads the public face of `value`, and the certificates of `more`, another secret's value, which
 * may be NULL. A fault of the key is in the face's `fault`, and the certificates are there all the
 * same. The caller drops the face with pki_drop. NULL if memory is short. `passphrase` is as for
 * pki_private_read. */
struct pki *pki_read(const struct store_secret *value, const struct store_secret *passphrase,
                     const struct store_secret *more);

/* Makes the face of a public key alone, and takes over its memory. NULL if memory or libcrypto is
 * missing; the caller then keeps the key. */
struct pki *pki_of_public(struct pki_public *key);

/* Makes a face again from its parts: a SubjectPublicKeyInfo, empty if there is no key, and at most
 * PKI_CERTIFICATES_MAX certificates in DER. NULL if one of them is malformed, or if memory or
 * libcrypto is missing. */
struct pki *pki_of_parts(struct der info, const struct store_secret *certificates, size_t count);

/* The certificate's number in the face; its count if it is not there. */
size_t pki_number_of(const struct pki *pki, struct der certificate);

/* Add and drop a reference. Both accept NULL. */
struct pki *pki_share(struct pki *pki);
void pki_drop(struct pki *pki);

#endif
