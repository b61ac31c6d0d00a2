/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/curve.h"

#include <stddef.h>

static const struct {
    enum pki_type type;
    unsigned char oid[9];
    size_t oid_len;
    size_t size;
} curves[] = {
    {PKI_P256, {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}, 8, 32},
    {PKI_P384, {0x2b, 0x81, 0x04, 0x00, 0x22}, 5, 48},
    {PKI_P521, {0x2b, 0x81, 0x04, 0x00, 0x23}, 5, 66},
    {PKI_ED25519, {0x2b, 0x65, 0x70}, 3, 32},
    {PKI_ED448, {0x2b, 0x65, 0x71}, 3, 57},
    {PKI_X25519, {0x2b, 0x65, 0x6e}, 3, 32},
};

#define CURVES (sizeof curves / sizeof curves[0])

bool pki_curve_find(struct der oid, enum pki_type *type)
{
    for (size_t i = 0; i < CURVES; i++) {
        if (der_equal(oid, (struct der){curves[i].oid, curves[i].oid_len})) {
            *type = curves[i].type;
            return true;
        }
    }
    return false;
}

struct der pki_curve_oid(enum pki_type type)
{
    for (size_t i = 0; i < CURVES; i++)
        if (curves[i].type == type)
            return (struct der){curves[i].oid, curves[i].oid_len};
    return (struct der){NULL, 0};
}

size_t pki_curve_size(enum pki_type type)
{
    for (size_t i = 0; i < CURVES; i++)
        if (curves[i].type == type)
            return curves[i].size;
    return 0;
}

bool pki_is_ecdsa(enum pki_type type)
{
    return type == PKI_P256 || type == PKI_P384 || type == PKI_P521;
}

size_t pki_point_size(enum pki_type type)
{
    return pki_is_ecdsa(type) ? 1 + 2 * pki_curve_size(type) : pki_curve_size(type);
}

bool pki_point_read(enum pki_type type, struct der given, struct der *out)
{
    *out = given;
    if (given.len != pki_point_size(type) &&
        (!der_read(&given, DER_OCTET_STRING, out) || given.len != 0))
        return false;
    return out->len == pki_point_size(type);
}
