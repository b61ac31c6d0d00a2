/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_CURVE_H
#define TOOLS_SIDESEAT_SECRETS_CURVE_H

#include <p11-kit/pkcs11.h>
#include <stddef.h>

#include "store/secret.h"

/* The curves of the module's key pairs. */
struct curve {
    unsigned bits;
    const char *type; /* as `keygen --type` names its key pairs */
    CK_MECHANISM_TYPE generate;
    unsigned char oid[10]; /* CKA_EC_PARAMS in DER: RFC 5480, 2.1.1.1; RFC 8410, 3 */
    size_t oid_len;
    const char *jwk;  /* RFC 7518, 6.2.1.1; RFC 8037, 2 */
    const char *ssh;  /* of the key; NULL: OpenSSH does not have it */
    const char *nist; /* RFC 5656, 10.1; NULL: the key's name says it all */
};

/* A curve, or NULL if no curve is meant. */
const struct curve *curve_of_type(const char *type);
const struct curve *curve_of_params(const struct store_secret *params);

/* 0 without a curve, for RSA. */
unsigned curve_bits(const struct curve *curve);

#endif
