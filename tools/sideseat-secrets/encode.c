/* SPDX-License-Identifier: Apache-2.0 */
#include "encode.h"

#include <stdint.h>

static const char *const alphabets[] = {
    [ENCODE_STANDARD] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    [ENCODE_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

enum store_err encode_base64(struct store_secret *out, const struct store_secret *from,
                             enum encode_alphabet alphabet)
{
    const char *digits = alphabets[alphabet];

    for (size_t i = 0; i < from->len; i += 3) {
        size_t bytes = from->len - i < 3 ? from->len - i : 3;
        uint32_t group = (uint32_t)from->data[i] << 16;
        char text[4] = {0};

        if (bytes > 1)
            group |= (uint32_t)from->data[i + 1] << 8;
        if (bytes > 2)
            group |= (uint32_t)from->data[i + 2];
        for (size_t j = 0; j < 4; j++)
            text[j] = j <= bytes ? digits[group >> (18 - 6 * j) & 63] : '=';
        enum store_err err =
            store_secret_append(out, text, alphabet == ENCODE_URL ? bytes + 1 : sizeof text);
        store_wipe(text, sizeof text);
        TRY(err);
    }
    return STORE_OK;
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
