/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/lock.h"

#include <errno.h>
#include <sys/file.h>

const bool platform_lock_has_bytes = false;

int platform_lock_try(int fd, off_t byte)
{
    (void)byte;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return errno == EWOULDBLOCK || errno == EINTR ? EAGAIN : errno;
}

void platform_lock_drop(int fd, off_t byte)
{
    (void)byte;
    (void)flock(fd, LOCK_UN);
}

/* A shared lock, for a moment: whoever tries to lock it then tries again. */
bool platform_lock_is_taken(int fd, off_t first, off_t last)
{
    (void)first;
    (void)last;
    if (flock(fd, LOCK_SH | LOCK_NB) != 0)
        return errno == EWOULDBLOCK;
    (void)flock(fd, LOCK_UN);
    return false;
}
