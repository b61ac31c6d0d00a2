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

#endif
