/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#include "store/log.h"

/* The hashes of OpenSSL, in a library context of our own, so that nothing in an openssl.cnf changes
 * them. */

struct aws_library {
    OSSL_LIB_CTX *context;
    EVP_MD *sha256;
    EVP_MD *sha1;
    EVP_MAC *hmac;
};

static void library_free(struct aws_library *library)
{
    if (library == NULL)
        return;
    EVP_MAC_free(library->hmac);
    EVP_MD_free(library->sha1);
    EVP_MD_free(library->sha256);
    OSSL_LIB_CTX_free(library->context);
    free(library);
}

enum store_err aws_crypto_open(struct aws_crypto *out)
{
    struct aws_library *library = calloc(1, sizeof *library);

    if (library == NULL)
        return STORE_NO_MEMORY;
    library->context = OSSL_LIB_CTX_new();
    if (library->context != NULL) {
        library->sha256 = EVP_MD_fetch(library->context, "SHA256", NULL);
        library->sha1 = EVP_MD_fetch(library->context, "SHA1", NULL);
        library->hmac = EVP_MAC_fetch(library->context, "HMAC", NULL);
    }
    if (library->sha256 == NULL || library->sha1 == NULL || library->hmac == NULL) {
        library_free(library);
        store_log(STORE_LOG_ERROR,
                  "aws: OpenSSL lacks SHA-256, SHA-1 or HMAC; install its default provider");
        return STORE_FAILED;
    }
    out->library = library;
    return STORE_OK;
}

void aws_crypto_close(struct aws_crypto *crypto)
{
    library_free(crypto->library);
    *crypto = (struct aws_crypto){0};
}

enum store_err aws_sha1(const struct aws_crypto *crypto, const char *text, char out[AWS_SHA1_HEX])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;

    if (EVP_Digest(text, strlen(text), digest, &len, crypto->library->sha1, NULL) != 1) {
        store_log(STORE_LOG_ERROR, "aws: OpenSSL cannot compute SHA-1");
        return STORE_FAILED;
    }
    aws_hex(digest, len, out);
    return STORE_OK;
}

/* A digest is a context of OpenSSL's. */
static EVP_MD_CTX *context_of(struct aws_digest *digest)
{
    return (EVP_MD_CTX *)digest;
}

struct aws_digest *aws_digest_begin(const struct aws_crypto *crypto)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (context != NULL && EVP_DigestInit_ex2(context, crypto->library->sha256, NULL) == 1)
        return (struct aws_digest *)context;
    EVP_MD_CTX_free(context);
    return NULL;
}

bool aws_digest_add(struct aws_digest *digest, const void *data, size_t len)
{
    return EVP_DigestUpdate(context_of(digest), data, len) == 1;
}

bool aws_digest_end(struct aws_digest *digest, unsigned char out[AWS_SHA256_SIZE])
{
    return EVP_DigestFinal_ex(context_of(digest), out, NULL) == 1;
}

void aws_digest_free(struct aws_digest **digest)
{
    EVP_MD_CTX_free(context_of(*digest));
}

bool aws_hmac(const struct aws_crypto *crypto, const void *key, size_t key_len, const char *text,
              unsigned char out[AWS_SHA256_SIZE])
{
    EVP_MAC_CTX *mac = EVP_MAC_CTX_new(crypto->library->hmac);
    char name[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_end(),
    };
    size_t len = 0;
    bool ok = mac != NULL && EVP_MAC_init(mac, key, key_len, params) == 1 &&
              EVP_MAC_update(mac, (const unsigned char *)text, strlen(text)) == 1 &&
              EVP_MAC_final(mac, out, &len, AWS_SHA256_SIZE) == 1;

    EVP_MAC_CTX_free(mac);
    return ok;
}
