/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_JSON_STRING_H
#define CORE_JSON_STRING_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Decodes the text between the quotes of a JSON string (RFC 8259 section 7), after the checks of
 * grammar and UTF-8. yajl decodes strings too, but turns a lone surrogate into "?" or into bytes
 * that are not UTF-8; a secret must come back unchanged, or not at all.
 */

/* Decodes the character at `*at`, which is before `end`, and moves past it. Writes its UTF-8
 * bytes to `out` and returns their number; 0 for an escape that is not a character. */
size_t json_string_next(const unsigned char **at, const unsigned char *end, unsigned char out[4]);

/* True if `raw` decodes to exactly the bytes of `text`. */
bool json_string_equal(const unsigned char *raw, size_t len, const char *text);

#endif
