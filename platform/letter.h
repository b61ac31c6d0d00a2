/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_LETTER_H
#define PLATFORM_LETTER_H

#include <stdbool.h>
#include <stdint.h>

/* The letters of Unicode, as the system's tables have them, whatever the host's locale is. */
struct platform_letters;

/* NULL if the system has no tables, or memory is short. */
struct platform_letters *platform_letters_open(void);
void platform_letters_close(struct platform_letters *letters);

/* The one character that is the upper or lower case of another, or that one itself. */
uint32_t platform_letter_upper(const struct platform_letters *letters, uint32_t code);
uint32_t platform_letter_lower(const struct platform_letters *letters, uint32_t code);
bool platform_letter_is(const struct platform_letters *letters, uint32_t code);

#endif
