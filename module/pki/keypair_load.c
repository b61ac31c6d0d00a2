/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/keypair_load.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/obj_mac.h>

/* Parameters that are being collected for libcrypto, with memory for numbers in its byte order. */
struct collected {
    OSSL_PARAM params[RSA_NUMBERS + 2];
    size_t count;
    struct store_secret memory;
    unsigned char *next;
};

#define AUTO_COLLECTED __attribute__((cleanup(collected_drop))) struct collected

static void collected_drop(struct collected *collected)
{
    store_secret_wipe(&collected->memory);
}

static void add(struct collected *collected, const char *name, unsigned type, void *data,
                size_t len)
{
    collected->params[collected->count++] =
        (OSSL_PARAM){name, type, data, len, OSSL_PARAM_UNMODIFIED};
    collected->params[collected->count] = (OSSL_PARAM){0};
}

/* Adds an unsigned number, which libcrypto takes in the machine's order. */
static void add_number(struct collected *collected, const char *name, struct der number)
{
    unsigned char *to = collected->next;

    for (size_t i = 0; i < number.len; i++)
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        to[i] = number.data[number.len - 1 - i];
#else
        to[i] = number.data[i];
#endif
    collected->next += number.len;
    add(collected, name, OSSL_PARAM_UNSIGNED_INTEGER, to, number.len);
}

static void add_bytes(struct collected *collected, const char *name, struct der bytes)
{
    add(collected, name, OSSL_PARAM_OCTET_STRING, (void *)(uintptr_t)bytes.data, bytes.len);
}

static const char *type_name(enum pki_type type)
{
    switch (type) {
    case PKI_RSA:
        return "RSA";
    case PKI_ED25519:
        return "ED25519";
    case PKI_ED448:
        return "ED448";
    default:
        return "EC";
    }
}

static const char *group_name(enum pki_type type)
{
    return type == PKI_P256 ? "P-256" : type == PKI_P384 ? "P-384" : "P-521";
}

static void add_group(struct collected *collected, enum pki_type type)
{
    const char *name = group_name(type);

    add(collected, OSSL_PKEY_PARAM_GROUP_NAME, OSSL_PARAM_UTF8_STRING, (void *)(uintptr_t)name,
        strlen(name));
}

/* Makes the keypair from the parameters. */
static enum pki_fault make(enum pki_type type, int selection, struct collected *collected,
                           size_t signature_len, struct keypair **out)
{
    const struct evp *evp = evp_get();
    struct keypair *keypair = calloc(1, sizeof *keypair);
    EVP_PKEY_CTX *ctx;
    bool made;

    if (evp == NULL || keypair == NULL) {
        free(keypair);
        return evp == NULL ? PKI_NO_LIBRARY : PKI_NO_MEMORY;
    }
    *keypair = (struct keypair){.evp = evp, .type = type, .signature_len = signature_len};
    evp_quiet_begin(evp);
    ctx = evp->f.EVP_PKEY_CTX_new_from_name(evp->ctx, type_name(type), NULL);
    made = ctx != NULL && evp->f.EVP_PKEY_fromdata_init(ctx) == 1 &&
           evp->f.EVP_PKEY_fromdata(ctx, &keypair->key, selection, collected->params) == 1;
    evp->f.EVP_PKEY_CTX_free(ctx);
    evp_quiet_end(evp);
    if (made) {
        *out = keypair;
        return PKI_OK;
    }
    keypair_free(keypair);
    return PKI_MALFORMED;
}

/* d mod (prime - 1), in `len` bytes. */
static bool reduce(const struct evp *evp, struct der d, struct der prime, unsigned char *out)
{
    BIGNUM *number = evp->f.BN_bin2bn(d.data, (int)d.len, NULL);
    BIGNUM *modulus = evp->f.BN_bin2bn(prime.data, (int)prime.len, NULL);
    BIGNUM *rest = evp->f.BN_new();
    BN_CTX *ctx = evp->f.BN_CTX_new_ex(evp->ctx);
    bool done = number != NULL && modulus != NULL && rest != NULL && ctx != NULL;

    if (done) {
        evp->f.BN_set_flags(number, BN_FLG_CONSTTIME);
        evp->f.BN_set_flags(modulus, BN_FLG_CONSTTIME);
        done = evp->f.BN_sub_word(modulus, 1) == 1 &&
               evp->f.BN_div(NULL, rest, number, modulus, ctx) == 1 &&
               evp->f.BN_bn2binpad(rest, out, (int)prime.len) == (int)prime.len;
    }
    evp->f.BN_clear_free(number);
    evp->f.BN_clear_free(modulus);
    evp->f.BN_clear_free(rest);
    evp->f.BN_CTX_free(ctx);
    return done;
}

