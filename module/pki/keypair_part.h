/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_KEYPAIR_PART_H
#define MODULE_PKI_KEYPAIR_PART_H

#include "module/pki/evp.h"
#include "module/pki/keypair.h"

/* Shared by making keys and using them. */

struct keypair {
    const struct evp *evp;
    enum pki_type type;
    size_t signature_len;
    RSA *rsa; /* one of these three */
    EC_KEY *ec;
    EVP_PKEY *other; /* of EdDSA or X25519 */
};

/* Makes an empty key of a type; NULL, and the fault, if there is no libcrypto or memory. */
struct keypair *keypair_new(enum pki_type type, size_t signature_len, enum pki_fault *fault);

/* Give it an empty RSA key, or one of its curve, with libcrypto's own method. */
bool keypair_begin_rsa(struct keypair *keypair);
bool keypair_begin_ec(struct keypair *keypair);

#endif
