/* SPDX-License-Identifier: Apache-2.0 */
#include "module/crypto.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "store/log.h"

/* What is used of libcrypto, once for the structure and once for the lookup. */
#define CRYPTO_FUNCTIONS(F)                                                                        \
    F(OSSL_LIB_CTX_new)                                                                            \
    F(OSSL_LIB_CTX_free)                                                                           \
    F(OSSL_PARAM_construct_utf8_string)                                                            \
    F(OSSL_PARAM_construct_end)                                                                    \
    F(RAND_bytes_ex)                                                                               \
    F(EVP_MD_fetch)                                                                                \
    F(EVP_MD_free)                                                                                 \
    F(EVP_MD_CTX_new)                                                                              \
    F(EVP_MD_CTX_free)                                                                             \
    F(EVP_DigestInit_ex2)                                                                          \
    F(EVP_DigestUpdate)                                                                            \
    F(EVP_DigestFinal_ex)                                                                          \
    F(EVP_MAC_fetch)                                                                               \
    F(EVP_MAC_free)                                                                                \
    F(EVP_MAC_CTX_new)                                                                             \
    F(EVP_MAC_CTX_free)                                                                            \
    F(EVP_MAC_init)                                                                                \
    F(EVP_MAC_update)                                                                              \
    F(EVP_MAC_final)

struct crypto_library {
#define CRYPTO_POINTER(name) __typeof__(name) *name;
    CRYPTO_FUNCTIONS(CRYPTO_POINTER)
#undef CRYPTO_POINTER
    OSSL_LIB_CTX *context;
    EVP_MAC *hmac;
};

struct crypto_digest {
    const struct crypto_library *library;
    EVP_MD *md;
    EVP_MD_CTX *context;
};

struct crypto_mac {
    const struct crypto_library *library;
    EVP_MAC_CTX *context;
};

static const struct crypto_hash hashes[] = {
    {CKM_SHA224, 0, 0, 28, "SHA2-224"},
    {CKM_SHA256, CKM_SHA256_HMAC, CKM_SHA256_HMAC_GENERAL, 32, "SHA2-256"},
    {CKM_SHA384, CKM_SHA384_HMAC, CKM_SHA384_HMAC_GENERAL, 48, "SHA2-384"},
    {CKM_SHA512, CKM_SHA512_HMAC, CKM_SHA512_HMAC_GENERAL, 64, "SHA2-512"},
};

const struct crypto_hash *crypto_hash_at(size_t index)
{
    return index < sizeof hashes / sizeof hashes[0] ? &hashes[index] : NULL;
}

const struct crypto_hash *crypto_hash_find(CK_MECHANISM_TYPE type)
{
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++)
        if (type == hashes[i].digest ||
            (hashes[i].hmac != 0 && (type == hashes[i].hmac || type == hashes[i].hmac_general)))
            return &hashes[i];
    return NULL;
}

void crypto_init(struct crypto *crypto)
{
    pthread_mutex_init(&crypto->lock, NULL);
    atomic_init(&crypto->library, NULL);
}

static void library_free(struct crypto_library *library)
{
    if (library == NULL)
        return;
    if (library->hmac != NULL)
        library->EVP_MAC_free(library->hmac);
    if (library->context != NULL)
        library->OSSL_LIB_CTX_free(library->context);
    free(library);
}

void crypto_free(struct crypto *crypto)
{
    library_free(atomic_load(&crypto->library));
    pthread_mutex_destroy(&crypto->lock);
}

/* Finds every function; false if one is missing. libcrypto pins itself in memory when it is
 * loaded, so that the handle need not be kept. */
static bool library_resolve(struct crypto_library *library)
{
    void *handle = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);

    if (handle == NULL)
        return false;
#define CRYPTO_RESOLVE(name)                                                                       \
    *(void **)&library->name = dlsym(handle, #name);                                               \
    if (library->name == NULL)                                                                     \
        return false;
    CRYPTO_FUNCTIONS(CRYPTO_RESOLVE)
#undef CRYPTO_RESOLVE
    return true;
}

static struct crypto_library *library_new(void)
{
    struct crypto_library *library = calloc(1, sizeof *library);

    if (library == NULL)
        return NULL;
    if (!library_resolve(library)) {
        const char *why = dlerror();
        store_log(STORE_LOG_ERROR, "pkcs11: cannot use libcrypto: %s; install OpenSSL 3",
                  why == NULL ? "a function is missing" : why);
        free(library);
        return NULL;
    }
    library->context = library->OSSL_LIB_CTX_new();
    if (library->context != NULL)
        library->hmac = library->EVP_MAC_fetch(library->context, "HMAC", NULL);
    if (library->hmac == NULL) {
        store_log(STORE_LOG_ERROR,
                  "pkcs11: libcrypto gives no HMAC; check the OpenSSL installation");
        library_free(library);
        return NULL;
    }
    return library;
}

