/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/pbe.h"

#include <limits.h>
#include <string.h>

#include "module/pki/der_write.h"
#include "module/pki/evp.h"
#include "module/traces.h"

/* id-PBES2 and id-PBKDF2 (RFC 8018, A.4 and A.2), id-scrypt (RFC 7914, 7) */
static const unsigned char oid_pbes2[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d};
static const unsigned char oid_pbkdf2[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c};
static const unsigned char oid_scrypt[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b};

#define IS(oid, bytes) der_equal(oid, (struct der){bytes, sizeof bytes})

/* The most iterations of PBKDF2, and the largest N * r * p of scrypt, whose memory libcrypto limits
 * to 32 MiB: about half a second each. */
#define ITERATIONS_MAX 2000000
#define SCRYPT_COST_MAX (2u * 1024 * 1024)

/* Those of a key that is encrypted here: 0.1 s, each time that it is opened (OWASP's cheat sheet on
 * the storage of passwords, for HMAC-SHA-512). */
#define ITERATIONS 210000

#define SALT_LEN 16 /* bytes (NIST SP 800-132, 5.1) */

/* Reads an INTEGER; a larger one than `most` becomes most + 1. */
static bool read_up_to(struct der *in, size_t most, size_t *out)
{
    struct der number;

    if (!der_unsigned(in, &number))
        return false;
    *out = 0;
    for (size_t i = 0; i < number.len && *out <= most; i++)
        *out = *out << 8 | number.data[i];
    if (*out > most)
        *out = most + 1;
    return true;
}

/* Checks the iterations of PBKDF2; the parameters are salt, iterations and more. */
static enum pki_fault check_pbkdf2(struct der parameters)
{
    struct der body;
    size_t iterations;

    if (!der_read(&parameters, DER_SEQUENCE, &body) || !der_skip(&body) ||
        !read_up_to(&body, ITERATIONS_MAX, &iterations))
        return PKI_MALFORMED;
    return iterations <= ITERATIONS_MAX ? PKI_OK : PKI_OLD_ENCRYPTION;
}

/* Checks the cost of scrypt; the parameters are salt, N, r, p and more. */
static enum pki_fault check_scrypt(struct der parameters)
{
    struct der body;
    uint64_t cost = 1;

    if (!der_read(&parameters, DER_SEQUENCE, &body) || !der_skip(&body))
        return PKI_MALFORMED;
    for (int i = 0; i < 3; i++) {
        size_t factor;
        if (!read_up_to(&body, SCRYPT_COST_MAX, &factor))
            return PKI_MALFORMED;
        cost *= factor;
        if (cost > SCRYPT_COST_MAX)
            return PKI_OLD_ENCRYPTION;
    }
    return PKI_OK;
}

/* Checks the algorithm: PBES2, with a derivation whose time is bounded. */
static enum pki_fault check(const struct store_secret *encrypted)
{
    struct der in = {encrypted->data, encrypted->len};
    struct der body;
    struct der algorithm;
    struct der parameters;
    struct der derivation;
    struct der oid;

    if (!der_read(&in, DER_SEQUENCE, &body) || in.len != 0 ||
        !der_read(&body, DER_SEQUENCE, &algorithm) || !der_read(&algorithm, DER_OID, &oid))
        return PKI_MALFORMED;
    if (!IS(oid, oid_pbes2))
        return PKI_OLD_ENCRYPTION;
    if (!der_read(&algorithm, DER_SEQUENCE, &parameters) ||
        !der_read(&parameters, DER_SEQUENCE, &derivation) || !der_read(&derivation, DER_OID, &oid))
        return PKI_MALFORMED;
    return IS(oid, oid_pbkdf2)   ? check_pbkdf2(derivation)
           : IS(oid, oid_scrypt) ? check_scrypt(derivation)
                                 : PKI_OLD_ENCRYPTION;
}

/* The length without the line breaks that an editor leaves at the end. */
static size_t text_length(const struct store_secret *text)
{
    size_t len = text->len;

    while (len > 0 && (text->data[len - 1] == '\n' || text->data[len - 1] == '\r'))
        len--;
    return len;
}

/* The fault behind libcrypto's last error. A wrong passphrase shows at the end of the last block;
 * any other error has another reason. */
static enum pki_fault failure(const struct evp *evp)
{
    unsigned long error = evp->f.ERR_peek_last_error();

    if (ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE)
        return PKI_NO_MEMORY;
    if (ERR_GET_LIB(error) == ERR_LIB_PKCS12 &&
        ERR_GET_REASON(error) == PKCS12_R_PKCS12_CIPHERFINAL_ERROR)
        return PKI_WRONG_PASSPHRASE;
    return PKI_OLD_ENCRYPTION; /* a cipher that this libcrypto does not have */
}

