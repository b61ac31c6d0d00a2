/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_BUNDLE_H
#define MODULE_PKI_BUNDLE_H

#include "module/pki/der.h"
#include "store/secret.h"

/* The parts of a secret's value that holds keys and certificates: PEM blocks in any number, or one
 * thing in DER, which one line break may follow. */

enum bundle_kind {
    BUNDLE_OTHER,       /* nothing that this module uses, such as "EC PARAMETERS" */
    BUNDLE_FOREIGN,     /* a private key of another kind, such as "DSA PRIVATE KEY" */
    BUNDLE_PKCS8,       /* PrivateKeyInfo (RFC 5958) */
    BUNDLE_RSA,         /* RSAPrivateKey (RFC 8017, A.1.2) */
    BUNDLE_EC,          /* ECPrivateKey (RFC 5915) */
    BUNDLE_ENCRYPTED,   /* EncryptedPrivateKeyInfo (RFC 5958, 3) */
    BUNDLE_OPENSSH,     /* OpenSSH's own format */
    BUNDLE_OLD,         /* encrypted as in RFC 1421, which nobody should use any more */
    BUNDLE_CERTIFICATE, /* Certificate (RFC 5280) */
    BUNDLE_UNREAD,      /* certificates in a format that this module does not read */
};

struct bundle_part {
    enum bundle_kind kind;
    const char *label;         /* the block's, if it is a known one; it lasts */
    size_t start;              /* where it begins, in bytes of the value */
    struct store_secret bytes; /* DER, or the blob of OpenSSH's format */
};

/* Drops the bytes. A zeroed part holds none. */
void bundle_part_drop(struct bundle_part *part);

#define AUTO_PART __attribute__((cleanup(bundle_part_drop))) struct bundle_part

/* Reads the next part from `*at` on and moves `*at` past it; `*at` starts at 0. NOT_FOUND past the
 * last, and for a value that is neither PEM nor DER; CORRUPT for a damaged block of a key or a
 * certificate, and for a value that begins like a private key and is none; NO_MEMORY. A damaged
 * block of something else is passed over like text. */
enum store_err bundle_next(const struct store_secret *value, size_t *at,
                           struct bundle_part *out) STORE_CHECKED;

/* True if the value holds a private key or a certificate, and nothing in it is damaged. */
bool bundle_is_pki(const struct store_secret *value);

/* Gives the value without the blocks of this certificate; all other text stays. NOT_FOUND if the
 * value does not hold it; the errors of bundle_next. */
enum store_err bundle_without(const struct store_secret *value, struct der certificate,
                              struct store_secret *out) STORE_CHECKED;

#endif
