/* SPDX-License-Identifier: Apache-2.0 */
#include "module/mechanism.h"

#include <stddef.h>

#define NAME(type)                                                                                 \
    {                                                                                              \
        type, #type                                                                                \
    }
static const struct {
    CK_MECHANISM_TYPE type;
    const char *name;
} names[] = {
    NAME(CKM_SHA224),
    NAME(CKM_SHA256),
    NAME(CKM_SHA384),
    NAME(CKM_SHA512),
    NAME(CKM_SHA3_224),
    NAME(CKM_SHA3_256),
    NAME(CKM_SHA3_384),
    NAME(CKM_SHA3_512),
    NAME(CKM_SHA256_HMAC),
    NAME(CKM_SHA256_HMAC_GENERAL),
    NAME(CKM_SHA384_HMAC),
    NAME(CKM_SHA384_HMAC_GENERAL),
    NAME(CKM_SHA512_HMAC),
    NAME(CKM_SHA512_HMAC_GENERAL),
    NAME(CKM_GENERIC_SECRET_KEY_GEN),
    NAME(CKM_RSA_PKCS_KEY_PAIR_GEN),
    NAME(CKM_EC_KEY_PAIR_GEN),
    NAME(CKM_EC_EDWARDS_KEY_PAIR_GEN),
    NAME(CKM_EC_MONTGOMERY_KEY_PAIR_GEN),
    NAME(CKM_ECDH1_DERIVE),
    NAME(CKM_AES_KEY_GEN),
    NAME(CKM_AES_CBC),
    NAME(CKM_AES_CBC_PAD),
    NAME(CKM_AES_GCM),
    NAME(CKM_AES_KEY_WRAP),
    NAME(CKM_AES_KEY_WRAP_KWP),
    NAME(CKM_RSA_PKCS),
    NAME(CKM_SHA224_RSA_PKCS),
    NAME(CKM_SHA256_RSA_PKCS),
    NAME(CKM_SHA384_RSA_PKCS),
    NAME(CKM_SHA512_RSA_PKCS),
    NAME(CKM_SHA3_224_RSA_PKCS),
    NAME(CKM_SHA3_256_RSA_PKCS),
    NAME(CKM_SHA3_384_RSA_PKCS),
    NAME(CKM_SHA3_512_RSA_PKCS),
    NAME(CKM_RSA_PKCS_PSS),
    NAME(CKM_SHA224_RSA_PKCS_PSS),
    NAME(CKM_SHA256_RSA_PKCS_PSS),
    NAME(CKM_SHA384_RSA_PKCS_PSS),
    NAME(CKM_SHA512_RSA_PKCS_PSS),
    NAME(CKM_SHA3_224_RSA_PKCS_PSS),
    NAME(CKM_SHA3_256_RSA_PKCS_PSS),
    NAME(CKM_SHA3_384_RSA_PKCS_PSS),
    NAME(CKM_SHA3_512_RSA_PKCS_PSS),
    NAME(CKM_RSA_PKCS_OAEP),
    NAME(CKM_RSA_X_509),
    NAME(CKM_ECDSA),
    NAME(CKM_ECDSA_SHA224),
    NAME(CKM_ECDSA_SHA256),
    NAME(CKM_ECDSA_SHA384),
    NAME(CKM_ECDSA_SHA512),
    NAME(CKM_ECDSA_SHA3_224),
    NAME(CKM_ECDSA_SHA3_256),
    NAME(CKM_ECDSA_SHA3_384),
    NAME(CKM_ECDSA_SHA3_512),
    NAME(CKM_EDDSA),
};
#undef NAME

const char *mechanism_name(CK_MECHANISM_TYPE type)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].type == type)
            return names[i].name;
    return "CKM_?";
}
