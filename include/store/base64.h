/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_BASE64_H
#define STORE_BASE64_H

#include <stddef.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * Base64 of secret bytes (RFC 4648, section 4). Our own because it is needed where no library is:
 * glibc has none, and libcrypto is not mapped into a host that only reads.
 */

/* Replaces `out` by the bytes that `len` characters stand for. CORRUPT for anything that is not
 * base64: characters outside the alphabet, white space included, a wrong length, bits left over.
 * The padding may be missing as a whole. */
enum store_err store_base64_decode(const char *text, size_t len,
                                   struct store_secret *out) STORE_CHECKED;

/* Replaces `out` by the text, padded, without a NUL. */
enum store_err store_base64_encode(const void *data, size_t len,
                                   struct store_secret *out) STORE_CHECKED;

#endif
