/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/ecdsa.h"

#include <openssl/ecdsa.h>

const char *const ecdsa_missing = NULL;

enum store_err ecdsa_to_der(const struct store_secret *raw, struct store_secret *out)
{
    int field = (int)(raw->len / 2);
    BIGNUM *r = BN_bin2bn(raw->data, field, NULL);
    BIGNUM *s = BN_bin2bn(raw->data + field, field, NULL);
    ECDSA_SIG *signature = ECDSA_SIG_new();
    unsigned char *bytes = NULL;
    enum store_err err = STORE_NO_MEMORY;
    int len = 0;

    if (signature != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(signature, r, s) == 1) {
        r = s = NULL; /* the signature's by now */
        len = i2d_ECDSA_SIG(signature, &bytes);
    }
    if (len > 0)
        err = store_secret_set(out, bytes, (size_t)len);
    OPENSSL_free(bytes);
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    return err;
}

enum store_err ecdsa_from_der(const struct store_secret *der, size_t field,
                              struct store_secret *out)
{
    const unsigned char *at = der->data;
    ECDSA_SIG *signature = der->len == 0 ? NULL : d2i_ECDSA_SIG(NULL, &at, (long)der->len);
    unsigned char *bytes = NULL;
    enum store_err err = STORE_CORRUPT;

    if (signature != NULL && at == der->data + der->len) {
        err = store_secret_resize(out, 2 * field, &bytes);
        if (err == STORE_OK &&
            (BN_bn2binpad(ECDSA_SIG_get0_r(signature), bytes, (int)field) < 0 ||
             BN_bn2binpad(ECDSA_SIG_get0_s(signature), bytes + field, (int)field) < 0))
            err = STORE_CORRUPT;
    }
    ECDSA_SIG_free(signature);
    return err;
}
