/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_INCLUDE_STDLIB_H
#define TESTS_WINDOWS_INCLUDE_STDLIB_H

#pragma GCC system_header

#include_next <stdlib.h>

char *mkdtemp(char *path);

#endif
