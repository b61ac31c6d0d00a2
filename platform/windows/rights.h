/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_WINDOWS_RIGHTS_H
#define PLATFORM_WINDOWS_RIGHTS_H

#include <sys/stat.h>

#include "platform/windows/api.h"

/* Owners and access control lists, as the owner and the mode of POSIX (include/sys/stat.h). */

/* The owner of an open file or folder, and the mode's bits for others; 0, or -1 with errno. */
int windows_rights_read(HANDLE handle, bool folder, uid_t *owner, mode_t *bits);

/* A descriptor with the rights of a mode: all for this user, and for everybody those of others. The
 * caller frees it with LocalFree. NULL with errno. */
PSECURITY_DESCRIPTOR windows_rights_new(int mode, bool folder);

/* Gives an open file or folder those rights; 0, or -1 with errno. */
int windows_rights_set(HANDLE handle, int mode, bool folder);

/* The user of a process, and the owner of a pipe, as numbers like those of files. False if Windows
 * does not tell. */
bool windows_rights_process(DWORD pid, uid_t *owner);
bool windows_rights_owner(HANDLE object, uid_t *owner);

/* The SID of this user as a text, which the caller frees with LocalFree. NULL with errno. */
char *windows_rights_user(void);

#endif
