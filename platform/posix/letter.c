/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/letter.h"

#include <locale.h>
#include <wctype.h>

/* A locale_t is a pointer on each of these systems. */
static locale_t locale_of(const struct platform_letters *letters)
{
    return (locale_t)(uintptr_t)letters;
}

struct platform_letters *platform_letters_open(void)
{
    return (struct platform_letters *)newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

void platform_letters_close(struct platform_letters *letters)
{
    freelocale(locale_of(letters));
}

uint32_t platform_letter_upper(const struct platform_letters *letters, uint32_t code)
{
    return (uint32_t)towupper_l((wint_t)code, locale_of(letters));
}

uint32_t platform_letter_lower(const struct platform_letters *letters, uint32_t code)
{
    return (uint32_t)towlower_l((wint_t)code, locale_of(letters));
}

bool platform_letter_is(const struct platform_letters *letters, uint32_t code)
{
    return iswalpha_l((wint_t)code, locale_of(letters)) != 0;
}
