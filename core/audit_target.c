/* SPDX-License-Identifier: Apache-2.0 */
#include "core/audit_target.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "core/append_file.h"
#include "core/syslog_line.h"
#include "platform/descriptor.h"
#include "platform/system.h"
#include "store/descriptor.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* The unit in which the kernel copies a write into its cache. */
#define PAGE 4096

/* How often, a millisecond apart, a batch asks for its turn to write. */
#define LOCK_TRIES 200

/* How long a batch waits for a daemon that is too slow. */
#define PATIENCE_MS 200

void audit_target_init(struct audit_target *target, const char *words)
{
    *target = (struct audit_target){.path = words, .fd = -1};
    if (strcmp(words, "syslog") == 0)
        target->kind = AUDIT_TO_SYSLOG;
    if (strcmp(words, "journal") == 0)
        target->kind = AUDIT_TO_JOURNAL;
}

void audit_target_close(struct audit_target *target)
{
    if (target->fd >= 0)
        close(target->fd);
    target->fd = -1;
}

/* True if the path still leads to the open file: not after a rotation. */
static bool is_in_place(const struct audit_target *target)
{
    struct stat opened;
    struct stat there;

    return fstat(target->fd, &opened) == 0 && stat(target->path, &there) == 0 &&
           opened.st_dev == there.st_dev && opened.st_ino == there.st_ino;
}

static const char *daemon_open(struct audit_target *target)
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
        audit_target_close(target);
    return wrong;
}

const char *audit_target_open(struct audit_target *target)
{
    if (target->kind != AUDIT_TO_FILE)
        return target->fd >= 0 ? NULL : daemon_open(target);
    if (target->fd >= 0 && is_in_place(target))
        return NULL;
    audit_target_close(target);
    return append_file_open(target->path, O_RDWR, &target->fd);
}

/* The end of the file, and whether a line there was cut short: by a full disk, or in a process that
 * was killed. */
static off_t find_end(const struct audit_target *target, bool *cut)
{
    struct stat st;
    char last = '\n';

    *cut = false;
    if (fstat(target->fd, &st) != 0 || st.st_size <= 0)
        return 0;
    *cut = pread(target->fd, &last, 1, st.st_size - 1) == 1 && last != '\n';
    return st.st_size;
}

/* The length of the next write. A kill can end a write between two pages of the file, so one that
 * has several lines stays within a page. */
static size_t next_len(const char *lines, size_t len, off_t end)
{
    size_t room = PAGE - (size_t)(end % PAGE);
    const char *last = memrchr(lines, '\n', room < len ? room : len);

    if (last == NULL)
        last = memchr(lines, '\n', len);
    return last == NULL ? len : (size_t)(last + 1 - lines);
}

/* Takes the turn to write, so that no line of another process is half written meanwhile. One that
 * was stopped during its turn is not waited for. */
static bool lock(int fd)
{
    const struct timespec pause = {.tv_nsec = 1000000};

    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK)
            return false; /* a file system without locks */
        nanosleep(&pause, NULL);
    }
    return false;
}

/* A line that was cut short ends before the next one begins. */
static const char *file_write(struct audit_target *target, const char *lines, size_t len,
                              size_t count, size_t *lost)
{
    bool cut;
    bool locked = lock(target->fd);
    off_t end = find_end(target, &cut);
    int error = cut && locked ? store_fd_write(target->fd, "\n", 1, NULL) : 0;
    size_t at = 0;

    end += cut && locked;
    while (error == 0 && at < len) {
        size_t done = 0;
        error = store_fd_write(target->fd, lines + at, next_len(lines + at, len - at, end), &done);
        at += done;
        end += (off_t)done;
    }
    if (locked)
        (void)flock(target->fd, LOCK_UN);
    if (error == 0)
        return NULL;
    *lost = count;
    for (size_t i = 0; i < at; i++)
        *lost -= lines[i] == '\n';
    return strerror(error);
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
        parts[0].iov_len =
            syslog_line(head, sizeof head, LOG_AUTHPRIV | LOG_NOTICE, time(NULL), "");
    }
    return send_one(target->fd, parts, 2, patience_ms);
}

static const char *daemon_write(struct audit_target *target, const char *lines, size_t len,
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
            audit_target_close(target);
            wrong = daemon_open(target);
            error = wrong != NULL ? ENOTCONN : line_send(target, lines, line_len, &patience_ms);
        }
        if (error != 0 && (wrong == NULL || error != ENOTCONN))
            wrong = strerror(error);
        *lost += error != 0;
        lines = newline + 1;
    }
    return *lost == 0 ? NULL : wrong;
}

const char *audit_target_write(struct audit_target *target, const char *lines, size_t len,
                               size_t count, size_t *lost)
{
    *lost = 0;
    if (target->kind == AUDIT_TO_FILE)
        return file_write(target, lines, len, count, lost);
    return daemon_write(target, lines, len, lost);
}
