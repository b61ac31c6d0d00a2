/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_FILE_H
#define PLATFORM_FILE_H

#include <stdint.h>

/* Renames `from` to `to` in the folder that `folder` is a descriptor of, but never onto another
 * file (EEXIST). 0, or -1 with errno: EINVAL or ENOSYS if the system or the file system cannot. */
int platform_rename_new(int folder, const char *from, const char *to);

/* Renames `from` to `to` in that folder, in place of a file of that name, so that everybody finds
 * one or the other there. Waits for programs that keep others from it, until `deadline_ns`
 * (store_time_monotonic). 0, or -1 with errno. */
int platform_rename_over(int folder, const char *from, const char *to, int64_t deadline_ns);

#endif
