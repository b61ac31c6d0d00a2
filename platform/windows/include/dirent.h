/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_WINDOWS_INCLUDE_DIRENT_H
#define PLATFORM_WINDOWS_INCLUDE_DIRENT_H

#pragma GCC system_header

/* The part of POSIX's dirent.h that this project uses, for Windows, with names in UTF-8. */

struct dirent {
    char d_name[1024];
};

typedef struct windows_folder DIR;

/* takes over the descriptor, unless it fails */
DIR *fdopendir(int fd);
struct dirent *readdir(DIR *folder);
int closedir(DIR *folder);

#endif
