/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_BASE64_H
#define STORE_BASE64_H

#include <stddef.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * Base64 of secret bytes (RFC 4648, section 4). This code exists because no library is at hand:
 * glibc has none, and a host that only reads does not map libcrypto.
 */

/* Decodes `len` characters and replaces `out` by the bytes. CORRUPT for anything that is not
 * base64: characters outside the alphabet, white space included, a wrong length, bits left over.
 * The text may omit the padding as a whole. */
enum store_err store_base64_decode(const char *text, size_t len,
                                   struct store_secret *out) STORE_CHECKED;

/* Encodes `len` bytes and replaces `out` by the text, padded, without a NUL. */
enum store_err store_base64_encode(const void *data, size_t len,
                                   struct store_secret *out) STORE_CHECKED;

#endif
