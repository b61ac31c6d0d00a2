/* SPDX-License-Identifier: Apache-2.0 */
#include "store/hex.h"

#include <stdint.h>

/* All bits if `n`, a byte, is less than `bound`; else none. */
static uint32_t if_less(uint32_t n, uint32_t bound)
{
    return 0 - ((n - bound) >> 31);
}

/* The value of a digit; more than 15 if it is not one. */
static uint32_t digit_value(char c)
{
    uint32_t number = (uint32_t)(unsigned char)(c - '0');
    uint32_t letter = (uint32_t)(unsigned char)((c | 0x20) - 'a');
    uint32_t is_number = if_less(number, 10);
    uint32_t is_letter = if_less(letter, 6);

    return (number & is_number) | ((letter + 10) & is_letter) | (16 & ~(is_number | is_letter));
}

/* The digit of a value below 16. */
static unsigned char digit_of(uint32_t value)
{
    return (unsigned char)('0' + value + (~if_less(value, 10) & ('a' - '0' - 10)));
}

enum store_err store_hex_decode(const char *text, size_t len, struct store_secret *out)
{
    AUTO_SECRET decoded = {0};
    unsigned char *bytes = NULL;
    uint32_t all = 0;

    if (len % 2 != 0)
        return STORE_CORRUPT;
    if (len > 0)
        TRY(store_secret_resize(&decoded, len / 2, &bytes));
    for (size_t i = 0; i < len; i += 2) {
        uint32_t high = digit_value(text[i]);
        uint32_t low = digit_value(text[i + 1]);

        all |= high | low;
        bytes[i / 2] = (unsigned char)(high << 4 | low);
    }
    if (all > 15)
        return STORE_CORRUPT;
    store_secret_move(out, &decoded);
    return STORE_OK;
}

enum store_err store_hex_encode(const void *data, size_t len, struct store_secret *out)
{
    const unsigned char *from = data;
    AUTO_SECRET text = {0};
    unsigned char *to = NULL;

    if (len > SIZE_MAX / 2)
        return STORE_NO_MEMORY;
    if (len > 0)
        TRY(store_secret_resize(&text, 2 * len, &to));
    for (size_t i = 0; i < len; i++) {
        to[2 * i] = digit_of(from[i] >> 4);
        to[2 * i + 1] = digit_of(from[i] & 15);
    }
    store_secret_move(out, &text);
    return STORE_OK;
}
