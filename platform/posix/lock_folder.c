/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/file.h>

#include "platform/lock.h"

int platform_lock_whole(int fd)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return errno == EWOULDBLOCK || errno == EINTR ? EAGAIN : errno;
}

void platform_unlock_whole(int fd)
{
    (void)flock(fd, LOCK_UN);
}
