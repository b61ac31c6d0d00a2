/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_UTF8_H
#define STORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past U+10FFFF. */

/* The length, 1 to 4, of the sequence that `len` (at least 1) bytes at `s` begin with; 0 if they
 * begin with none. NUL is a sequence of one. */
size_t store_utf8_sequence(const unsigned char *s, size_t len);

/* Whether all `len` bytes are whole sequences. Zero bytes are. */
bool store_utf8_valid(const void *data, size_t len);

/* How many bytes, 3 or 0, are a byte order mark that the text begins with. Some editors add one to
 * every file; whoever reads a file that a person may edit skips it. */
size_t store_utf8_mark(const void *data, size_t len);

#endif
