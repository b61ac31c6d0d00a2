/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_MACOS_INCLUDE_MALLOC_H
#define PLATFORM_MACOS_INCLUDE_MALLOC_H

#pragma GCC system_header

/* The part of glibc's malloc.h that macOS has under other names. */

#include <malloc/malloc.h>

#define malloc_usable_size malloc_size

#endif
