/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_WINDOWS_INCLUDE_SYS_TYPES_H
#define PLATFORM_WINDOWS_INCLUDE_SYS_TYPES_H

#pragma GCC system_header

#include_next <sys/types.h>

typedef unsigned uid_t;

#endif