/* Decrypts into libcrypto's memory, and from there into memory for secrets. */
static enum pki_fault decrypt(const struct evp *evp, const X509_SIG *sig,
                              const struct store_secret *passphrase, struct store_secret *out)
{
    const X509_ALGOR *algorithm;
    const ASN1_OCTET_STRING *bytes;
    unsigned char *plain = NULL;
    int len = 0;
    enum store_err err;

    evp->f.X509_SIG_get0(sig, &algorithm, &bytes);
    if (evp->f.PKCS12_pbe_crypt_ex(algorithm, (const char *)passphrase->data,
                                   (int)text_length(passphrase), bytes->data, bytes->length, &plain,
                                   &len, 0, evp->ctx, NULL) == NULL)
        return failure(evp);
    err = store_secret_set(out, plain, (size_t)len);
    evp->f.CRYPTO_clear_free(plain, (size_t)len, __FILE__, __LINE__);
    return err == STORE_OK ? PKI_OK : PKI_NO_MEMORY;
}

enum pki_fault pbe_decrypt(const struct store_secret *encrypted,
                           const struct store_secret *passphrase, struct store_secret *out)
{
    const unsigned char *at = encrypted->data;
    const struct evp *evp;
    enum pki_fault fault = check(encrypted);
    X509_SIG *sig;

    if (fault == PKI_OK && (encrypted->len > INT_MAX || passphrase->len > INT_MAX))
        fault = PKI_MALFORMED;
    if (fault != PKI_OK)
        return fault;
    evp = evp_get();
    if (evp == NULL)
        return PKI_NO_LIBRARY;
    evp_quiet_begin(evp);
    sig = evp->f.d2i_X509_SIG(NULL, &at, (long)encrypted->len);
    fault = sig == NULL ? PKI_MALFORMED : decrypt(evp, sig, passphrase, out);
    evp->f.X509_SIG_free(sig);
    evp_quiet_end(evp);
    traces_wipe_key();
    return fault;
}

/* Appends the AlgorithmIdentifier. */
static enum pki_fault append_algorithm(const struct evp *evp, const X509_ALGOR *algorithm,
                                       struct store_secret *out)
{
    unsigned char der[256];
    unsigned char *end = der;
    int len = evp->f.i2d_X509_ALGOR(algorithm, NULL);

    if (len <= 0 || (size_t)len > sizeof der)
        return PKI_NO_LIBRARY;
    (void)evp->f.i2d_X509_ALGOR(algorithm, &end);
    return store_secret_append(out, der, (size_t)len) == STORE_OK ? PKI_OK : PKI_NO_MEMORY;
}

/* EncryptedPrivateKeyInfo (RFC 5958, section 3). */
static enum pki_fault encrypt(const struct evp *evp, const X509_ALGOR *algorithm,
                              const struct store_secret *plain,
                              const struct store_secret *passphrase, struct store_secret *out)
{
    unsigned char *bytes = NULL;
    int len = 0;
    enum pki_fault fault;
    enum store_err err;

    if (evp->f.PKCS12_pbe_crypt_ex(algorithm, (const char *)passphrase->data,
                                   (int)text_length(passphrase), plain->data, (int)plain->len,
                                   &bytes, &len, 1, evp->ctx, NULL) == NULL)
        return failure(evp) == PKI_NO_MEMORY ? PKI_NO_MEMORY : PKI_NO_LIBRARY;
    fault = append_algorithm(evp, algorithm, out);
    err = der_append(out, DER_OCTET_STRING, (struct der){bytes, (size_t)len});
    if (err == STORE_OK)
        err = der_wrap(out, DER_SEQUENCE);
    evp->f.CRYPTO_clear_free(bytes, (size_t)len, __FILE__, __LINE__);
    return fault == PKI_OK && err != STORE_OK ? PKI_NO_MEMORY : fault;
}

enum pki_fault pbe_encrypt(const struct store_secret *plain, const struct store_secret *passphrase,
                           struct store_secret *out)
{
    const struct evp *evp = evp_get();
    enum pki_fault fault;
    X509_ALGOR *algorithm;

    if (text_length(passphrase) == 0)
        return PKI_WRONG_PASSPHRASE;
    if (evp == NULL || plain->len > INT_MAX || passphrase->len > INT_MAX)
        return PKI_NO_LIBRARY;
    evp_quiet_begin(evp);
    algorithm = evp->f.PKCS5_pbe2_set_iv_ex(evp->f.EVP_aes_256_cbc(), ITERATIONS, NULL, SALT_LEN,
                                            NULL, NID_hmacWithSHA512, evp->ctx);
    fault = algorithm == NULL ? PKI_NO_LIBRARY : encrypt(evp, algorithm, plain, passphrase, out);
    evp->f.X509_ALGOR_free(algorithm);
    evp_quiet_end(evp);
    traces_wipe_key();
    return fault;
}
