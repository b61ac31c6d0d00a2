/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_WINDOWS_INCLUDE_STRING_H
#define PLATFORM_WINDOWS_INCLUDE_STRING_H

#pragma GCC system_header

/* The part of POSIX's and GNU's string.h that Windows lacks. */

#include_next <string.h>

void explicit_bzero(void *bytes, size_t len);
void *memmem(const void *bytes, size_t len, const void *part, size_t part_len);
void *memrchr(const void *bytes, int byte, size_t len);
char *strndup(const char *text, size_t len);

#endif
