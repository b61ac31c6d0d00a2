/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_DIGEST_H
#define MODULE_PKI_DIGEST_H

#include <stddef.h>

#include "module/cryptoki.h"

/* A digest that keys use, as PKCS#11 and libcrypto name it. */
struct digest {
    CK_MECHANISM_TYPE type;
    CK_RSA_PKCS_MGF_TYPE mgf; /* the mask generation with it */
    size_t len;               /* of the result, in bytes */
    int nid;                  /* libcrypto's number */
    const char *name;         /* and name */
};

/* The digest with this mechanism, or with this mask generation; NULL if there is none. */
const struct digest *digest_find(CK_MECHANISM_TYPE type);
const struct digest *digest_of_mgf(CK_RSA_PKCS_MGF_TYPE mgf);

#endif
