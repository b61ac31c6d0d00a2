/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_WINDOWS_INCLUDE_ERRNO_H
#define PLATFORM_WINDOWS_INCLUDE_ERRNO_H

#pragma GCC system_header

/* The part of POSIX's errno.h that Windows lacks. */

#include_next <errno.h>

#define EDQUOT 1122

#endif