static struct crypto_library *library_get(struct crypto *crypto)
{
    struct crypto_library *library = atomic_load_explicit(&crypto->library, memory_order_acquire);

    if (library != NULL)
        return library;
    pthread_mutex_lock(&crypto->lock);
    library = atomic_load(&crypto->library);
    if (library == NULL) {
        library = library_new();
        atomic_store_explicit(&crypto->library, library, memory_order_release);
    }
    pthread_mutex_unlock(&crypto->lock);
    return library;
}

CK_RV crypto_random(struct crypto *crypto, unsigned char *bytes, size_t len)
{
    struct crypto_library *library = library_get(crypto);

    if (library == NULL || library->RAND_bytes_ex(library->context, bytes, len, 256) != 1)
        return CKR_FUNCTION_FAILED;
    return CKR_OK;
}

CK_RV crypto_digest_new(struct crypto *crypto, const struct crypto_hash *hash,
                        struct crypto_digest **out)
{
    struct crypto_library *library = library_get(crypto);
    struct crypto_digest *digest;

    if (library == NULL)
        return CKR_FUNCTION_FAILED;
    digest = calloc(1, sizeof *digest);
    if (digest == NULL)
        return CKR_HOST_MEMORY;
    digest->library = library;
    digest->md = library->EVP_MD_fetch(library->context, hash->name, NULL);
    digest->context = library->EVP_MD_CTX_new();
    if (digest->md == NULL || digest->context == NULL ||
        library->EVP_DigestInit_ex2(digest->context, digest->md, NULL) != 1) {
        crypto_digest_free(digest);
        return CKR_FUNCTION_FAILED;
    }
    *out = digest;
    return CKR_OK;
}

CK_RV crypto_digest_update(struct crypto_digest *digest, const void *data, size_t len)
{
    if (digest->library->EVP_DigestUpdate(digest->context, data, len) != 1)
        return CKR_FUNCTION_FAILED;
    return CKR_OK;
}

CK_RV crypto_digest_final(struct crypto_digest *digest, unsigned char out[CRYPTO_DIGEST_MAX])
{
    if (digest->library->EVP_DigestFinal_ex(digest->context, out, NULL) != 1)
        return CKR_FUNCTION_FAILED;
    return CKR_OK;
}

void crypto_digest_free(struct crypto_digest *digest)
{
    if (digest == NULL)
        return;
    if (digest->context != NULL)
        digest->library->EVP_MD_CTX_free(digest->context);
    if (digest->md != NULL)
        digest->library->EVP_MD_free(digest->md);
    free(digest);
}

CK_RV crypto_mac_new(struct crypto *crypto, const struct crypto_hash *hash,
                     const struct store_secret *key, struct crypto_mac **out)
{
    struct crypto_library *library = library_get(crypto);
    struct crypto_mac *mac;
    OSSL_PARAM params[2];

    if (library == NULL)
        return CKR_FUNCTION_FAILED;
    mac = calloc(1, sizeof *mac);
    if (mac == NULL)
        return CKR_HOST_MEMORY;
    mac->library = library;
    mac->context = library->EVP_MAC_CTX_new(library->hmac);
    params[0] =
        library->OSSL_PARAM_construct_utf8_string("digest", (char *)(uintptr_t)hash->name, 0);
    params[1] = library->OSSL_PARAM_construct_end();
    if (mac->context == NULL ||
        library->EVP_MAC_init(mac->context, key->data, key->len, params) != 1) {
        crypto_mac_free(mac);
        return CKR_FUNCTION_FAILED;
    }
    *out = mac;
    return CKR_OK;
}

CK_RV crypto_mac_restart(struct crypto_mac *mac)
{
    if (mac->library->EVP_MAC_init(mac->context, NULL, 0, NULL) != 1)
        return CKR_FUNCTION_FAILED;
    return CKR_OK;
}

CK_RV crypto_mac_update(struct crypto_mac *mac, const void *data, size_t len)
{
    if (mac->library->EVP_MAC_update(mac->context, data, len) != 1)
        return CKR_FUNCTION_FAILED;
    return CKR_OK;
}

CK_RV crypto_mac_final(struct crypto_mac *mac, unsigned char out[CRYPTO_DIGEST_MAX])
{
    size_t len;

    if (mac->library->EVP_MAC_final(mac->context, out, &len, CRYPTO_DIGEST_MAX) != 1)
        return CKR_FUNCTION_FAILED;
    return CKR_OK;
}

void crypto_mac_free(struct crypto_mac *mac)
{
    if (mac == NULL)
        return;
    if (mac->context != NULL)
        mac->library->EVP_MAC_CTX_free(mac->context);
    free(mac);
}
