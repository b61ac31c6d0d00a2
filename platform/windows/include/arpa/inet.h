/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_WINDOWS_INCLUDE_ARPA_INET_H
#define PLATFORM_WINDOWS_INCLUDE_ARPA_INET_H

#pragma GCC system_header

/* The part of POSIX's arpa/inet.h that this project uses, for Windows. */

#define WIN32_LEAN_AND_MEAN
#include <ws2tcpip.h>
#undef interface /* a macro of windows.h */

#endif
