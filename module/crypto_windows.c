/* SPDX-License-Identifier: Apache-2.0 */
#include "module/crypto_library.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "platform/windows/api.h"

#include <bcrypt.h>

/* Cryptography API: Next Generation. It hashes SHA-2, but not SHA-224, and HMAC; the state of an
 * HMAC is in memory for secrets, which we give it. */

#define STEP ((size_t)1024 * 1024 * 1024)

const size_t crypto_hashes = 3;

/* A provider for each hash, and for HMAC with it. */
struct crypto_library {
    BCRYPT_ALG_HANDLE digest[3];
    BCRYPT_ALG_HANDLE mac[3];
};

struct crypto_digest {
    BCRYPT_HASH_HANDLE hash;
    ULONG len;
};

struct crypto_mac {
    BCRYPT_HASH_HANDLE hash;
    ULONG len;
    bool begun;                 /* it has data that crypto_mac_final has not taken */
    struct store_secret memory; /* the provider's */
};

static void library_free(struct crypto_library *library)
{
    if (library == NULL)
        return;
    for (size_t i = 0; i < crypto_hashes; i++) {
        if (library->digest[i] != NULL)
            (void)BCryptCloseAlgorithmProvider(library->digest[i], 0);
        if (library->mac[i] != NULL)
            (void)BCryptCloseAlgorithmProvider(library->mac[i], 0);
    }
    free(library);
}

void crypto_free(struct crypto *crypto)
{
    library_free(atomic_load(&crypto->library));
    pthread_mutex_destroy(&crypto->lock);
}

static struct crypto_library *library_new(void)
{
    static const wchar_t *const names[] = {BCRYPT_SHA256_ALGORITHM, BCRYPT_SHA384_ALGORITHM,
                                           BCRYPT_SHA512_ALGORITHM};
    struct crypto_library *library = calloc(1, sizeof *library);

    for (size_t i = 0; library != NULL && i < crypto_hashes; i++)
        if (BCryptOpenAlgorithmProvider(&library->digest[i], names[i], NULL, 0) != 0 ||
            BCryptOpenAlgorithmProvider(&library->mac[i], names[i], NULL,
                                        BCRYPT_ALG_HANDLE_HMAC_FLAG) != 0) {
            library_free(library);
            return NULL;
        }
    return library;
}

/* The place of a hash in struct crypto_library. */
static size_t index_of(const struct crypto_hash *hash)
{
    size_t i = 0;

    while (crypto_hash_at(i) != hash)
        i++;
    return i;
}

static bool hash_data(BCRYPT_HASH_HANDLE hash, const unsigned char *data, size_t len)
{
    while (len > 0) {
        ULONG step = (ULONG)(len < STEP ? len : STEP);
        if (BCryptHashData(hash, (PUCHAR)(uintptr_t)data, step, 0) != 0)
            return false;
        data += step;
        len -= step;
    }
    return true;
}

CK_RV crypto_digest_new(struct crypto *crypto, const struct crypto_hash *hash,
                        struct crypto_digest **out)
{
    struct crypto_library *library = crypto_library_get(crypto, library_new);
    struct crypto_digest *digest;

    if (library == NULL)
        return CKR_FUNCTION_FAILED;
    digest = calloc(1, sizeof *digest);
    if (digest == NULL)
        return CKR_HOST_MEMORY;
    digest->len = (ULONG)hash->len;
    if (BCryptCreateHash(library->digest[index_of(hash)], &digest->hash, NULL, 0, NULL, 0, 0) !=
        0) {
        free(digest);
        return CKR_FUNCTION_FAILED;
    }
    *out = digest;
    return CKR_OK;
}

CK_RV crypto_digest_update(struct crypto_digest *digest, const void *data, size_t len)
{
    return hash_data(digest->hash, data, len) ? CKR_OK : CKR_FUNCTION_FAILED;
}

CK_RV crypto_digest_final(struct crypto_digest *digest, unsigned char out[CRYPTO_DIGEST_MAX])
{
    return BCryptFinishHash(digest->hash, out, digest->len, 0) == 0 ? CKR_OK : CKR_FUNCTION_FAILED;
}

void crypto_digest_free(struct crypto_digest *digest)
{
    if (digest == NULL)
        return;
    (void)BCryptDestroyHash(digest->hash);
    free(digest);
}

/* Memory for secrets of the size that the provider needs. */
static CK_RV memory_make(BCRYPT_ALG_HANDLE provider, struct store_secret *memory,
                         unsigned char **bytes)
{
    DWORD size = 0;
    ULONG got;

    if (BCryptGetProperty(provider, BCRYPT_OBJECT_LENGTH, (PUCHAR)&size, sizeof size, &got, 0) !=
            0 ||
        size == 0)
        return CKR_FUNCTION_FAILED;
    return store_secret_resize(memory, size, bytes) == STORE_OK ? CKR_OK : CKR_HOST_MEMORY;
}

static CK_RV mac_begin(struct crypto_mac *mac, BCRYPT_ALG_HANDLE provider,
                       const struct store_secret *key)
{
    unsigned char *bytes;
    CK_RV rv = memory_make(provider, &mac->memory, &bytes);

    if (rv != CKR_OK)
        return rv;
    if (BCryptCreateHash(provider, &mac->hash, bytes, (ULONG)mac->memory.len,
                         (PUCHAR)(uintptr_t)key->data, (ULONG)key->len,
                         BCRYPT_HASH_REUSABLE_FLAG) != 0)
        return CKR_FUNCTION_FAILED;
    return CKR_OK;
}

CK_RV crypto_mac_new(struct crypto *crypto, const struct crypto_hash *hash,
                     const struct store_secret *key, struct crypto_mac **out)
{
    struct crypto_library *library = crypto_library_get(crypto, library_new);
    struct crypto_mac *mac;
    CK_RV rv;

    if (library == NULL)
        return CKR_FUNCTION_FAILED;
    mac = calloc(1, sizeof *mac);
    if (mac == NULL)
        return CKR_HOST_MEMORY;
    mac->len = (ULONG)hash->len;
    rv = mac_begin(mac, library->mac[index_of(hash)], key);
    if (rv != CKR_OK)
        crypto_mac_free(mac);
    else
        *out = mac;
    return rv;
}

/* BCryptFinishHash makes a reusable hash ready for the next message. */
void crypto_mac_restart(struct crypto_mac *mac)
{
    unsigned char ignored[CRYPTO_DIGEST_MAX];

    if (mac->begun)
        (void)crypto_mac_final(mac, ignored);
}

CK_RV crypto_mac_update(struct crypto_mac *mac, const void *data, size_t len)
{
    mac->begun = true;
    return hash_data(mac->hash, data, len) ? CKR_OK : CKR_FUNCTION_FAILED;
}

CK_RV crypto_mac_final(struct crypto_mac *mac, unsigned char out[CRYPTO_DIGEST_MAX])
{
    mac->begun = false;
    return BCryptFinishHash(mac->hash, out, mac->len, 0) == 0 ? CKR_OK : CKR_FUNCTION_FAILED;
}

void crypto_mac_free(struct crypto_mac *mac)
{
    if (mac == NULL)
        return;
    if (mac->hash != NULL)
        (void)BCryptDestroyHash(mac->hash);
    store_secret_wipe(&mac->memory);
    free(mac);
}
