/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_PUBLIC_H
#define MODULE_PKI_PUBLIC_H

#include "module/pki/private.h"

#define PKI_ID_LEN 20 /* SHA-1 */

/* A public key, in the forms in which PKCS#11 gives it. All bytes lie in `memory`. */
struct pki_public {
    enum pki_type type;
    size_t bits; /* of the modulus or of the curve's field */
    unsigned char *memory;
    struct der modulus;  /* of RSA, big endian without leading zeros */
    struct der exponent; /* likewise */
    struct der params;   /* CKA_EC_PARAMS: the curve's OID */
    struct der point;    /* the bare point */
    struct der ec_point; /* CKA_EC_POINT: the point as an OCTET STRING */
    struct der info;     /* CKA_PUBLIC_KEY_INFO: SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) */
    struct der key_bits; /* the content of its BIT STRING: CKA_ID is the SHA-1 hash of that */
};

/* Fills in a zeroed `out` from the numbers of an RSA key, or from the point of a curve. False if
 * memory is short. */
bool pki_public_rsa(struct pki_public *out, struct der n, struct der e);
bool pki_public_curve(struct pki_public *out, enum pki_type type, struct der point);

/* Fills in a zeroed `out` from a SubjectPublicKeyInfo as it stands in `info` of such a key.
 * PKI_MALFORMED, PKI_ALGORITHM and PKI_KEY_SIZE as for a private key; PKI_NO_MEMORY. */
enum pki_fault pki_public_read(struct der info, struct pki_public *out);

/* Frees the memory. A zeroed key has none. */
void pki_public_free(struct pki_public *key);

#endif
