/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CASE_H
#define STORE_CASE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Upper and lower case of UTF-8 text as Unicode has it, whatever the process' locale (Unicode 15,
 * chapter 3.13, without the tailorings of single languages): what sideseat does to make the names
 * of environment variables. Where the system has no tables for it, only ASCII letters change.
 *
 * Both write `out`, NUL-terminated, from `len` bytes at `text`. False if that is not UTF-8 or does
 * not fit into `size` bytes; upper case has up to three times the bytes. Threads: any.
 */
bool store_case_upper(const char *text, size_t len, char *out, size_t size);
bool store_case_lower(const char *text, size_t len, char *out, size_t size);

#endif
