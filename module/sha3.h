/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SHA3_H
#define MODULE_SHA3_H

#include <stdbool.h>
#include <stddef.h>

#include "module/cryptoki.h"

/*
 * A running digest of SHA-3 (FIPS 202). libcrypto offers SHA-3 through EVP alone, which keeps the
 * state in its own heap and overwrites it there at the end. That is good enough for a host's data,
 * and not for a key, so nothing here makes an HMAC.
 *
 * Threads: one at a time on a digest.
 */
struct sha3;

/* True for the mechanisms of the four digests. */
bool sha3_is(CK_MECHANISM_TYPE mechanism);

/* Begins a digest. False if libcrypto is missing, which the log says, or memory is short. */
bool sha3_new(CK_MECHANISM_TYPE mechanism, struct sha3 **out);

bool sha3_update(struct sha3 *sha3, const void *data, size_t len);

/* Gives the digest: 28 to 64 bytes, as its mechanism says. */
bool sha3_final(struct sha3 *sha3, unsigned char *out);

void sha3_free(struct sha3 *sha3); /* accepts NULL */

#endif
