/* SPDX-License-Identifier: Apache-2.0 */
#include "module/key.h"

#include <string.h>

#include <uthash.h>

#include "module/mechanism.h"
#include "store/base64.h"
#include "store/hex.h"
#include "store/log.h"

/* The value's length without trailing white space. */
static size_t text_length(const struct store_secret *value)
{
    size_t len = value->len;

    while (len > 0 && memchr(" \t\r\n", value->data[len - 1], 4) != NULL)
        len--;
    return len;
}

static CK_RV decode(const char *encoding, const struct store_secret *value,
                    struct store_secret *out)
{
    enum store_err err = STORE_OK;

    if (strcmp(encoding, "hex") == 0)
        err = store_hex_decode((const char *)value->data, text_length(value), out);
    else if (strcmp(encoding, "base64") == 0)
        err = store_base64_decode((const char *)value->data, text_length(value), out);
    else
        store_secret_share(out, value);
    if (err == STORE_NO_MEMORY)
        return CKR_HOST_MEMORY;
    return err == STORE_OK && out->len > 0 ? CKR_OK : CKR_SIDESEAT_DAMAGED;
}

CK_RV key_decode(const char *name, const char *encoding, const struct store_secret *value,
                 struct store_secret *out)
{
    CK_RV rv = decode(encoding, value, out);

    if (rv == CKR_SIDESEAT_DAMAGED)
        store_log(STORE_LOG_ERROR,
                  "pkcs11: the value of %s is not %s, so it is not a key; store it so, or correct "
                  "its \"encoding\" in pkcs11.hmac_keys or pkcs11.keys",
                  name, encoding);
    return rv;
}

bool key_is_aes(const char *encoding, const struct store_secret *value)
{
    AUTO_SECRET bytes = {0};
    CK_RV rv = decode(encoding, value, &bytes);

    return rv == CKR_HOST_MEMORY || (rv == CKR_OK && mechanism_is_aes_length(bytes.len));
}

CK_RV key_decode_aes(const char *name, const char *encoding, const struct store_secret *value,
                     struct store_secret *out)
{
    CK_RV rv = key_decode(name, encoding, value, out);

    if (rv != CKR_OK || mechanism_is_aes_length(out->len))
        return rv;
    store_log(STORE_LOG_ERROR,
              "pkcs11: %s has %zu bytes, so it is not an AES key; store 16, 24 or 32, or correct "
              "its \"encoding\" in pkcs11.keys",
              name, out->len);
    return CKR_KEY_SIZE_RANGE;
}

CK_RV key_encode(const char *encoding, const struct store_secret *key, struct store_secret *out)
{
    enum store_err err = STORE_OK;

    if (strcmp(encoding, "hex") == 0)
        err = store_hex_encode(key->data, key->len, out);
    else if (strcmp(encoding, "base64") == 0)
        err = store_base64_encode(key->data, key->len, out);
    else
        store_secret_share(out, key);
    return err == STORE_OK ? CKR_OK : CKR_HOST_MEMORY;
}

void key_id(const char *scope_key, unsigned char out[KEY_ID_LEN])
{
    unsigned hashes[2];

    HASH_JEN(scope_key, strlen(scope_key), hashes[0]);
    HASH_SAX(scope_key, strlen(scope_key), hashes[1]);
    for (unsigned i = 0; i < KEY_ID_LEN; i++)
        out[i] = (unsigned char)(hashes[i / 4] >> (24 - 8 * (i % 4)));
}
