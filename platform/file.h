/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_FILE_H
#define PLATFORM_FILE_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

/* True for the errno of open(2) with O_NOFOLLOW on a symbolic link: FreeBSD has its own. ELOOP can
 * also mean too many links in the folders above. */
static inline bool platform_errno_is_link(int number)
{
    return number == ELOOP || number == EMLINK;
}

/* Renames `from` to `to` in the folder that `folder` is a descriptor of, but never onto another
 * file (EEXIST). 0, or -1 with errno: EINVAL or ENOSYS if the system or the file system cannot. */
int platform_rename_new(int folder, const char *from, const char *to);

/* Renames `from` to `to` in that folder, in place of a file of that name, so that everybody finds
 * one or the other there. Waits for programs that keep others from it, until `deadline_ns`
 * (store_time_monotonic). 0, or -1 with errno. */
int platform_rename_over(int folder, const char *from, const char *to, int64_t deadline_ns);

#endif
