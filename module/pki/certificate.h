/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_CERTIFICATE_H
#define MODULE_PKI_CERTIFICATE_H

#include "module/pki/der.h"

/* The parts of an X.509 certificate (RFC 5280, 4.1) that PKCS#11 gives. All point into the DER that
 * it was read from. Nothing is verified: a certificate is shown as it stands. */
struct certificate {
    struct der whole;
    struct der serial;   /* the INTEGER element */
    struct der issuer;   /* the Name element */
    struct der subject;  /* likewise */
    struct der info;     /* the SubjectPublicKeyInfo element */
    struct der key_bits; /* the content of its BIT STRING */
    bool authority;      /* its basic constraints say that it is one of a CA */
};

/* Reads a certificate that is all of `in`. False if it is malformed. */
bool certificate_read(struct der in, struct certificate *out);

#endif
