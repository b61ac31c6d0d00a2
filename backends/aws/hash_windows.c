/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/crypto.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "platform/windows/api.h"
#include "store/log.h"

#include <bcrypt.h>

/* The hashes of Windows. */

#define SHA1_SIZE 20

struct aws_library {
    BCRYPT_ALG_HANDLE sha256;
    BCRYPT_ALG_HANDLE sha1;
    BCRYPT_ALG_HANDLE hmac;
};

static void library_free(struct aws_library *library)
{
    const BCRYPT_ALG_HANDLE all[] = {library->sha256, library->sha1, library->hmac};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i] != NULL)
            (void)BCryptCloseAlgorithmProvider(all[i], 0);
    free(library);
}

enum store_err aws_crypto_open(struct aws_crypto *out)
{
    struct aws_library *library = calloc(1, sizeof *library);

    if (library == NULL)
        return STORE_NO_MEMORY;
    if (BCryptOpenAlgorithmProvider(&library->sha256, BCRYPT_SHA256_ALGORITHM, NULL, 0) != 0 ||
        BCryptOpenAlgorithmProvider(&library->sha1, BCRYPT_SHA1_ALGORITHM, NULL, 0) != 0 ||
        BCryptOpenAlgorithmProvider(&library->hmac, BCRYPT_SHA256_ALGORITHM, NULL,
                                    BCRYPT_ALG_HANDLE_HMAC_FLAG) != 0) {
        library_free(library);
        store_log(STORE_LOG_ERROR, "aws: Windows does not open SHA-256, SHA-1 or HMAC; allow them "
                                   "in its policies");
        return STORE_FAILED;
    }
    out->library = library;
    return STORE_OK;
}

void aws_crypto_close(struct aws_crypto *crypto)
{
    if (crypto->library != NULL)
        library_free(crypto->library);
    *crypto = (struct aws_crypto){0};
}

enum store_err aws_sha1(const struct aws_crypto *crypto, const char *text, char out[AWS_SHA1_HEX])
{
    unsigned char bytes[SHA1_SIZE];

    if (BCryptHash(crypto->library->sha1, NULL, 0, (PUCHAR)(uintptr_t)text, (ULONG)strlen(text),
                   bytes, sizeof bytes) != 0) {
        store_log(STORE_LOG_ERROR, "aws: Windows cannot compute SHA-1");
        return STORE_FAILED;
    }
    aws_hex(bytes, sizeof bytes, out);
    return STORE_OK;
}

/* A digest is a hash object of Windows'. */
struct aws_digest *aws_digest_begin(const struct aws_crypto *crypto)
{
    BCRYPT_HASH_HANDLE hash;

    if (BCryptCreateHash(crypto->library->sha256, &hash, NULL, 0, NULL, 0, 0) != 0)
        return NULL;
    return (struct aws_digest *)hash;
}

bool aws_digest_add(struct aws_digest *digest, const void *data, size_t len)
{
    return len <= ULONG_MAX &&
           BCryptHashData((BCRYPT_HASH_HANDLE)digest, (PUCHAR)(uintptr_t)data, (ULONG)len, 0) == 0;
}

bool aws_digest_end(struct aws_digest *digest, unsigned char out[AWS_SHA256_SIZE])
{
    return BCryptFinishHash((BCRYPT_HASH_HANDLE)digest, out, AWS_SHA256_SIZE, 0) == 0;
}

void aws_digest_free(struct aws_digest **digest)
{
    if (*digest != NULL)
        (void)BCryptDestroyHash((BCRYPT_HASH_HANDLE)*digest);
}

bool aws_hmac(const struct aws_crypto *crypto, const void *key, size_t key_len, const char *text,
              unsigned char out[AWS_SHA256_SIZE])
{
    return key_len <= ULONG_MAX &&
           BCryptHash(crypto->library->hmac, (PUCHAR)(uintptr_t)key, (ULONG)key_len,
                      (PUCHAR)(uintptr_t)text, (ULONG)strlen(text), out, AWS_SHA256_SIZE) == 0;
}
