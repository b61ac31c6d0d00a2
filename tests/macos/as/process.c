/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/macos/as/as_macos.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/macos/as/sys/event.h"
#include "tests/macos/as/sys/ucred.h"

#undef getsockopt

/* Nothing makes it readable until kevent() puts a pidfd in its place. */
int kqueue(void)
{
    return eventfd(0, EFD_CLOEXEC);
}

int kevent(int queue, const struct kevent *changes, int change_count, struct kevent *events,
           int event_count, const struct timespec *limit)
{
    struct pollfd process = {.events = POLLIN};
    int error = 0;

    (void)events;
    (void)limit;
    errno = EINVAL;
    if (change_count != 1 || event_count != 0 || changes->filter != EVFILT_PROC ||
        changes->flags != EV_ADD || changes->fflags != NOTE_EXIT)
        return -1;
    process.fd = (int)syscall(SYS_pidfd_open, (pid_t)changes->ident, 0);
    if (process.fd < 0)
        return -1;
    if (poll(&process, 1, 0) != 0)
        error = ESRCH; /* a zombie */
    else if (dup3(process.fd, queue, O_CLOEXEC) < 0)
        error = errno;
    close(process.fd);
    errno = error;
    return error == 0 ? 0 : -1;
}

static int peer_of(int socket, struct ucred *peer)
{
    socklen_t size = sizeof *peer;

    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, peer, &size);
}

/* True for the end of a pair, whose sockets have no path. */
static int is_pair(int socket)
{
    struct sockaddr_storage own;
    struct sockaddr_storage other;
    socklen_t own_size = sizeof own;
    socklen_t other_size = sizeof other;

    return getsockname(socket, (struct sockaddr *)&own, &own_size) == 0 &&
           getpeername(socket, (struct sockaddr *)&other, &other_size) == 0 &&
           own_size == sizeof(sa_family_t) && other_size == sizeof(sa_family_t);
}

int as_macos_getsockopt(int socket, int level, int name, void *value, socklen_t *size)
{
    struct ucred peer;

    if (level != SOL_LOCAL)
        return getsockopt(socket, level, name, value, size);
    if (peer_of(socket, &peer) != 0)
        return -1;
    if (name == LOCAL_PEERPID && *size == sizeof(pid_t)) {
        *(pid_t *)value = peer.pid;
        return 0;
    }
    errno = EINVAL;
    if (name != LOCAL_PEERCRED || *size != sizeof(struct xucred) || is_pair(socket))
        return -1;
    *(struct xucred *)value = (struct xucred){XUCRED_VERSION, peer.uid};
    return 0;
}
