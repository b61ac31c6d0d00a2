/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-store/modes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "store/remote/host.h"
#include "store/remote/launch.h"
#include "store/remote/lines.h"
#include "store/descriptor.h"

/* How long closing the stores may take before the process ends all the same. */
#define CLOSING_S 2

/* The next connection; -1 if there is none any more. */
static int receive_connection(int control)
{
    char byte;
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } extra;
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &extra, .msg_controllen = sizeof extra};
    struct cmsghdr *header;
    int fd = -1;
    ssize_t n;

    do
        n = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    header = n == 1 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return store_fd_high(fd);
}

/* A descriptor that is readable once the host has ended; -1 where the kernel has none. */
static int watch_host(int control)
{
    struct ucred host;
    socklen_t size = sizeof host;

    if (getsockopt(control, SOL_SOCKET, SO_PEERCRED, &host, &size) != 0 || host.pid <= 0)
        return -1;
    return store_fd_high((int)syscall(SYS_pidfd_open, host.pid, 0));
}

/* Who reads the host's standard error sees its end when the host has ended. */
static void close_log(void)
{
    int nowhere = store_fd_high(open("/dev/null", O_WRONLY | O_CLOEXEC));

    if (nowhere >= 0)
        dup2(nowhere, STDERR_FILENO);
}

int inherited_run(void)
{
    static struct host host;
    struct pollfd fds[] = {{.fd = LAUNCH_FD, .events = POLLIN}, {.events = POLLIN}};

    fds[1].fd = watch_host(LAUNCH_FD);
    if (fds[1].fd < 0 && errno == ENOTSOCK)
        return fputs("sideseat-store: --inherited is for the module\n", stderr), EXIT_FAILURE;
    /* a program that a login starts, and may leave behind, would keep it open after our end */
    fcntl(LAUNCH_FD, F_SETFD, FD_CLOEXEC);
    lines_redirect();
    host_init(&host, NULL);
    for (;;) {
        int n = poll(fds, 2, -1);
        int fd;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || fds[1].revents != 0)
            break;
        fd = receive_connection(LAUNCH_FD);
        if (fd < 0)
            break;
        host_connection(&host, fd);
    }
    close_log();
    /* Calls that still run are for nobody. Without any the stores are closed, so that what they
     * hold at a server is given back; with one, its store cannot be. */
    alarm(CLOSING_S);
    if (atomic_load(&host.calls) == 0 && atomic_load(&host.checks) == 0)
        host_free(&host);
    else
        host_leave(&host);
    _exit(EXIT_SUCCESS);
}
