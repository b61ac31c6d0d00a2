/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECRETS_ENCODE_H
#define SECRETS_ENCODE_H

#include "store/err.h"
#include "store/secret.h"

/* RFC 4648: section 4, padded, or section 5 (URLs and file names), without padding as in JWS. */
enum encode_alphabet { ENCODE_STANDARD, ENCODE_URL };

/* Appends `from` to `out` in base64 or in lower-case hexadecimal. NO_MEMORY leaves `out` with a
 * part of it. */
enum store_err encode_base64(struct store_secret *out, const struct store_secret *from,
                             enum encode_alphabet alphabet) STORE_CHECKED;
enum store_err encode_hex(struct store_secret *out, const struct store_secret *from) STORE_CHECKED;

#endif
