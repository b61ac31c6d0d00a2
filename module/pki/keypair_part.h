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
    EVP_PKEY *eddsa;
};

#endif
