/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_WINDOWS_INCLUDE_STDLIB_H
#define PLATFORM_WINDOWS_INCLUDE_STDLIB_H

#pragma GCC system_header

/* The part of POSIX's and GNU's stdlib.h that Windows lacks. */

#include_next <stdlib.h>

void qsort_r(void *array, size_t count, size_t size,
             int (*compare)(const void *a, const void *b, void *arg), void *arg);

void *reallocarray(void *old, size_t count, size_t size);

/* the path without links, in a buffer that the caller frees; `out` is NULL */
char *realpath(const char *path, char *out);

#endif
