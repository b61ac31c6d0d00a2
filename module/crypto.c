/* SPDX-License-Identifier: Apache-2.0 */
#include "module/crypto_library.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* OpenSSL 3.0 deprecates the functions that hash in the caller's memory, but keeps them. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "module/libcrypto.h"
#include "module/sha3.h"
#include "module/traces.h"

/* The libcrypto functions in use, once for the structure and once for the lookup. */
#define CRYPTO_FUNCTIONS(F)                                                                        \
    F(SHA224_Init)                                                                                 \
    F(SHA224_Update)                                                                               \
    F(SHA224_Final)                                                                                \
    F(SHA256_Init)                                                                                 \
    F(SHA256_Update)                                                                               \
    F(SHA256_Final)                                                                                \
    F(SHA384_Init)                                                                                 \
    F(SHA384_Update)                                                                               \
    F(SHA384_Final)                                                                                \
    F(SHA512_Init)                                                                                 \
    F(SHA512_Update)                                                                               \
    F(SHA512_Final)

struct crypto_library {
#define CRYPTO_POINTER(name) __typeof__(name) *name;
    CRYPTO_FUNCTIONS(CRYPTO_POINTER)
#undef CRYPTO_POINTER
};
#define CRYPTO_NAME(name) #name,

/* The state of a hash: SHA-224 and SHA-256 use the small one, the others the large one. */
union sha {
    SHA256_CTX small;
    SHA512_CTX large;
};

struct crypto_digest {
    const struct crypto_library *library;
    const struct crypto_hash *hash;
    struct sha3 *sha3; /* NULL: it is SHA-2, and the next member has the state */
    union sha running;
};

/* Everything derived from the key. It lives in memory for secrets. */
struct mac_state {
    union sha inner; /* after hashing key ^ ipad */
    union sha outer; /* after hashing key ^ opad (RFC 2104) */
    union sha running;
    unsigned char block[SHA512_CBLOCK];
};

struct crypto_mac {
    const struct crypto_library *library;
    const struct crypto_hash *hash;
    struct store_secret memory; /* holds the state */
    struct mac_state *state;
};

const size_t crypto_hashes = 8;

void crypto_free(struct crypto *crypto)
{
    free(atomic_load(&crypto->library));
    pthread_mutex_destroy(&crypto->lock);
}

static struct crypto_library *library_new(void)
{
    static const char *const names[] = {CRYPTO_FUNCTIONS(CRYPTO_NAME)};
    struct crypto_library *library = calloc(1, sizeof *library);

    _Static_assert(sizeof *library == sizeof names, "a pointer for each name");
    if (library != NULL && libcrypto_find(names, (void **)library, sizeof names / sizeof names[0]))
        return library;
    free(library);
    return NULL;
}

static bool sha_init(const struct crypto_library *library, const struct crypto_hash *hash,
                     union sha *sha)
{
    switch (hash->digest) {
    case CKM_SHA224:
        return library->SHA224_Init(&sha->small) == 1;
    case CKM_SHA256:
        return library->SHA256_Init(&sha->small) == 1;
    case CKM_SHA384:
        return library->SHA384_Init(&sha->large) == 1;
    case CKM_SHA512:
        return library->SHA512_Init(&sha->large) == 1;
    default: /* SHA-3, of which there is no HMAC */
        return false;
    }
}

static bool sha_update(const struct crypto_library *library, const struct crypto_hash *hash,
                       union sha *sha, const void *data, size_t len)
{
    switch (hash->digest) {
    case CKM_SHA224:
        return library->SHA224_Update(&sha->small, data, len) == 1;
    case CKM_SHA256:
        return library->SHA256_Update(&sha->small, data, len) == 1;
    case CKM_SHA384:
        return library->SHA384_Update(&sha->large, data, len) == 1;
    default:
        return library->SHA512_Update(&sha->large, data, len) == 1;
    }
}

static bool sha_final(const struct crypto_library *library, const struct crypto_hash *hash,
                      union sha *sha, unsigned char *out)
{
    switch (hash->digest) {
    case CKM_SHA224:
        return library->SHA224_Final(out, &sha->small) == 1;
    case CKM_SHA256:
        return library->SHA256_Final(out, &sha->small) == 1;
    case CKM_SHA384:
        return library->SHA384_Final(out, &sha->large) == 1;
    default:
        return library->SHA512_Final(out, &sha->large) == 1;
    }
}

CK_RV crypto_digest_new(struct crypto *crypto, const struct crypto_hash *hash,
                        struct crypto_digest **out)
{
    struct crypto_library *library = crypto_library_get(crypto, library_new);
    struct crypto_digest *digest;
    bool begun;

