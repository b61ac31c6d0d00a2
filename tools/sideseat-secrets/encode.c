/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/encode.h"

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

enum store_err encode_hex(struct store_secret *out, const struct store_secret *from)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < from->len; i++) {
        char text[2] = {digits[from->data[i] >> 4], digits[from->data[i] & 15]};
        TRY(store_secret_append(out, text, sizeof text));
    }
    return STORE_OK;
}
