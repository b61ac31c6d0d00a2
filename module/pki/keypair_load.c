/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/obj_mac.h>

#include "module/pki/keypair_part.h"
#include "module/pki/rsa_fit.h"
#include "module/traces.h"

/* Room for the longest point: P-521. */
#define POINT_MAX 133

struct keypair *keypair_new(enum pki_type type, size_t signature_len, enum pki_fault *fault)
{
    const struct evp *evp = evp_get();
    struct keypair *keypair = evp == NULL ? NULL : calloc(1, sizeof *keypair);

    *fault = evp == NULL ? PKI_NO_LIBRARY : keypair == NULL ? PKI_NO_MEMORY : PKI_OK;
    if (keypair == NULL)
        return NULL;
    *keypair = (struct keypair){.evp = evp, .type = type, .signature_len = signature_len};
    return keypair;
}

/* Gives the key out if it is `made`, else frees it. */
static enum pki_fault keypair_finish(struct keypair *keypair, bool made, struct keypair **out)
{
    if (made) {
        *out = keypair;
        return PKI_OK;
    }
    keypair_free(keypair);
    return PKI_MALFORMED;
}

static BIGNUM *number(const struct evp *evp, struct der bytes)
{
    return evp->f.BN_bin2bn(bytes.data, (int)bytes.len, NULL);
}

/* d mod (prime - 1); NULL if memory is short or the prime is none. */
static BIGNUM *reduce(const struct evp *evp, struct der d, struct der prime)
{
    BIGNUM *dividend = number(evp, d);
    BIGNUM *divisor = number(evp, prime);
    BIGNUM *rest = evp->f.BN_new();
    BN_CTX *ctx = evp->f.BN_CTX_new_ex(evp->ctx);
    bool done = dividend != NULL && divisor != NULL && rest != NULL && ctx != NULL;

    if (done) {
        evp->f.BN_set_flags(dividend, BN_FLG_CONSTTIME);
        evp->f.BN_set_flags(divisor, BN_FLG_CONSTTIME);
        done = evp->f.BN_sub_word(divisor, 1) == 1 &&
               evp->f.BN_div(NULL, rest, dividend, divisor, ctx) == 1;
    }
    evp->f.BN_clear_free(dividend);
    evp->f.BN_clear_free(divisor);
    evp->f.BN_CTX_free(ctx);
    if (done)
        return rest;
    evp->f.BN_clear_free(rest);
    return NULL;
}

bool keypair_begin_rsa(struct keypair *keypair)
{
    const struct evp_functions *f = &keypair->evp->f;

    keypair->rsa = f->RSA_new();
    return keypair->rsa != NULL && f->RSA_set_method(keypair->rsa, f->RSA_PKCS1_OpenSSL()) == 1;
}

/* Puts the numbers, none of which is missing, into the key, which owns them from then on. */
static bool fill_rsa(struct keypair *keypair, BIGNUM *numbers[RSA_NUMBERS])
{
    const struct evp_functions *f = &keypair->evp->f;

    if (f->RSA_set0_key(keypair->rsa, numbers[RSA_N], numbers[RSA_E], numbers[RSA_D]) != 1)
        return false;
    numbers[RSA_N] = numbers[RSA_E] = numbers[RSA_D] = NULL;
    if (f->RSA_set0_factors(keypair->rsa, numbers[RSA_P], numbers[RSA_Q]) != 1)
        return false;
    numbers[RSA_P] = numbers[RSA_Q] = NULL;
    if (f->RSA_set0_crt_params(keypair->rsa, numbers[RSA_DP], numbers[RSA_DQ], numbers[RSA_QI]) !=
        1)
        return false;
    numbers[RSA_DP] = numbers[RSA_DQ] = numbers[RSA_QI] = NULL;
    return true;
}

static enum pki_fault new_rsa(const struct pki_private *key, struct keypair **out)
{
    BIGNUM *numbers[RSA_NUMBERS];
    enum pki_fault fault;
    struct keypair *keypair = keypair_new(PKI_RSA, key->rsa[RSA_N].len, &fault);
    bool made;

    if (keypair == NULL)
        return fault;
    evp_quiet_begin(keypair->evp);
    for (size_t i = 0; i < RSA_NUMBERS; i++) {
        bool given = key->rsa[i].len > 0; /* OpenSSH leaves DP and DQ out */
        numbers[i] = given ? number(keypair->evp, key->rsa[i])
                           : reduce(keypair->evp, key->rsa[RSA_D], key->rsa[i - RSA_DP + RSA_P]);
    }
    made =
        rsa_fit(keypair->evp, numbers) && keypair_begin_rsa(keypair) && fill_rsa(keypair, numbers);
    for (size_t i = 0; i < RSA_NUMBERS; i++)
        keypair->evp->f.BN_clear_free(numbers[i]); /* not yet in the key */
    evp_quiet_end(keypair->evp);
    return keypair_finish(keypair, made, out);
}

