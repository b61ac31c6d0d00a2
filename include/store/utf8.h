/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_UTF8_H
#define STORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* UTF-8 as in RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF. */

/* The length, 1 to 4, of the sequence at the start of `len` (at least 1) bytes at `s`; 0 if
 * there is none. NUL is a sequence of one. */
size_t store_utf8_sequence(const unsigned char *s, size_t len);

/* The same, and sets `code` to the code point unless the length is 0. */
size_t store_utf8_decode(const unsigned char *s, size_t len, uint32_t *code);

/* Encodes a code point, which is not a surrogate and at most U+10FFFF; returns the length. */
size_t store_utf8_encode(uint32_t code, char out[4]);

/*
 * True if a terminal shows the code point and does nothing else: not a control character (Unicode's
 * category Cc), not one that changes the direction of text and so disguises it (U+061C, U+200E,
 * U+200F, U+202A to U+202E, U+2066 to U+2069), and not a line or paragraph separator.
 */
bool store_utf8_shown(uint32_t code);

/* Makes a text, whatever it contains, one line that no terminal obeys: '?' replaces each byte that
 * a terminal would not simply show. */
void store_utf8_defuse(char *text);

/* True if all `len` bytes are whole sequences, and for zero bytes. */
bool store_utf8_valid(const void *data, size_t len);

/* The offset of the first byte that is not part of a whole sequence; `len` if there is none. */
size_t store_utf8_end(const void *data, size_t len);

/* True for the white space of Python's str, whose libraries read some of our formats: Unicode's,
 * and the separators U+001C to U+001F. */
bool store_utf8_space(uint32_t code);

/* True for ASCII's white space, as isspace(3) in the locale "C". */
bool store_ascii_space(char c);

/* The length, 3 or 0, of the byte order mark at the start of the text. Some editors add one to
 * every file, so a reader of a file that a person may edit skips it. */
size_t store_utf8_mark(const void *data, size_t len);

#endif
