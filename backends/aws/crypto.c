/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/crypto.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "store/log.h"

enum store_err aws_crypto_open(struct aws_crypto *out)
{
    struct aws_crypto crypto = {0};

    crypto.library = OSSL_LIB_CTX_new();
    if (crypto.library != NULL) {
        crypto.sha256 = EVP_MD_fetch(crypto.library, "SHA256", NULL);
        crypto.sha1 = EVP_MD_fetch(crypto.library, "SHA1", NULL);
        crypto.hmac = EVP_MAC_fetch(crypto.library, "HMAC", NULL);
    }
    if (crypto.sha256 == NULL || crypto.sha1 == NULL || crypto.hmac == NULL) {
        aws_crypto_close(&crypto);
        store_log(STORE_LOG_ERROR,
                  "aws: OpenSSL lacks SHA-256, SHA-1 or HMAC; install its default provider");
        return STORE_FAILED;
    }
    *out = crypto;
    return STORE_OK;
}

void aws_crypto_close(struct aws_crypto *crypto)
{
    EVP_MAC_free(crypto->hmac);
    EVP_MD_free(crypto->sha1);
    EVP_MD_free(crypto->sha256);
    OSSL_LIB_CTX_free(crypto->library);
    *crypto = (struct aws_crypto){0};
}

void aws_hex(const unsigned char *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

enum store_err aws_sha1(const struct aws_crypto *crypto, const char *text, char out[AWS_SHA1_HEX])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;

    if (EVP_Digest(text, strlen(text), digest, &len, crypto->sha1, NULL) != 1) {
        store_log(STORE_LOG_ERROR, "aws: OpenSSL cannot compute SHA-1");
        return STORE_FAILED;
    }
    aws_hex(digest, len, out);
    return STORE_OK;
}

enum store_err aws_uuid(char out[AWS_UUID_SIZE])
{
    unsigned char bytes[16];
    char hex[33];

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        store_log(STORE_LOG_ERROR, "aws: the kernel returns no random bytes: %s", strerror(errno));
        return STORE_FAILED;
    }
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    aws_hex(bytes, sizeof bytes, hex);
    (void)snprintf(out, AWS_UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
                   hex + 16, hex + 20);
    return STORE_OK;
}
