/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_WINDOWS_API_H
#define PLATFORM_WINDOWS_API_H

/* The Windows API, and the way from its texts and errors to those of this project, for the files of
 * this folder. */

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#undef interface /* a macro of windows.h */

#include <stdbool.h>

/* A text in UTF-16; the caller frees it. NULL with errno: ENOMEM, or EILSEQ for a
 * text that is not UTF-8. */
wchar_t *windows_wide(const char *text);

/* A text in UTF-8; the caller frees it. NULL with errno, as above. */
char *windows_narrow(const wchar_t *text);

/* Sets errno for the error of the last call; returns -1. */
int windows_failed(void);

/* The handle of a descriptor; NULL with EBADF. */
HANDLE windows_handle(int fd);

/* The path of a file in the folder that `folder` is a descriptor of (AT_FDCWD: any path); the
 * caller frees it. NULL with errno. */
wchar_t *windows_path_at(int folder, const char *path);

#endif
