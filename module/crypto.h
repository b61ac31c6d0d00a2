/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_CRYPTO_H
#define MODULE_CRYPTO_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "module/hash.h"
#include "store/secret.h"

/*
 * Digests and HMAC. SHA-2 is OpenSSL's libcrypto, which the first operation that needs it maps:
 * most hosts only list and read. Its functions work in this module's memory: a key lies only in
 * memory for secrets, no thread keeps a state of libcrypto's, and the host's OpenSSL configuration
 * and providers play no part. libcrypto has no such functions for SHA-3, so it is offered as a
 * digest alone, without HMAC (sha3.h). On Windows SHA-2 is the system's own (crypto_windows.c).
 *
 * Threads: any, on one crypto; one at a time on a digest or mac.
 */
struct crypto_library; /* the way to its functions */

struct crypto {
    pthread_mutex_t lock;
    struct crypto_library *_Atomic library; /* NULL until first needed */
};

#define CRYPTO_DIGEST_MAX 64 /* bytes of the longest digest and HMAC */

void crypto_init(struct crypto *crypto);
void crypto_free(struct crypto *crypto);

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
