/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/digest.h"

#include <openssl/obj_mac.h>

static const struct digest digests[] = {
    {CKM_SHA_1, CKG_MGF1_SHA1, 20, NID_sha1, "SHA1"},
    {CKM_SHA224, CKG_MGF1_SHA224, 28, NID_sha224, "SHA2-224"},
    {CKM_SHA256, CKG_MGF1_SHA256, 32, NID_sha256, "SHA2-256"},
    {CKM_SHA384, CKG_MGF1_SHA384, 48, NID_sha384, "SHA2-384"},
    {CKM_SHA512, CKG_MGF1_SHA512, 64, NID_sha512, "SHA2-512"},
    {CKM_SHA3_224, CKG_MGF1_SHA3_224, 28, NID_sha3_224, "SHA3-224"},
    {CKM_SHA3_256, CKG_MGF1_SHA3_256, 32, NID_sha3_256, "SHA3-256"},
    {CKM_SHA3_384, CKG_MGF1_SHA3_384, 48, NID_sha3_384, "SHA3-384"},
    {CKM_SHA3_512, CKG_MGF1_SHA3_512, 64, NID_sha3_512, "SHA3-512"},
};

#define DIGESTS (sizeof digests / sizeof digests[0])

const struct digest *digest_find(CK_MECHANISM_TYPE type)
{
    for (size_t i = 0; i < DIGESTS; i++)
        if (digests[i].type == type)
            return &digests[i];
    return NULL;
}

const struct digest *digest_of_mgf(CK_RSA_PKCS_MGF_TYPE mgf)
{
    for (size_t i = 0; i < DIGESTS; i++)
        if (digests[i].mgf == mgf)
            return &digests[i];
    return NULL;
}
