/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_FILE_H
#define PLATFORM_FILE_H

/* Renames `from` to `to` in the folder that `folder` is a descriptor of, but never onto another
 * file (EEXIST). 0, or -1 with errno: EINVAL or ENOSYS if the system or the file system cannot. */
int platform_rename_new(int folder, const char *from, const char *to);

#endif
