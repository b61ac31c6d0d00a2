/* SPDX-License-Identifier: Apache-2.0 */
#include "core/audit_daemon.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "platform/descriptor.h"
#include "platform/syslog_line.h"
#include "platform/system.h"
#include "store/descriptor.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* How long a batch waits for a daemon that is too slow. */
#define PATIENCE_MS 200

static void drop(struct audit_target *target)
{
    if (target->fd >= 0)
        close(target->fd);
    target->fd = -1;
}

const char *audit_daemon_open(struct audit_target *target)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *wrong = NULL;

    snprintf(address.sun_path, sizeof address.sun_path, "%s",
             target->kind == AUDIT_TO_JOURNAL ? JOURNAL_SOCKET : platform_log_socket);
    target->fd = store_fd_high(platform_socket(SOCK_DGRAM));
    if (target->fd < 0 ||
        connect(target->fd, (const struct sockaddr *)&address, sizeof address) != 0)
        wrong = strerror(errno);
    if (wrong != NULL)
        drop(target);
    return wrong;
}

/* Sends one datagram; waits while `patience_ms` lasts. 0 or the errno of the failure. `count` fits
 * the type that any system has for it. */
static int send_one(int fd, const struct iovec *parts, unsigned short count, int *patience_ms)
{
    const struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts,
                                   .msg_iovlen = count};
    struct pollfd ready = {.fd = fd, .events = POLLOUT};

    while (sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN || *patience_ms <= 0)
            return errno;
        *patience_ms -= PATIENCE_MS / 4;
        (void)poll(&ready, 1, PATIENCE_MS / 4);
    }
    return 0;
}

/* Sends a line, without its newline, as the daemon expects it. */
static int line_send(const struct audit_target *target, const char *line, size_t len,
                     int *patience_ms)
{
    static const char journal[] = "PRIORITY=5\nSYSLOG_FACILITY=10\n"
                                  "SYSLOG_IDENTIFIER=sideseat-pkcs11\nMESSAGE=";
    char head[128];
    struct iovec parts[] = {{.iov_base = head},
                            {.iov_base = (char *)(uintptr_t)line, .iov_len = len}};

    if (target->kind == AUDIT_TO_JOURNAL) {
        memcpy(head, journal, sizeof journal);
        parts[0].iov_len = sizeof journal - 1;
        parts[1].iov_len = len + 1; /* the newline ends the field */
    } else {
        parts[0].iov_len = syslog_line(head, sizeof head, LOG_AUTHPRIV | LOG_NOTICE, "");
    }
    return send_one(target->fd, parts, 2, patience_ms);
}

const char *audit_daemon_write(struct audit_target *target, const char *lines, size_t len,
                               size_t *lost)
{
    const char *end = lines + len;
    const char *wrong = NULL;
    int patience_ms = PATIENCE_MS;

    while (lines < end) {
        const char *newline = memchr(lines, '\n', (size_t)(end - lines));
        size_t line_len = (size_t)(newline - lines);
        int error = ENOTCONN;

        if (target->fd >= 0)
            error = line_send(target, lines, line_len, &patience_ms);
        if (error == ECONNREFUSED || error == ENOTCONN) { /* perhaps started again */
            drop(target);
            wrong = audit_daemon_open(target);
            error = wrong != NULL ? ENOTCONN : line_send(target, lines, line_len, &patience_ms);
        }
        if (error != 0 && (wrong == NULL || error != ENOTCONN))
            wrong = strerror(error);
        *lost += error != 0;
        lines = newline + 1;
    }
    return *lost == 0 ? NULL : wrong;
}
