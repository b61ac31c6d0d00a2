/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_WINDOWS_INCLUDE_UNISTD_H
#define PLATFORM_WINDOWS_INCLUDE_UNISTD_H

#pragma GCC system_header

/* The part of POSIX's unistd.h that this project uses, for Windows; see ../file.c. */

/* a name of Microsoft's that our code has for other things */
#define tell windows_tell
#include_next <unistd.h>
#undef tell

#include <sys/stat.h>

#ifndef STDERR_FILENO
#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2
#endif

/* Windows lets a program start that may be read. */
#undef X_OK
#define X_OK R_OK

#define unlink windows_unlink

int windows_unlink(const char *path);

ssize_t pread(int fd, void *bytes, size_t len, off_t offset);
int unlinkat(int folder, const char *path, int flags);
int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags);

/* W_OK of a folder: true if files can be made in it */
int faccessat(int folder, const char *path, int mode, int flags);

/* of a folder, too; EINVAL if the file system cannot */
int fsync(int fd);

/* always the same number: that of this user in struct stat */
uid_t geteuid(void);
uid_t getuid(void);

#endif
