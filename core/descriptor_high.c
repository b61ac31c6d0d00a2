/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "store/descriptor.h"

int store_fd_high(int fd)
{
    int saved = errno;
    int high;

    if (fd < 0 || fd >= STORE_FD_FIRST)
        return fd;
    high = fcntl(fd, F_DUPFD_CLOEXEC, STORE_FD_FIRST);
    if (high < 0)
        saved = errno;
    close(fd);
    errno = saved;
    return high;
}
