/* SPDX-License-Identifier: Apache-2.0 */
#include "store/base64.h"

#include <stdint.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The six bits of a character; 64 if it is not in the alphabet. By comparison, not by a table:
 * the text is secret, and a table's cache lines would reveal it. */
static unsigned sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0') + 52;
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/* Decodes `len` characters without padding into `bytes`. */
static enum store_err decode(const char *text, size_t len, unsigned char *bytes)
{
    uint32_t bits = 0;
    unsigned held = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned value = sextet(text[i]);
        if (value == 64)
            return STORE_CORRUPT;
        bits = bits << 6 | value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            *bytes++ = (unsigned char)(bits >> held);
            bits &= (1u << held) - 1;
        }
    }
    return bits == 0 ? STORE_OK : STORE_CORRUPT;
}

enum store_err store_base64_decode(const char *text, size_t len, struct store_secret *out)
{
    AUTO_SECRET decoded = {0};
    unsigned char *bytes = NULL;
    size_t padding = 0;

    while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
        padding++;
    if (padding > 0 && len % 4 != 0)
        return STORE_CORRUPT;
    len -= padding;
    if (len % 4 == 1)
        return STORE_CORRUPT;
    if (len > 0) {
        TRY(store_secret_resize(&decoded, len / 4 * 3 + len % 4 * 3 / 4, &bytes));
        TRY(decode(text, len, bytes));
    }
    store_secret_move(out, &decoded);
    return STORE_OK;
}

enum store_err store_base64_encode(const void *data, size_t len, struct store_secret *out)
{
    const unsigned char *from = data;
    AUTO_SECRET text = {0};
    unsigned char *to;

    if (len > SIZE_MAX / 2)
        return STORE_NO_MEMORY;
    if (len > 0)
        TRY(store_secret_resize(&text, (len + 2) / 3 * 4, &to));
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i < 3 ? len - i : 3;
        uint32_t bits = (uint32_t)from[i] << 16 | (left > 1 ? (uint32_t)from[i + 1] << 8 : 0) |
                        (left > 2 ? (uint32_t)from[i + 2] : 0);
        *to++ = (unsigned char)alphabet[bits >> 18];
        *to++ = (unsigned char)alphabet[bits >> 12 & 63];
        *to++ = left > 1 ? (unsigned char)alphabet[bits >> 6 & 63] : '=';
        *to++ = left > 2 ? (unsigned char)alphabet[bits & 63] : '=';
    }
    store_secret_move(out, &text);
    return STORE_OK;
}
