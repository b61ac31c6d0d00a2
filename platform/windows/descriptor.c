/* SPDX-License-Identifier: Apache-2.0 */
#include "store/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <unistd.h>

int fcntl(int fd, int command, int lowest)
{
    int lower[STORE_FD_FIRST];
    int count = 0;
    int copy = -1;
    int saved;

    if (command != F_DUPFD_CLOEXEC || lowest > STORE_FD_FIRST) {
        errno = EINVAL;
        return -1;
    }
    /* _dup gives the lowest number that is free */
    while ((copy = _dup(fd)) >= 0 && copy < lowest)
        lower[count++] = copy;
    saved = errno;
    while (count > 0)
        close(lower[--count]);
    errno = saved;
    return copy;
}

/* Windows has no signals that a write raises. */
void store_quiet_begin(struct store_quiet *quiet)
{
    quiet->pending = 0;
}

void store_quiet_end(const struct store_quiet *quiet)
{
    (void)quiet;
}

ssize_t store_fd_read(int fd, void *bytes, size_t len)
{
    return _read(fd, bytes, len > INT_MAX ? INT_MAX : (unsigned)len);
}

int store_fd_write(int fd, const void *bytes, size_t len, size_t *done)
{
    size_t written = 0;
    int error = 0;

    while (written < len && error == 0) {
        size_t left = len - written;
        int n = _write(fd, (const unsigned char *)bytes + written,
                       left > INT_MAX ? INT_MAX : (unsigned)left);
        if (n > 0)
            written += (size_t)n;
        else
            error = n == 0 ? EIO : errno;
    }
    if (done != NULL)
        *done = written;
    return error;
}
