/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_ENCODE_H
#define TOOLS_SIDESEAT_SECRETS_ENCODE_H

#include "store/err.h"
#include "store/secret.h"

/* Appends `from` to `out` as RFC 4648, section 5, has it, without padding, as JWS wants it.
 * NO_MEMORY leaves `out` with a part of it. */
enum store_err encode_base64url(struct store_secret *out,
                                const struct store_secret *from) STORE_CHECKED;

/* Decodes `len` characters of that, and replaces `out` by the bytes. CORRUPT for any other text. */
enum store_err decode_base64url(struct store_secret *out, const char *text,
                                size_t len) STORE_CHECKED;

#endif
