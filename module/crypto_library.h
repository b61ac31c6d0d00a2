/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_CRYPTO_LIBRARY_H
#define MODULE_CRYPTO_LIBRARY_H

#include "module/crypto.h"

/* The library that the first caller's `make` gave; NULL if that call gave NULL. Any thread. */
struct crypto_library *crypto_library_get(struct crypto *crypto,
                                          struct crypto_library *(*make)(void));

#endif
