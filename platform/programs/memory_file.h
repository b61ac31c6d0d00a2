/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROGRAMS_MEMORY_FILE_H
#define PLATFORM_PROGRAMS_MEMORY_FILE_H

#include <stddef.h>

/* Files that no other user can read and that end with this program. */

/* Makes a file that never touches a disk and that nobody can change, and the path that it has for a
 * program that this one becomes. 0, or an errno: ENOTSUP if the system has no such files. */
int platform_memory_file(const void *bytes, size_t len, char *path, size_t size);

/* An empty file for texts without secrets, which may touch a disk: a descriptor, or -1. */
int platform_scratch_file(void);

#endif
