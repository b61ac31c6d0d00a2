/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_KEY_H
#define MODULE_KEY_H

#include "module/cryptoki.h"
#include "store/secret.h"

/* A secret's value as an HMAC key: `encoding` is "hex", "base64" or "raw". White space at the end
 * of a text is not part of it. */

/* The key that the value stands for. CKR_FUNCTION_FAILED, with a line in the log that names the
 * secret and not the value, if it does not decode. */
CK_RV key_decode(const char *name, const char *encoding, const struct store_secret *value,
                 struct store_secret *out);

/* The key's length in bytes, from the length of the value. */
CK_ULONG key_length(const char *encoding, const struct store_secret *value);

/* Writes `key` down in an encoding. CKR_HOST_MEMORY. */
CK_RV key_encode(const char *encoding, const struct store_secret *key, struct store_secret *out);

/* An identifier for a scope key or a token's label, for CKA_ID and the serial number: the same in
 * every process. Two keys have the same one by accident only once in about 2^32 keys; nothing but
 * convenience rests on it. */
#define KEY_ID_LEN 8
void key_id(const char *scope_key, unsigned char out[KEY_ID_LEN]);

#endif
