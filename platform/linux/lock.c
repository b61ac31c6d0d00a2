/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/lock.h"

#include <errno.h>
#include <fcntl.h>

const bool platform_lock_has_bytes = true;

int platform_lock_try(int fd, off_t byte)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

    if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
        return 0;
    return errno == EACCES ? EAGAIN : errno;
}

void platform_lock_drop(int fd, off_t byte)
{
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

    (void)fcntl(fd, F_OFD_SETLK, &lock);
}

bool platform_lock_is_taken(int fd, off_t first, off_t last)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = first, .l_len = last + 1 - first};

    return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}
