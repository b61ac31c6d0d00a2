/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/curve.h"

#include <string.h>

#ifndef CKM_EC_MONTGOMERY_KEY_PAIR_GEN /* of PKCS#11 3.0, where the header stops at 2.40 */
#define CKM_EC_MONTGOMERY_KEY_PAIR_GEN 0x00001056UL
#endif

static const struct curve curves[] = {
    {256,
     "ec:P-256",
     CKM_EC_KEY_PAIR_GEN,
     {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07},
     10,
     "P-256",
     "ecdsa-sha2-nistp256",
     "nistp256"},
    {384,
     "ec:P-384",
     CKM_EC_KEY_PAIR_GEN,
     {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22},
     7,
     "P-384",
     "ecdsa-sha2-nistp384",
     "nistp384"},
    {521,
     "ec:P-521",
     CKM_EC_KEY_PAIR_GEN,
     {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23},
     7,
     "P-521",
     "ecdsa-sha2-nistp521",
     "nistp521"},
    {255,
     "ed25519",
     CKM_EC_EDWARDS_KEY_PAIR_GEN,
     {0x06, 0x03, 0x2b, 0x65, 0x70},
     5,
     "Ed25519",
     "ssh-ed25519",
     NULL},
    /* RFC 8709 names its SSH key */
    {448,
     "ed448",
     CKM_EC_EDWARDS_KEY_PAIR_GEN,
     {0x06, 0x03, 0x2b, 0x65, 0x71},
     5,
     "Ed448",
     NULL,
     NULL},
    {255,
     "x25519",
     CKM_EC_MONTGOMERY_KEY_PAIR_GEN,
     {0x06, 0x03, 0x2b, 0x65, 0x6e},
     5,
     "X25519",
     NULL,
     NULL},
};

#define CURVES (sizeof curves / sizeof curves[0])

const struct curve *curve_of_type(const char *type)
{
    for (size_t i = 0; i < CURVES; i++)
        if (strcmp(curves[i].type, type) == 0)
            return &curves[i];
    return NULL;
}

const struct curve *curve_of_params(const struct store_secret *params)
{
    for (size_t i = 0; i < CURVES; i++)
        if (store_secret_equal(params, curves[i].oid, curves[i].oid_len))
            return &curves[i];
    return NULL;
}

unsigned curve_bits(const struct curve *curve)
{
    return curve == NULL ? 0 : curve->bits;
}
