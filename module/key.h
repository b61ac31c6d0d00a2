/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_KEY_H
#define MODULE_KEY_H

#include <stdbool.h>

#include "module/cryptoki.h"
#include "store/secret.h"

/* Reads and writes a secret's value as an HMAC or AES key; `encoding` is "hex", "base64" or "raw".
 * White space at the end of a text is not part of the key. */

/* Decodes the key from the value. CKR_SIDESEAT_DAMAGED if it does not decode; the log names the
 * secret, never the value. */
CK_RV key_decode(const char *name, const char *encoding, const struct store_secret *value,
                 struct store_secret *out);

/* The same for an AES key. CKR_KEY_SIZE_RANGE, logged, if it has another length. */
CK_RV key_decode_aes(const char *name, const char *encoding, const struct store_secret *value,
                     struct store_secret *out);

/* False if key_decode_aes would find no key; nothing is logged. */
bool key_is_aes(const char *encoding, const struct store_secret *value);

/* Encodes `key`. CKR_HOST_MEMORY. */
CK_RV key_encode(const char *encoding, const struct store_secret *key, struct store_secret *out);

/* Derives an identifier from a scope key or a token's label, for CKA_ID and the serial number.
 * It is the same in every process. About one pair in 2^32 keys shares one by accident; only
 * convenience depends on it. */
#define KEY_ID_LEN 8
void key_id(const char *scope_key, unsigned char out[KEY_ID_LEN]);

#endif
