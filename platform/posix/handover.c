/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/posix/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "store/descriptor.h"

/* macOS cannot receive a descriptor as close-on-exec, only make it so afterwards. */
#ifdef MSG_CMSG_CLOEXEC
#define RECEIVE_FLAGS MSG_CMSG_CLOEXEC
#else
#define RECEIVE_FLAGS 0
#endif

union extra {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
};

bool handover_send(int socket, int fd, const void *bytes, size_t len)
{
    struct iovec data = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len};
    union extra extra = {0};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    struct cmsghdr *header;

    if (fd >= 0) {
        message.msg_control = &extra;
        message.msg_controllen = sizeof extra;
        header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len;
}

ssize_t handover_receive(int socket, int *fd, void *bytes, size_t len)
{
    struct iovec data = {.iov_base = bytes, .iov_len = len};
    union extra extra;
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &extra, .msg_controllen = sizeof extra};
    struct cmsghdr *header;
    ssize_t n;

    *fd = -1;
    do
        n = recvmsg(socket, &message, RECEIVE_FLAGS);
    while (n < 0 && errno == EINTR);
    header = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof *fd))
        memcpy(fd, CMSG_DATA(header), sizeof *fd);
    *fd = store_fd_high(*fd);
    if (*fd >= 0 && RECEIVE_FLAGS == 0)
        (void)fcntl(*fd, F_SETFD, FD_CLOEXEC);
    return n;
}
