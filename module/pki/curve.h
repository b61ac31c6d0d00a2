/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_CURVE_H
#define MODULE_PKI_CURVE_H

#include "module/pki/der.h"

/* The types of keys: RSA, and the curves. */
enum pki_type {
    PKI_RSA,
    PKI_P256,
    PKI_P384,
    PKI_P521,
    PKI_ED25519,
    PKI_ED448,
    PKI_X25519,
};

/* The type of the curve that an OID's content names; false if the module does not know it. */
bool pki_curve_find(struct der oid, enum pki_type *type);

/* The content of the OID of a type that is a curve, and the bytes of its private number. */
struct der pki_curve_oid(enum pki_type type);
size_t pki_curve_size(enum pki_type type);

/* The bytes of the curve's public point: 0x04, x and y; for EdDSA the encoded point. */
size_t pki_point_size(enum pki_type type);

/* Reads a public point as clients give it: bare, or in an OCTET STRING, which the length tells
 * apart. `out` lies in `given`. False if it is neither; whether it is on the curve is not checked.
 */
bool pki_point_read(enum pki_type type, struct der given, struct der *out);

/* True for the types of ECDSA, whose curves ECDH uses, too. */
bool pki_is_ecdsa(enum pki_type type);

#endif
