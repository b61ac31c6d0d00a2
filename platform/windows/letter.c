/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/letter.h"

#include "platform/windows/api.h"

/* Windows has one table, so all that is open is the same. */
struct platform_letters {
    char unused;
};

static struct platform_letters table;

struct platform_letters *platform_letters_open(void)
{
    return &table;
}

void platform_letters_close(struct platform_letters *letters)
{
    (void)letters;
}

/* A character in UTF-16; returns the number of units. */
static int encode(uint32_t code, wchar_t units[2])
{
    if (code < 0x10000) {
        units[0] = (wchar_t)code;
        return 1;
    }
    units[0] = (wchar_t)(0xd800 + ((code - 0x10000) >> 10));
    units[1] = (wchar_t)(0xdc00 + ((code - 0x10000) & 0x3ff));
    return 2;
}

static uint32_t change(uint32_t code, DWORD how)
{
    wchar_t from[2];
    wchar_t to[2] = {0};
    int len = encode(code, from);

    if (LCMapStringEx(LOCALE_NAME_INVARIANT, how, from, len, to, 2, NULL, NULL, 0) != len)
        return code;
    return len == 1 ? to[0]
                    : 0x10000 + (((uint32_t)to[0] - 0xd800) << 10) + ((uint32_t)to[1] - 0xdc00);
}

uint32_t platform_letter_upper(const struct platform_letters *letters, uint32_t code)
{
    (void)letters;
    return change(code, LCMAP_UPPERCASE);
}

uint32_t platform_letter_lower(const struct platform_letters *letters, uint32_t code)
{
    (void)letters;
    return change(code, LCMAP_LOWERCASE);
}

bool platform_letter_is(const struct platform_letters *letters, uint32_t code)
{
    wchar_t units[2];
    WORD types[2] = {0};

    (void)letters;
    return GetStringTypeW(CT_CTYPE1, units, encode(code, units), types) &&
           (types[0] & C1_ALPHA) != 0;
}
