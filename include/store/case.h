/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CASE_H
#define STORE_CASE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Upper and lower case of UTF-8 text as Unicode defines them, whatever the process' locale (Unicode
 * 15, chapter 3.13, without the tailorings of single languages): sideseat builds the names of
 * environment variables like this. If the system has no tables for them, only ASCII letters change.
 *
 * Both write `out`, NUL-terminated. False if the text is not UTF-8 or the result does not fit into
 * `size` bytes. Threads: any.
 */

/* Writes `len` bytes at `text` in lower case. */
bool store_case_lower(const char *text, size_t len, char *out, size_t size);

/* Writes the name of the environment variable for a scope key, without a prefix: in upper case,
 * which takes up to three times the bytes, with '_' for '/' and '-'. So several keys have one
 * variable. */
bool store_case_variable(const char *key, char *out, size_t size);

#endif
