/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/generate.h"

#include "module/pki/keypair_part.h"
#include "module/random.h"
#include "module/traces.h"

/* Smaller exponents exist, but libcrypto makes no keys with these (FIPS 186-4, B.3.1). */
#define EXPONENT_MIN_BITS 17

bool pki_can_generate_rsa(size_t bits, struct der exponent)
{
    return bits >= PKI_RSA_MIN && bits <= PKI_NEW_RSA_MAX && bits % 8 == 0 && exponent.len <= 8 &&
           pki_bits(exponent) >= EXPONENT_MIN_BITS && (exponent.data[exponent.len - 1] & 1) != 0;
}

/* Copies libcrypto's numbers into memory for secrets, each with as many bytes as it needs, or all
 * with `size` bytes if that is not 0. */
static enum pki_fault copy_numbers(const struct evp *evp, const BIGNUM *const *numbers,
                                   size_t count, size_t size, struct pki_private *out,
                                   struct der *places)
{
    unsigned char *bytes;
    size_t total = 0;

    for (size_t i = 0; i < count; i++) {
        if (numbers[i] == NULL)
            return PKI_NO_LIBRARY;
        places[i].len = size != 0 ? size : (size_t)(evp->f.BN_num_bits(numbers[i]) + 7) / 8;
        total += places[i].len;
    }
    if (store_secret_resize(&out->memory, total, &bytes) != STORE_OK)
        return PKI_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        if (evp->f.BN_bn2binpad(numbers[i], bytes, (int)places[i].len) < 0)
            return PKI_NO_LIBRARY;
        places[i].data = bytes;
        bytes += places[i].len;
    }
    return PKI_OK;
}

static enum pki_fault copy_rsa(const struct keypair *keypair, struct pki_private *out)
{
    const struct evp_functions *f = &keypair->evp->f;
    const BIGNUM *numbers[RSA_NUMBERS] = {NULL};

    f->RSA_get0_key(keypair->rsa, &numbers[RSA_N], &numbers[RSA_E], &numbers[RSA_D]);
    f->RSA_get0_factors(keypair->rsa, &numbers[RSA_P], &numbers[RSA_Q]);
    f->RSA_get0_crt_params(keypair->rsa, &numbers[RSA_DP], &numbers[RSA_DQ], &numbers[RSA_QI]);
    return copy_numbers(keypair->evp, numbers, RSA_NUMBERS, 0, out, out->rsa);
}

static enum pki_fault make_rsa(struct keypair *keypair, size_t bits, struct der exponent,
                               struct pki_private *out)
{
    const struct evp_functions *f = &keypair->evp->f;
    BIGNUM *e = f->BN_bin2bn(exponent.data, (int)exponent.len, NULL);
    bool made = e != NULL && keypair_begin_rsa(keypair) &&
                f->RSA_generate_key_ex(keypair->rsa, (int)bits, e, NULL) == 1;

    f->BN_free(e);
    return made ? copy_rsa(keypair, out) : PKI_NO_LIBRARY;
}

static enum pki_fault make_ec(struct keypair *keypair, struct pki_private *out)
{
    const struct evp_functions *f = &keypair->evp->f;
    const BIGNUM *number;

    if (!keypair_begin_ec(keypair) || f->EC_KEY_generate_key(keypair->ec) != 1)
        return PKI_NO_LIBRARY;
    number = f->EC_KEY_get0_private_key(keypair->ec);
    return copy_numbers(keypair->evp, &number, 1, pki_curve_size(keypair->type), out, &out->scalar);
}

/* The seed of an EdDSA key is any bytes (RFC 8032, 5.1.5), and so is the number of X25519, which
 * sets the bits that must be set at each use (RFC 7748, 5). */
static enum pki_fault make_seed(enum pki_type type, struct pki_private *out)
{
    size_t size = pki_curve_size(type);
    unsigned char *bytes;

    if (store_secret_resize(&out->memory, size, &bytes) != STORE_OK)
        return PKI_NO_MEMORY;
    if (random_fill(bytes, size) != CKR_OK)
        return PKI_NO_LIBRARY;
    out->scalar = (struct der){bytes, size};
    return PKI_OK;
}

enum pki_fault pki_generate(enum pki_type type, size_t bits, struct der exponent,
                            struct pki_private *out)
{
    enum pki_fault fault;
    struct keypair *keypair;

    out->type = type;
    if (type != PKI_RSA && !pki_is_ecdsa(type))
        return make_seed(type, out);
    keypair = keypair_new(type, 0, &fault);
    if (keypair == NULL)
        return fault;
    evp_quiet_begin(keypair->evp);
    fault = type == PKI_RSA ? make_rsa(keypair, bits, exponent, out) : make_ec(keypair, out);
    evp_quiet_end(keypair->evp);
    keypair_free(keypair);
    traces_wipe_key();
    return fault;
}