    if (library == NULL)
        return CKR_FUNCTION_FAILED;
    digest = calloc(1, sizeof *digest);
    if (digest == NULL)
        return CKR_HOST_MEMORY;
    digest->library = library;
    digest->hash = hash;
    begun = sha3_is(hash->digest) ? sha3_new(hash->digest, &digest->sha3)
                                  : sha_init(library, hash, &digest->running);
    if (!begun) {
        crypto_digest_free(digest);
        return CKR_FUNCTION_FAILED;
    }
    *out = digest;
    return CKR_OK;
}

CK_RV crypto_digest_update(struct crypto_digest *digest, const void *data, size_t len)
{
    bool done = digest->sha3 != NULL
                    ? sha3_update(digest->sha3, data, len)
                    : sha_update(digest->library, digest->hash, &digest->running, data, len);

    return done ? CKR_OK : CKR_FUNCTION_FAILED;
}

CK_RV crypto_digest_final(struct crypto_digest *digest, unsigned char out[CRYPTO_DIGEST_MAX])
{
    bool done = digest->sha3 != NULL
                    ? sha3_final(digest->sha3, out)
                    : sha_final(digest->library, digest->hash, &digest->running, out);

    return done ? CKR_OK : CKR_FUNCTION_FAILED;
}

void crypto_digest_free(struct crypto_digest *digest)
{
    if (digest == NULL)
        return;
    sha3_free(digest->sha3);
    store_wipe(digest, sizeof *digest); /* it holds the last bytes of the host's data */
    free(digest);
}

static size_t block_len(const struct crypto_hash *hash)
{
    return hash->len <= SHA256_DIGEST_LENGTH ? SHA256_CBLOCK : SHA512_CBLOCK;
}

/* Hashes key ^ pad. `block` holds the key before and after. */
static bool hash_padded(struct crypto_mac *mac, union sha *sha, unsigned char pad)
{
    unsigned char *block = mac->state->block;
    size_t len = block_len(mac->hash);
    bool done;

    for (size_t i = 0; i < len; i++)
        block[i] ^= pad;
    done = sha_init(mac->library, mac->hash, sha) &&
           sha_update(mac->library, mac->hash, sha, block, len);
    for (size_t i = 0; i < len; i++)
        block[i] ^= pad;
    return done;
}

/* RFC 2104, 2: prepares the states that every message with this key starts and ends with. */
static bool set_key(struct crypto_mac *mac, const struct store_secret *key)
{
    struct mac_state *state = mac->state;
    bool done = true;

    if (key->len > block_len(mac->hash))
        done = sha_init(mac->library, mac->hash, &state->running) &&
               sha_update(mac->library, mac->hash, &state->running, key->data, key->len) &&
               sha_final(mac->library, mac->hash, &state->running, state->block);
    else if (key->len > 0)
        memcpy(state->block, key->data, key->len);
    done = done && hash_padded(mac, &state->inner, 0x36) && hash_padded(mac, &state->outer, 0x5c);
    store_wipe(state->block, sizeof state->block);
    traces_wipe_hash();
    return done;
}

CK_RV crypto_mac_new(struct crypto *crypto, const struct crypto_hash *hash,
                     const struct store_secret *key, struct crypto_mac **out)
{
    struct crypto_library *library = crypto_library_get(crypto, library_new);
    struct crypto_mac *mac;
    unsigned char *memory;

    if (library == NULL)
        return CKR_FUNCTION_FAILED;
    mac = calloc(1, sizeof *mac);
    if (mac == NULL)
        return CKR_HOST_MEMORY;
    mac->library = library;
    mac->hash = hash;
    if (store_secret_resize(&mac->memory, sizeof *mac->state, &memory) != STORE_OK) {
        crypto_mac_free(mac);
        return CKR_HOST_MEMORY;
    }
    mac->state = (struct mac_state *)(void *)memory;
    if (!set_key(mac, key)) {
        crypto_mac_free(mac);
        return CKR_FUNCTION_FAILED;
    }
    crypto_mac_restart(mac);
    *out = mac;
    return CKR_OK;
}

void crypto_mac_restart(struct crypto_mac *mac)
{
    mac->state->running = mac->state->inner;
}

CK_RV crypto_mac_update(struct crypto_mac *mac, const void *data, size_t len)
{
    if (!sha_update(mac->library, mac->hash, &mac->state->running, data, len))
        return CKR_FUNCTION_FAILED;
    return CKR_OK;
}

CK_RV crypto_mac_final(struct crypto_mac *mac, unsigned char out[CRYPTO_DIGEST_MAX])
{
    struct mac_state *state = mac->state;
    bool done = sha_final(mac->library, mac->hash, &state->running, state->block);

    state->running = state->outer;
    done = done &&
           sha_update(mac->library, mac->hash, &state->running, state->block, mac->hash->len) &&
           sha_final(mac->library, mac->hash, &state->running, out);
    traces_wipe_hash();
    return done ? CKR_OK : CKR_FUNCTION_FAILED;
}

void crypto_mac_free(struct crypto_mac *mac)
{
    if (mac == NULL)
        return;
    store_secret_wipe(&mac->memory);
    free(mac);
}
