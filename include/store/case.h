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
 * Both write `out`, NUL-terminated, from `len` bytes at `text`. False if the text is not UTF-8 or
 * the result does not fit into `size` bytes; upper case takes up to three times the bytes. Threads:
 * any.
 */
bool store_case_upper(const char *text, size_t len, char *out, size_t size);
bool store_case_lower(const char *text, size_t len, char *out, size_t size);

#endif
