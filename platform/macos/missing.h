/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_MACOS_MISSING_H
#define PLATFORM_MACOS_MISSING_H

/* Functions and names that other systems have; the build includes this file in front of each. */

#include <stddef.h>
#include <sys/stat.h>
#include <wctype.h>
#include <xlocale.h>

#define st_mtim st_mtimespec
#define st_ctim st_ctimespec

void explicit_bzero(void *bytes, size_t len);
void *memrchr(const void *bytes, int byte, size_t len);
void *reallocarray(void *old, size_t count, size_t size);

#endif
