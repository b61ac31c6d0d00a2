/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

bool platform_pipe(int ends[2], int flags)
{
    return pipe2(ends, flags | O_CLOEXEC) == 0;
}

bool platform_socketpair(int ends[2], int type)
{
    return socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) == 0;
}

int platform_socket(int type)
{
    return socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int platform_accept(int listener)
{
    return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
}

int platform_socket_of(int family, int type, int protocol)
{
    return socket(family, type | SOCK_CLOEXEC, protocol);
}

int platform_open_nothing(void)
{
    return open("/", O_PATH);
}

ssize_t platform_write_any(int fd, const void *bytes, size_t len)
{
    return syscall(SYS_write, fd, bytes, len);
}

void platform_discard_signals(const sigset_t *signals)
{
    const struct timespec now = {0};

    while (sigtimedwait(signals, NULL, &now) > 0 || errno == EINTR)
        continue;
}
