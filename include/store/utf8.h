/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_UTF8_H
#define STORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past U+10FFFF. */

/* The length, 1 to 4, of the sequence that `len` (at least 1) bytes at `s` begin with; 0 if they
 * begin with none. NUL is a sequence of one. */
size_t store_utf8_sequence(const unsigned char *s, size_t len);

/* The same, and the code point in `code` unless it is 0. */
size_t store_utf8_decode(const unsigned char *s, size_t len, uint32_t *code);

/* Writes the sequence for a code point, which is no surrogate and at most U+10FFFF; its length. */
size_t store_utf8_encode(uint32_t code, char out[4]);

/*
 * Whether a terminal shows the code point and does nothing else: no control character (Unicode's
 * category Cc), none of those that turn the direction of text, so that it reads as what it is not
 * (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), and no line or paragraph separator.
 */
bool store_utf8_shown(uint32_t code);

/* Whether all `len` bytes are whole sequences. Zero bytes are. */
bool store_utf8_valid(const void *data, size_t len);

/* How many bytes, 3 or 0, are a byte order mark that the text begins with. Some editors add one to
 * every file; whoever reads a file that a person may edit skips it. */
size_t store_utf8_mark(const void *data, size_t len);

#endif
