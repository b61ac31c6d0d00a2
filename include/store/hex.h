/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_HEX_H
#define STORE_HEX_H

#include <stddef.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * Hexadecimal of secret bytes (RFC 4648, section 8), for the reason of store/base64.h. Neither
 * branches nor memory accesses depend on a digit's value.
 */

/* Decodes `len` characters in either case and replaces `out` by the bytes. CORRUPT for an odd
 * length and for other characters, white space included; NO_MEMORY. */
enum store_err store_hex_decode(const char *text, size_t len,
                                struct store_secret *out) STORE_CHECKED;

/* Encodes `len` bytes and replaces `out` by the text in lower case, without a NUL. NO_MEMORY. */
enum store_err store_hex_encode(const void *data, size_t len,
                                struct store_secret *out) STORE_CHECKED;

#endif