static enum pki_fault new_public_rsa(const struct pki_public *key, struct keypair **out)
{
    enum pki_fault fault;
    struct keypair *keypair = keypair_new(PKI_RSA, key->modulus.len, &fault);
    BIGNUM *n;
    BIGNUM *e;
    bool made;

    if (keypair == NULL)
        return fault;
    evp_quiet_begin(keypair->evp);
    n = number(keypair->evp, key->modulus);
    e = number(keypair->evp, key->exponent);
    made = n != NULL && e != NULL && keypair_begin_rsa(keypair) &&
           keypair->evp->f.RSA_set0_key(keypair->rsa, n, e, NULL) == 1;
    if (!made) {
        keypair->evp->f.BN_free(n);
        keypair->evp->f.BN_free(e);
    }
    evp_quiet_end(keypair->evp);
    return keypair_finish(keypair, made, out);
}

bool keypair_begin_ec(struct keypair *keypair)
{
    const struct evp *evp = keypair->evp;
    int nid = keypair->type == PKI_P256   ? NID_X9_62_prime256v1
              : keypair->type == PKI_P384 ? NID_secp384r1
                                          : NID_secp521r1;

    keypair->ec = evp->f.EC_KEY_new_by_curve_name_ex(evp->ctx, NULL, nid);
    return keypair->ec != NULL &&
           evp->f.EC_KEY_set_method(keypair->ec, evp->f.EC_KEY_OpenSSL()) == 1;
}

/* Sets the private number, which must be less than the order, and gives its point. */
static bool set_scalar(struct keypair *keypair, struct der scalar, unsigned char out[POINT_MAX])
{
    const struct evp_functions *f = &keypair->evp->f;
    const EC_GROUP *group = f->EC_KEY_get0_group(keypair->ec);
    size_t len = pki_point_size(keypair->type);
    BIGNUM *bn = number(keypair->evp, scalar);
    EC_POINT *point = f->EC_POINT_new(group);
    bool done = bn != NULL && point != NULL;

    if (done) {
        f->BN_set_flags(bn, BN_FLG_CONSTTIME);
        done = f->BN_cmp(bn, f->EC_GROUP_get0_order(group)) < 0 &&
               f->EC_KEY_set_private_key(keypair->ec, bn) == 1 &&
               f->EC_POINT_mul(group, point, bn, NULL, NULL, NULL) == 1 &&
               f->EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out, len, NULL) ==
                   len;
    }
    f->BN_clear_free(bn);
    f->EC_POINT_free(point);
    return done;
}

static bool set_point(struct keypair *keypair, struct der point)
{
    return keypair->evp->f.EC_KEY_oct2key(keypair->ec, point.data, point.len, NULL) == 1;
}

static enum pki_fault new_ec(const struct pki_private *key, unsigned char derived[POINT_MAX],
                             struct keypair **out)
{
    struct der point = {derived, pki_point_size(key->type)};
    enum pki_fault fault;
    struct keypair *keypair = keypair_new(key->type, 2 * pki_curve_size(key->type), &fault);
    bool made;

    if (keypair == NULL)
        return fault;
    evp_quiet_begin(keypair->evp);
    made = keypair_begin_ec(keypair) && set_scalar(keypair, key->scalar, derived) &&
           (key->point.len == 0 || der_equal(key->point, point)) && set_point(keypair, point);
    evp_quiet_end(keypair->evp);
    return keypair_finish(keypair, made, out);
}

static enum pki_fault new_public_ec(const struct pki_public *key, struct keypair **out)
{
    enum pki_fault fault;
    struct keypair *keypair = keypair_new(key->type, 2 * pki_curve_size(key->type), &fault);
    bool made;

    if (keypair == NULL)
        return fault;
    evp_quiet_begin(keypair->evp);
    made = keypair_begin_ec(keypair) && set_point(keypair, key->point);
    evp_quiet_end(keypair->evp);
    return keypair_finish(keypair, made, out);
}

static const char *name_of(enum pki_type type)
{
    return type == PKI_ED25519 ? "ED25519" : type == PKI_ED448 ? "ED448" : "X25519";
}