/* Computes the exponents of the two primes for a format that leaves them out. */
static enum pki_fault complete_rsa(const struct pki_private *key, struct der numbers[RSA_NUMBERS],
                                   struct store_secret *memory)
{
    const struct evp *evp;
    unsigned char *at;
    bool done = true;

    memcpy(numbers, key->rsa, RSA_NUMBERS * sizeof numbers[0]);
    if (numbers[RSA_DP].len != 0)
        return PKI_OK;
    evp = evp_get();
    if (evp == NULL)
        return PKI_NO_LIBRARY;
    if (store_secret_resize(memory, numbers[RSA_P].len + numbers[RSA_Q].len, &at) != STORE_OK)
        return PKI_NO_MEMORY;
    evp_quiet_begin(evp);
    for (size_t i = 0; done && i < 2; i++) {
        struct der prime = numbers[RSA_P + i];
        done = reduce(evp, numbers[RSA_D], prime, at);
        numbers[RSA_DP + i] = (struct der){at, prime.len};
        at += prime.len;
    }
    evp_quiet_end(evp);
    return done ? PKI_OK : PKI_MALFORMED;
}

static enum pki_fault new_rsa(const struct pki_private *key, struct keypair **out)
{
    static const char *const names[RSA_NUMBERS] = {
        OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
        OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
        OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
        OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
    AUTO_COLLECTED collected = {0};
    AUTO_SECRET computed = {0};
    struct der numbers[RSA_NUMBERS];
    enum pki_fault fault = complete_rsa(key, numbers, &computed);
    size_t size = 0;

    for (size_t i = 0; fault == PKI_OK && i < RSA_NUMBERS; i++)
        size += numbers[i].len;
    if (fault == PKI_OK &&
        store_secret_resize(&collected.memory, size, &collected.next) != STORE_OK)
        fault = PKI_NO_MEMORY;
    if (fault != PKI_OK)
        return fault;
    for (size_t i = 0; i < RSA_NUMBERS; i++)
        add_number(&collected, names[i], numbers[i]);
    return make(PKI_RSA, EVP_PKEY_KEYPAIR, &collected, numbers[RSA_N].len, out);
}

/* Makes the keypair of an EC key with its public point, which libcrypto does not derive by itself.
 */
static enum pki_fault new_ec(const struct pki_private *key, struct der point, struct keypair **out)
{
    AUTO_COLLECTED collected = {0};

    if (store_secret_resize(&collected.memory, key->scalar.len, &collected.next) != STORE_OK)
        return PKI_NO_MEMORY;
    add_group(&collected, key->type);
    add_number(&collected, OSSL_PKEY_PARAM_PRIV_KEY, key->scalar);
    add_bytes(&collected, OSSL_PKEY_PARAM_PUB_KEY, point);
    return make(key->type, EVP_PKEY_KEYPAIR, &collected, 2 * pki_curve_size(key->type), out);
}

/* The public point of an EC key: the scalar times the generator. */
static bool multiply(const struct evp *evp, const struct pki_private *key, unsigned char *out)
{
    int nid = key->type == PKI_P256   ? NID_X9_62_prime256v1
              : key->type == PKI_P384 ? NID_secp384r1
                                      : NID_secp521r1;
    size_t len = pki_point_size(key->type);
    EC_GROUP *group = evp->f.EC_GROUP_new_by_curve_name_ex(evp->ctx, NULL, nid);
    EC_POINT *point = group == NULL ? NULL : evp->f.EC_POINT_new(group);
    BIGNUM *scalar = evp->f.BN_bin2bn(key->scalar.data, (int)key->scalar.len, NULL);
    bool done = point != NULL && scalar != NULL;

    if (done) {
        evp->f.BN_set_flags(scalar, BN_FLG_CONSTTIME);
        /* a scalar of the order or above gives the point of another one */
        done = evp->f.EC_POINT_mul(group, point, scalar, NULL, NULL, NULL) == 1 &&
               evp->f.EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out, len,
                                         NULL) == len;
    }
    evp->f.BN_clear_free(scalar);
    evp->f.EC_POINT_free(point);
    evp->f.EC_GROUP_free(group);
    return done;
}

