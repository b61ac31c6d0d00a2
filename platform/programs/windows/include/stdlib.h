/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROGRAMS_WINDOWS_INCLUDE_STDLIB_H
#define PLATFORM_PROGRAMS_WINDOWS_INCLUDE_STDLIB_H

#pragma GCC system_header

#include_next <stdlib.h>

/* Of this process, as Windows has it; what they set is gone from the C library's getenv(). */
int setenv(const char *name, const char *value, int replace);
int unsetenv(const char *name);

int mkostemp(char *path, int flags);

#endif
