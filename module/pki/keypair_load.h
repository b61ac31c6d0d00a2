/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_KEYPAIR_LOAD_H
#define MODULE_PKI_KEYPAIR_LOAD_H

#include "module/pki/evp.h"
#include "module/pki/keypair.h"

/* Shared by making keys and using them. */

struct keypair {
    const struct evp *evp;
    enum pki_type type;
    size_t signature_len;
    EVP_PKEY *key;
    EVP_PKEY_CTX *ctx; /* prepared for `form` and for signing or verifying; NULL: not yet */
    EVP_MD_CTX *md;    /* likewise, of EdDSA */
    struct keypair_form form;
    bool signs; /* what `ctx` is prepared for */
};

#endif
