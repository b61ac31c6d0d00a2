/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_INCLUDE_STDLIB_H
#define TESTS_WINDOWS_INCLUDE_STDLIB_H

#pragma GCC system_header

#include_next <stdlib.h>

/* Of this process, as Windows has it; what they set is gone from the C library's getenv(). */
int setenv(const char *name, const char *value, int replace);
int unsetenv(const char *name);

char *mkdtemp(char *path);

#endif
