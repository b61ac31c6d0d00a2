/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_HASH_H
#define MODULE_HASH_H

#include <stddef.h>

#include "module/cryptoki.h"

/* The SHA-2 and SHA-3 families, as rows of one table. */
struct crypto_hash {
    CK_MECHANISM_TYPE digest;
    CK_MECHANISM_TYPE hmac;         /* 0 where the module offers none */
    CK_MECHANISM_TYPE hmac_general; /* 0 likewise */
    CK_ULONG len;                   /* length of the result in bytes */
};

/* How many of the rows the system's library knows: crypto.c, crypto_windows.c. */
extern const size_t crypto_hashes;

/* Row `index`, NULL past the last. */
const struct crypto_hash *crypto_hash_at(size_t index);

/* The row that has the mechanism `type`; NULL if there is none. */
const struct crypto_hash *crypto_hash_find(CK_MECHANISM_TYPE type);

#endif
