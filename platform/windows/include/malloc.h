/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_WINDOWS_INCLUDE_MALLOC_H
#define PLATFORM_WINDOWS_INCLUDE_MALLOC_H

#pragma GCC system_header

/* The part of glibc's malloc.h that Windows has under another name. */

#include_next <malloc.h>

#define malloc_usable_size _msize

#endif
