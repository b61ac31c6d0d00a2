/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_WINDOWS_INCLUDE_SYS_STAT_H
#define PLATFORM_WINDOWS_INCLUDE_SYS_STAT_H

#pragma GCC system_header

/* The part of POSIX's sys/stat.h that this project uses, for Windows; see ../../status.c. */

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include_next <sys/stat.h>

#ifndef S_IFLNK
#define S_IFLNK 0xa000
#endif
#ifndef S_IFSOCK
#define S_IFSOCK 0xc000
#endif
#ifndef S_ISLNK
#define S_ISLNK(mode) (((mode)&S_IFMT) == S_IFLNK)
#endif
#ifndef S_ISSOCK
#define S_ISSOCK(mode) (((mode)&S_IFMT) == S_IFSOCK)
#endif
#ifndef S_IRGRP
#define S_IRGRP 0040
#define S_IWGRP 0020
#define S_IROTH 0004
#define S_IWOTH 0002
#endif
#ifndef S_ISVTX
#define S_ISVTX 01000
#endif

/*
 * The owner is 0 for the system and its administrators, and geteuid() for this user. The mode has
 * the rights of everybody else as those of others: to read; to write, which for a folder means to
 * replace what is in it; and with S_ISVTX only to add to it.
 */
struct windows_stat {
    uint64_t st_dev; /* always 0: not every path leads to its volume's number */
    uint64_t st_ino;
    mode_t st_mode;
    unsigned st_nlink;
    uid_t st_uid;
    uint64_t st_rdev;
    int64_t st_size;
    struct timespec st_mtim;
    struct timespec st_ctim;
};

#undef stat
#undef fstat
#undef lstat
#undef chmod
#define stat windows_stat
#define fstat windows_fstat
#define lstat windows_lstat
#define chmod windows_chmod
#define mkdir windows_mkdir

int windows_stat(const char *path, struct windows_stat *out);
int windows_lstat(const char *path, struct windows_stat *out);
int windows_fstat(int fd, struct windows_stat *out);
int fstatat(int folder, const char *path, struct windows_stat *out, int flags);

/* mkdir() and open() with rights for others leave those that the folder above gives. */
int windows_mkdir(const char *path, int mode);
int windows_chmod(const char *path, int mode);
int fchmod(int fd, int mode);
int fchmodat(int folder, const char *path, int mode, int flags);

#define UTIME_OMIT ((1L << 30) - 2)
/* sets the time of the last change, times[1] */
int futimens(int fd, const struct timespec times[2]);

#endif