/* Room for the longest point: P-521. */
#define POINT_MAX 133

static enum pki_fault derive_ec(const struct pki_private *key, unsigned char out[POINT_MAX])
{
    const struct evp *evp = evp_get();
    struct der point = {out, pki_point_size(key->type)};
    bool done;

    if (evp == NULL)
        return PKI_NO_LIBRARY;
    evp_quiet_begin(evp);
    done = multiply(evp, key, out);
    evp_quiet_end(evp);
    return done && (key->point.len == 0 || der_equal(key->point, point)) ? PKI_OK : PKI_MALFORMED;
}

/* Only the seed is given: a signature under the public key of another would give it away. */
static enum pki_fault new_eddsa(const struct pki_private *key, struct keypair **out)
{
    AUTO_COLLECTED collected = {0};

    add_bytes(&collected, OSSL_PKEY_PARAM_PRIV_KEY, key->scalar);
    return make(key->type, EVP_PKEY_KEYPAIR, &collected, 2 * pki_curve_size(key->type), out);
}

static enum pki_fault derive_eddsa(const struct pki_private *key, unsigned char out[POINT_MAX])
{
    struct keypair *keypair = NULL;
    enum pki_fault fault = new_eddsa(key, &keypair);
    struct der point = {out, pki_point_size(key->type)};
    size_t len = 0;

    if (fault == PKI_OK &&
        (keypair->evp->f.EVP_PKEY_get_octet_string_param(keypair->key, OSSL_PKEY_PARAM_PUB_KEY, out,
                                                         POINT_MAX, &len) != 1 ||
         len != point.len || (key->point.len != 0 && !der_equal(key->point, point))))
        fault = PKI_MALFORMED;
    keypair_free(keypair);
    return fault;
}

enum pki_fault keypair_new_private(const struct pki_private *key, struct keypair **out)
{
    unsigned char point[POINT_MAX];
    enum pki_fault fault;

    if (key->type == PKI_RSA)
        return new_rsa(key, out);
    if (pki_is_eddsa(key->type))
        return new_eddsa(key, out);
    if (key->point.len != 0)
        return new_ec(key, key->point, out);
    fault = derive_ec(key, point);
    return fault == PKI_OK ? new_ec(key, (struct der){point, pki_point_size(key->type)}, out)
                           : fault;
}

enum pki_fault keypair_derive_public(const struct pki_private *key, struct pki_public *out)
{
    unsigned char point[POINT_MAX];
    enum pki_fault fault = PKI_OK;
    bool made;

    if (pki_is_ecdsa(key->type))
        fault = derive_ec(key, point);
    else if (pki_is_eddsa(key->type))
        fault = derive_eddsa(key, point);
    if (fault != PKI_OK)
        return fault;
    made = key->type == PKI_RSA
               ? pki_public_rsa(out, key->rsa[RSA_N], key->rsa[RSA_E])
               : pki_public_curve(out, key->type, (struct der){point, pki_point_size(key->type)});
    return made ? PKI_OK : PKI_NO_MEMORY;
}

enum pki_fault keypair_new_public(const struct pki_public *key, struct keypair **out)
{
    AUTO_COLLECTED collected = {0};
    size_t size = key->modulus.len + key->exponent.len;
    size_t signature = key->type == PKI_RSA ? key->modulus.len : 2 * pki_curve_size(key->type);

    if (key->type == PKI_RSA) {
        if (store_secret_resize(&collected.memory, size, &collected.next) != STORE_OK)
            return PKI_NO_MEMORY;
        add_number(&collected, OSSL_PKEY_PARAM_RSA_N, key->modulus);
        add_number(&collected, OSSL_PKEY_PARAM_RSA_E, key->exponent);
    } else {
        if (pki_is_ecdsa(key->type))
            add_group(&collected, key->type);
        add_bytes(&collected, OSSL_PKEY_PARAM_PUB_KEY, key->point);
    }
    return make(key->type, EVP_PKEY_PUBLIC_KEY, &collected, signature, out);
}
