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

enum store_err encode_hex(struct store_secret *out, const struct store_secret *from)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < from->len; i++) {
        char text[2] = {digits[from->data[i] >> 4], digits[from->data[i] & 15]};
        TRY(store_secret_append(out, text, sizeof text));
    }
    return STORE_OK;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum store_err decode_hex(struct store_secret *out, const char *text, size_t len)
{
    store_secret_wipe(out);
    if (len % 2 != 0)
        return STORE_CORRUPT;
    for (size_t i = 0; i < len; i += 2) {
        int high = digit_value(text[i]);
        int low = digit_value(text[i + 1]);
        unsigned char byte;

        if (high < 0 || low < 0)
            return STORE_CORRUPT;
        byte = (unsigned char)(high << 4 | low);
        TRY(store_secret_append(out, &byte, 1));
    }
    return STORE_OK;
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
