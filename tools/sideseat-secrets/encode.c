/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/encode.h"

#include <string.h>

#include "store/base64.h"

enum store_err encode_base64url(struct store_secret *out, const struct store_secret *from)
{
    AUTO_SECRET text = {0};
    unsigned char *bytes = NULL;
    size_t len;

    TRY(store_base64_encode(from->data, from->len, &text));
    len = text.len;
    TRY(store_secret_resize(&text, len, &bytes));
    while (len > 0 && bytes[len - 1] == '=')
        len--;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '+')
            bytes[i] = '-';
        else if (bytes[i] == '/')
            bytes[i] = '_';
    }
    return store_secret_append(out, bytes, len);
}

enum store_err decode_base64url(struct store_secret *out, const char *text, size_t len)
{
    AUTO_SECRET plain = {0};
    unsigned char *bytes = NULL;

    if (len > 0 && (memchr(text, '+', len) != NULL || memchr(text, '/', len) != NULL ||
                    memchr(text, '=', len) != NULL))
        return STORE_CORRUPT;
    TRY(store_secret_set(&plain, text, len));
    TRY(store_secret_resize(&plain, len, &bytes));
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '-')
            bytes[i] = '+';
        else if (bytes[i] == '_')
            bytes[i] = '/';
    }
    return store_base64_decode((const char *)plain.data, plain.len, out);
}
