/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_WINDOWS_INCLUDE_FCNTL_H
#define PLATFORM_WINDOWS_INCLUDE_FCNTL_H

#pragma GCC system_header

/* The part of POSIX's fcntl.h that this project uses, for Windows; see ../file.c. */

#include_next <fcntl.h>

#define O_CLOEXEC _O_NOINHERIT
#define O_NOFOLLOW 0x01000000
#define O_DIRECTORY 0x02000000
#define O_NONBLOCK 0 /* nothing that is opened here waits */
#define O_NOCTTY 0

#define AT_FDCWD (-100)
#define AT_SYMLINK_NOFOLLOW 0x100
#define AT_EACCESS 0x200

#define F_DUPFD_CLOEXEC 1030

int openat(int folder, const char *path, int flags, ...);

/* F_DUPFD_CLOEXEC alone */
int fcntl(int fd, int command, int lowest);

#endif
