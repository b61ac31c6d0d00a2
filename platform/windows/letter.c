/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/letter.h"

#include "platform/windows/api.h"

/* Letters that Windows leaves as they are, since the way back gives another one. Other systems
 * change them, and a secret has the same name on each. */
struct one_way {
    uint16_t from;
    uint16_t to;
};
static const struct one_way to_upper[] = {
    {0x00b5, 0x039c}, {0x0131, 0x0049}, {0x017f, 0x0053}, {0x01c5, 0x01c4}, {0x01c8, 0x01c7},
    {0x01cb, 0x01ca}, {0x01f2, 0x01f1}, {0x0345, 0x0399}, {0x03c2, 0x03a3}, {0x03d0, 0x0392},
    {0x03d1, 0x0398}, {0x03d5, 0x03a6}, {0x03d6, 0x03a0}, {0x03f0, 0x039a}, {0x03f1, 0x03a1},
    {0x03f5, 0x0395}, {0x1c80, 0x0412}, {0x1c81, 0x0414}, {0x1c82, 0x041e}, {0x1c83, 0x0421},
    {0x1c84, 0x0422}, {0x1c85, 0x0422}, {0x1c86, 0x042a}, {0x1c87, 0x0462}, {0x1c88, 0xa64a},
    {0x1e9b, 0x1e60}, {0x1fbe, 0x0399}};
static const struct one_way to_lower[] = {
    {0x0130, 0x0069}, {0x01c5, 0x01c6}, {0x01c8, 0x01c9}, {0x01cb, 0x01cc}, {0x01f2, 0x01f3},
    {0x03f4, 0x03b8}, {0x1e9e, 0x00df}, {0x2126, 0x03c9}, {0x212a, 0x006b}, {0x212b, 0x00e5}};

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

static uint32_t change(uint32_t code, DWORD how, const struct one_way *others, size_t count)
{
    wchar_t from[2];
    wchar_t to[2] = {0};
    int len = encode(code, from);

    for (size_t i = 0; i < count; i++)
        if (others[i].from == code)
            return others[i].to;
    if (LCMapStringEx(LOCALE_NAME_INVARIANT, how, from, len, to, 2, NULL, NULL, 0) != len)
        return code;
    return len == 1 ? to[0]
                    : 0x10000 + (((uint32_t)to[0] - 0xd800) << 10) + ((uint32_t)to[1] - 0xdc00);
}

uint32_t platform_letter_upper(const struct platform_letters *letters, uint32_t code)
{
    (void)letters;
    return change(code, LCMAP_UPPERCASE, to_upper, sizeof to_upper / sizeof to_upper[0]);
}

uint32_t platform_letter_lower(const struct platform_letters *letters, uint32_t code)
{
    (void)letters;
    return change(code, LCMAP_LOWERCASE, to_lower, sizeof to_lower / sizeof to_lower[0]);
}

bool platform_letter_is(const struct platform_letters *letters, uint32_t code)
{
    wchar_t units[2];
    WORD types[2] = {0};

    (void)letters;
    return GetStringTypeW(CT_CTYPE1, units, encode(code, units), types) &&
           (types[0] & C1_ALPHA) != 0;
}
