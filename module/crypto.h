/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_CRYPTO_H
#define MODULE_CRYPTO_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "module/cryptoki.h"
#include "store/secret.h"

/*
 * Digests, HMAC and random numbers. SHA-2 is OpenSSL's libcrypto, which the first operation that
 * needs it maps: most hosts only list and read. Its functions work in this module's memory: a key
 * lies only in memory for secrets, no thread keeps a state of libcrypto's, and the host's OpenSSL
 * configuration and providers play no part. libcrypto has no such functions for SHA-3, so it is
 * offered as a digest alone, without HMAC (sha3.h). On Windows SHA-2 is the system's own
 * (crypto_windows.c).
 *
 * Random numbers come from the kernel.
 *
 * Threads: any, on one crypto; one at a time on a digest or mac.
 */
struct crypto_library; /* the way to its functions */

struct crypto {
    pthread_mutex_t lock;
    struct crypto_library *_Atomic library; /* NULL until first needed */
};

#define CRYPTO_DIGEST_MAX 64 /* bytes of the longest digest and HMAC */

/* The SHA-2 and SHA-3 families, as rows of one table. */
struct crypto_hash {
    CK_MECHANISM_TYPE digest;
    CK_MECHANISM_TYPE hmac;         /* 0 where the module offers none */
    CK_MECHANISM_TYPE hmac_general; /* 0 likewise */
    CK_ULONG len;                   /* length of the result in bytes */
};

/* How many of the rows the library knows. */
extern const size_t crypto_hashes;

/* Row `index`, NULL past the last. */
const struct crypto_hash *crypto_hash_at(size_t index);

/* The row that has the mechanism `type`; NULL if there is none. */
const struct crypto_hash *crypto_hash_find(CK_MECHANISM_TYPE type);

void crypto_init(struct crypto *crypto);
void crypto_free(struct crypto *crypto);

/* Fills `len` bytes. CKR_FUNCTION_FAILED, with a line in the log, early in a
 * boot, while the kernel has no random numbers yet. */
CK_RV crypto_random(unsigned char *bytes, size_t len);

/* A running digest. crypto_digest_free accepts NULL. */
struct crypto_digest;
CK_RV crypto_digest_new(struct crypto *crypto, const struct crypto_hash *hash,
                        struct crypto_digest **out);
CK_RV crypto_digest_update(struct crypto_digest *digest, const void *data, size_t len);
CK_RV crypto_digest_final(struct crypto_digest *digest, unsigned char out[CRYPTO_DIGEST_MAX]);
void crypto_digest_free(struct crypto_digest *digest);

/* A running HMAC (RFC 2104). After final, restart begins another one with the same key at a
 * small part of the cost. The key, and everything derived from it, lies only in memory for
 * secrets. */
struct crypto_mac;
CK_RV crypto_mac_new(struct crypto *crypto, const struct crypto_hash *hash,
                     const struct store_secret *key, struct crypto_mac **out);
void crypto_mac_restart(struct crypto_mac *mac);
CK_RV crypto_mac_update(struct crypto_mac *mac, const void *data, size_t len);
CK_RV crypto_mac_final(struct crypto_mac *mac, unsigned char out[CRYPTO_DIGEST_MAX]);
void crypto_mac_free(struct crypto_mac *mac);

#endif
