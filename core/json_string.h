/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RECORD_JSON_STRING_H
#define RECORD_JSON_STRING_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What stands between the quotes of a JSON string (RFC 8259 section 7), in a text whose grammar and
 * UTF-8 have been checked. yajl decodes strings too, but turns a lone surrogate into "?" or into
 * bytes that are no UTF-8; a secret must come back as it went in, or not at all.
 */

/* Decodes the character at `*at`, which is before `end`, and moves past it: its UTF-8 bytes in
 * `out`, their number returned; 0 for an escape that stands for no character. */
size_t json_string_next(const unsigned char **at, const unsigned char *end, unsigned char out[4]);

/* Whether `raw` decodes to exactly the bytes of `text`. */
bool json_string_equal(const unsigned char *raw, size_t len, const char *text);

#endif