/* Makes a key of EdDSA or X25519 from its private or public bytes, whichever `name` says. */
static enum pki_fault new_other(enum pki_type type, const char *name, struct der bytes,
                                struct keypair **out)
{
    OSSL_PARAM params[] = {{name, OSSL_PARAM_OCTET_STRING, (void *)(uintptr_t)bytes.data, bytes.len,
                            OSSL_PARAM_UNMODIFIED},
                           {0}};
    bool private = strcmp(name, OSSL_PKEY_PARAM_PRIV_KEY) == 0;
    enum pki_fault fault;
    struct keypair *keypair = keypair_new(type, 2 * pki_curve_size(type), &fault);
    EVP_PKEY_CTX *ctx;
    bool made;

    if (keypair == NULL)
        return fault;
    evp_quiet_begin(keypair->evp);
    ctx = keypair->evp->f.EVP_PKEY_CTX_new_from_name(keypair->evp->ctx, name_of(type), NULL);
    made = ctx != NULL && keypair->evp->f.EVP_PKEY_fromdata_init(ctx) == 1 &&
           keypair->evp->f.EVP_PKEY_fromdata(
               ctx, &keypair->other, private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) == 1;
    keypair->evp->f.EVP_PKEY_CTX_free(ctx);
    evp_quiet_end(keypair->evp);
    return keypair_finish(keypair, made, out);
}

/* Gives the point of a key of EdDSA or X25519; false if the key's format gives another. */
static bool other_point(const struct keypair *keypair, struct der given,
                        unsigned char out[POINT_MAX])
{
    struct der point = {out, pki_point_size(keypair->type)};
    size_t len = 0;

    return keypair->evp->f.EVP_PKEY_get_octet_string_param(keypair->other, OSSL_PKEY_PARAM_PUB_KEY,
                                                           out, POINT_MAX, &len) == 1 &&
           len == point.len && (given.len == 0 || der_equal(given, point));
}

/* Makes the key; of a curve, `point` gets its public point. libcrypto gets the seed of an EdDSA key
 * alone: a signature under the public key of another would give it away. */
static enum pki_fault new_private(const struct pki_private *key, unsigned char point[POINT_MAX],
                                  struct keypair **out)
{
    enum pki_fault fault;

    if (key->type == PKI_RSA)
        return new_rsa(key, out);
    if (pki_is_ecdsa(key->type))
        return new_ec(key, point, out);
    fault = new_other(key->type, OSSL_PKEY_PARAM_PRIV_KEY, key->scalar, out);
    if (fault == PKI_OK && !other_point(*out, key->point, point)) {
        keypair_free(*out);
        *out = NULL;
        fault = PKI_MALFORMED;
    }
    return fault;
}

enum pki_fault keypair_new_private(const struct pki_private *key, struct keypair **out)
{
    unsigned char point[POINT_MAX];
    enum pki_fault fault = new_private(key, point, out);

    traces_wipe_key();
    return fault;
}

enum pki_fault keypair_check(const struct pki_private *key)
{
    struct keypair *keypair = NULL;
    enum pki_fault fault = keypair_new_private(key, &keypair);

    if (fault == PKI_OK && key->type == PKI_RSA) {
        evp_quiet_begin(keypair->evp);
        if (keypair->evp->f.RSA_check_key_ex(keypair->rsa, NULL) != 1)
            fault = PKI_MALFORMED;
        evp_quiet_end(keypair->evp);
    }
    keypair_free(keypair);
    traces_wipe_key();
    return fault;
}

enum pki_fault keypair_derive_public(const struct pki_private *key, struct pki_public *out)
{
    unsigned char point[POINT_MAX];
    struct keypair *keypair = NULL;
    enum pki_fault fault = new_private(key, point, &keypair);
    bool made;

    keypair_free(keypair);
    traces_wipe_key();
    if (fault != PKI_OK)
        return fault;
    made = key->type == PKI_RSA
               ? pki_public_rsa(out, key->rsa[RSA_N], key->rsa[RSA_E])
               : pki_public_curve(out, key->type, (struct der){point, pki_point_size(key->type)});
    return made ? PKI_OK : PKI_NO_MEMORY;
}

enum pki_fault keypair_new_public(const struct pki_public *key, struct keypair **out)
{
    if (key->type == PKI_RSA)
        return new_public_rsa(key, out);
    if (pki_is_ecdsa(key->type))
        return new_public_ec(key, out);
    return new_other(key->type, OSSL_PKEY_PARAM_PUB_KEY, key->point, out);
}
