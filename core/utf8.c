/* SPDX-License-Identifier: Apache-2.0 */
#include "store/utf8.h"

#include <stdint.h>
#include <string.h>

size_t store_utf8_sequence(const unsigned char *s, size_t len)
{
    size_t n;

    if (s[0] < 0x80)
        return 1;
    n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || n > len)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return n;
}

size_t store_utf8_decode(const unsigned char *s, size_t len, uint32_t *code)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t n = store_utf8_sequence(s, len);

    if (n == 0)
        return 0;
    *code = s[0] & masks[n];
    for (size_t i = 1; i < n; i++)
        *code = *code << 6 | (s[i] & 0x3f);
    return n;
}

size_t store_utf8_encode(uint32_t code, char out[4])
{
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    for (size_t i = n; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(first[n] | code);
    return n;
}

bool store_utf8_shown(uint32_t code)
{
    if (code < 0x20 || (code >= 0x7f && code < 0xa0))
        return false;
    return code != 0x61c && code != 0x200e && code != 0x200f &&
           !(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069);
}

bool store_utf8_space(uint32_t code)
{
    return (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x20) || code == 0x85 ||
           code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
           code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000;
}

bool store_ascii_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* True if the bytes of this many words are ASCII. */
static bool is_ascii(const unsigned char *s, size_t words)
{
    uint64_t all = 0;

    for (size_t i = 0; i < words; i++) {
        uint64_t word;
        memcpy(&word, s + i * sizeof word, sizeof word);
        all |= word;
    }
    return (all & UINT64_C(0x8080808080808080)) == 0;
}

size_t store_utf8_end(const void *data, size_t len)
{
    const unsigned char *s = data;
    size_t i;
    size_t n;

    for (i = 0; i < len; i += n) {
        /* Documents are mostly ASCII: checks many bytes at a time. */
        n = 32;
        if (len - i >= n && is_ascii(s + i, 4))
            continue;
        n = 8;
        if (len - i >= n && is_ascii(s + i, 1))
            continue;
        n = s[i] < 0x80 ? 1 : store_utf8_sequence(s + i, len - i);
        if (n == 0)
            break;
    }
    return i;
}

bool store_utf8_valid(const void *data, size_t len)
{
    return store_utf8_end(data, len) == len;
}

size_t store_utf8_mark(const void *data, size_t len)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t size = sizeof mark - 1;

    return len >= size && memcmp(data, mark, size) == 0 ? size : 0;
}

void store_utf8_defuse(char *text)
{
    size_t len = strlen(text);
    size_t n;

    for (size_t i = 0; i < len; i += n) {
        uint32_t code = 0;
        n = store_utf8_decode((unsigned char *)text + i, len - i, &code);
        if (n > 0 && store_utf8_shown(code))
            continue;
        n = n == 0 ? 1 : n;
        memset(text + i, '?', n);
    }
}
