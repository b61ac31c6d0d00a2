/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

/* Marks both ends close-on-exec, or closes both. */
static bool mark(int ends[2])
{
    int saved;

    if (fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0)
        return true;
    saved = errno;
    close(ends[0]);
    close(ends[1]);
    ends[0] = ends[1] = -1;
    errno = saved;
    return false;
}

/* For send(2), which does not know MSG_DONTWAIT, nor MSG_NOSIGNAL in older versions of the system.
 */
static void never_wait_or_signal(int fd)
{
    const int on = 1;

    (void)setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
}

/* Marks a descriptor close-on-exec, or closes it. */
static int mark_one(int fd)
{
    int saved;

    if (fd < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
        return fd;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

bool platform_pipe(int ends[2], int flags)
{
    if (pipe(ends) != 0 || !mark(ends))
        return false;
    for (int i = 0; i < 2 && flags != 0; i++)
        (void)fcntl(ends[i], F_SETFL, flags); /* a new pipe has no other flags to keep */
    return true;
}

bool platform_socketpair(int ends[2], int type)
{
    if (socketpair(AF_UNIX, type, 0, ends) != 0 || !mark(ends))
        return false;
    never_wait_or_signal(ends[0]);
    never_wait_or_signal(ends[1]);
    return true;
}

int platform_socket(int type)
{
    int fd = mark_one(socket(AF_UNIX, type, 0));

    if (fd >= 0)
        never_wait_or_signal(fd);
    return fd;
}

int platform_accept(int listener)
{
    int fd = mark_one(accept(listener, NULL, NULL));

    if (fd >= 0)
        never_wait_or_signal(fd);
    return fd;
}

int platform_socket_of(int family, int type, int protocol)
{
    return mark_one(socket(family, type, protocol));
}

/* a folder: reading it fails, and so does writing to it */
int platform_open_nothing(void)
{
    return open("/", O_RDONLY | O_DIRECTORY);
}

/* macOS's AddressSanitizer does check them; there is no other way to write. */
ssize_t platform_write_any(int fd, const void *bytes, size_t len)
{
    return write(fd, bytes, len);
}

/* sigwait(2) cannot wait with a limit. It does not have to if one more of each signal, which this
 * thread sends itself, is pending for sure. */
void platform_discard_signals(const sigset_t *signals)
{
    sigset_t pending;
    sigset_t one;
    int taken;

    for (int number = 1; number < NSIG; number++) {
        if (sigismember(signals, number) != 1)
            continue;
        sigemptyset(&one);
        sigaddset(&one, number);
        while (sigpending(&pending) == 0 && sigismember(&pending, number) == 1 &&
               pthread_kill(pthread_self(), number) == 0)
            if (sigwait(&one, &taken) != 0)
                return;
    }
}
