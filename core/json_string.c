/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json_string.h"

#include <stdint.h>
#include <string.h>

#include "core/json.h"
#include "store/utf8.h"

/* The value of four hexadecimal digits; UINT32_MAX if there are not four. */
static uint32_t hex4(const unsigned char *at, const unsigned char *end)
{
    uint32_t value = 0;

    if (end - at < 4)
        return UINT32_MAX;
    for (int i = 0; i < 4; i++) {
        unsigned char c = at[i];
        value <<= 4;
        if (c >= '0' && c <= '9')
            value |= (uint32_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            value |= (uint32_t)((c | 0x20) - 'a' + 10);
        else
            return UINT32_MAX;
    }
    return value;
}

/* The character of \uXXXX, or of the two that make a surrogate pair; `*at` is past the 'u'. */
static size_t next_unicode(const unsigned char **at, const unsigned char *end, unsigned char out[4])
{
    uint32_t c = hex4(*at, end);
    uint32_t low;

    if (c == UINT32_MAX || (c >= 0xdc00 && c <= 0xdfff))
        return 0;
    *at += 4;
    if (c < 0xd800 || c > 0xdbff)
        return store_utf8_encode(c, (char *)out);
    if (end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
        return 0;
    low = hex4(*at + 2, end);
    if (low < 0xdc00 || low > 0xdfff)
        return 0;
    *at += 6;
    return store_utf8_encode(0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00), (char *)out);
}

size_t json_string_next(const unsigned char **at, const unsigned char *end, unsigned char out[4])
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    const char *letter;

    if (**at != '\\') {
        out[0] = *(*at)++; /* one byte at a time, since the text is UTF-8 */
        return 1;
    }
    if (end - *at < 2)
        return 0;
    *at += 2;
    if ((*at)[-1] == 'u')
        return next_unicode(at, end, out);
    letter = memchr(letters, (*at)[-1], sizeof letters - 1);
    if (letter == NULL)
        return 0;
    out[0] = (unsigned char)meanings[letter - letters];
    return 1;
}

bool json_string_equal(const unsigned char *raw, size_t len, const char *text)
{
    const unsigned char *end = raw + len;
    size_t left = strlen(text);
    unsigned char bytes[4];
    size_t n;

    while (raw < end) {
        n = json_string_next(&raw, end, bytes);
        if (n == 0 || n > left || memcmp(bytes, text, n) != 0)
            return false;
        text += n;
        left -= n;
    }
    return left == 0;
}

enum store_err json_unescape(const unsigned char *raw, size_t len, struct store_secret *out)
{
    AUTO_SECRET decoded = {0};
    const unsigned char *end = raw + len;
    const unsigned char *escape;
    unsigned char *bytes;
    size_t used = 0;
    size_t n;

    /* The result is never longer than the text: the shortest escape, two bytes, decodes to one
     * byte. */
    TRY(store_secret_resize(&decoded, len, &bytes));
    while (raw < end) {
        escape = memchr(raw, '\\', (size_t)(end - raw));
        n = (size_t)((escape == NULL ? end : escape) - raw);
        memcpy(bytes + used, raw, n);
        used += n;
        raw += n;
        if (raw == end)
            break;
        n = json_string_next(&raw, end, bytes + used);
        if (n == 0)
            return STORE_CORRUPT;
        used += n;
    }
    if (used < len)
        TRY(store_secret_resize(&decoded, used, &bytes));
    store_secret_move(out, &decoded);
    return STORE_OK;
}
