/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROGRAMS_WINDOWS_INCLUDE_UNISTD_H
#define PLATFORM_PROGRAMS_WINDOWS_INCLUDE_UNISTD_H

#pragma GCC system_header

#include_next <unistd.h>

/* true for a console alone */
#define isatty windows_isatty
int windows_isatty(int fd);

#endif
