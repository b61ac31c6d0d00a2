/* SPDX-License-Identifier: Apache-2.0 */
#include "store/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <unistd.h>

#include "platform/windows/api.h"

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
    if (copy >= 0 && !SetHandleInformation(windows_handle(copy), HANDLE_FLAG_INHERIT, 0)) {
        (void)windows_failed();
        saved = errno;
        close(copy);
        copy = -1;
    }
    errno = saved;
    return copy;
}

/* Opens NUL for each closed standard descriptor, in the direction that is not used, so that reads
 * and writes fail. */
void store_fd_fill_standard(void)
{
    for (int fd = 0; fd < STORE_FD_FIRST; fd++) {
        int nothing = _get_osfhandle(fd) >= 0 ? -1 : _open("NUL", fd == 0 ? _O_WRONLY : _O_RDONLY);

        if (nothing < 0 || nothing == fd)
            continue;
        (void)_dup2(nothing, fd);
        close(nothing);
    }
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
