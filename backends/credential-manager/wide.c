/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/credential-manager/wide.h"

#include "store/utf8.h"

void wide_format(const char *text, uint16_t *out)
{
    do
        *out++ = (unsigned char)*text;
    while (*text++ != '\0');
}

bool wide_parse(const uint16_t *text, char *out, size_t size)
{
    size_t len = 0;

    out[0] = '\0';
    if (text == NULL)
        return true;
    while (text[len] != 0 && text[len] < 0x80 && len < size - 1)
        len++;
    if (text[len] != 0)
        return false;
    for (size_t i = 0; i <= len; i++)
        out[i] = (char)text[i];
    return true;
}

/* The unit number `i`, 0 past the end. */
static uint32_t unit_at(const struct store_secret *text, size_t i)
{
    if (2 * i + 1 >= text->len)
        return 0;
    return (uint32_t)text->data[2 * i] | (uint32_t)text->data[2 * i + 1] << 8;
}

enum store_err wide_to_utf8(const struct store_secret *text, struct store_secret *out)
{
    size_t units = text->len / 2;
    size_t used = 0;
    unsigned char *bytes;

    if (text->len % 2 != 0 || units == 0)
        return STORE_CORRUPT;
    TRY(store_secret_resize(out, 3 * units, &bytes)); /* a surrogate pair takes four bytes */
    for (size_t i = unit_at(text, 0) == 0xfeff ? 1 : 0; i < units; i++) {
        uint32_t code = unit_at(text, i);

        if (code >= 0xd800 && code < 0xe000) {
            uint32_t low = unit_at(text, ++i);

            if (code >= 0xdc00 || low < 0xdc00 || low >= 0xe000)
                return STORE_CORRUPT;
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        used += store_utf8_encode(code, (char *)bytes + used);
    }
    if (used == 0)
        return STORE_CORRUPT;
    return store_secret_resize(out, used, &bytes);
}
