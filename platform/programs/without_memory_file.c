/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/memory_file.h"

#include <errno.h>

/* Windows and macOS have no file that is kept off their disks and that nobody can change. */
int platform_memory_file(const void *bytes, size_t len, char *path, size_t size)
{
    (void)bytes;
    (void)len;
    (void)path;
    (void)size;
    return ENOTSUP;
}
