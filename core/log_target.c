/* SPDX-License-Identifier: Apache-2.0 */
#include "core/log_target.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "core/append_file.h"
#include "core/syslog_line.h"
#include "platform/descriptor.h"
#include "platform/system.h"
#include "store/descriptor.h"

#define WHO "sideseat-pkcs11"

/* At most PIPE_BUF: a pipe takes such a line whole or not at all. */
#define LINE_SIZE 1280

/* The file that was standard error when the module was loaded. */
static struct {
    bool open;
    struct stat st;
    bool appends;
} loaded;

const char *const log_level_names[LOG_LEVELS] = {"error", "warning", "info", "debug"};

static bool cut; /* the last line was cut short */

static bool appends(const struct stat *st)
{
    int flags = fcntl(STDERR_FILENO, F_GETFL);

    return S_ISREG(st->st_mode) && flags >= 0 && (flags & O_APPEND) != 0;
}

__attribute__((constructor)) void log_target_remember_stderr(void)
{
    int saved = errno;

    loaded.open = fstat(STDERR_FILENO, &loaded.st) == 0;
    loaded.appends = loaded.open && appends(&loaded.st);
    errno = saved;
}

/* True if standard error is still the same file. A host that has closed it opens other files
 * there, its data perhaps, which no line may enter; a host that rotates its log replaces one log
 * file by another. */
static bool stderr_usable(struct stat *st)
{
    if (!loaded.open || fstat(STDERR_FILENO, st) != 0)
        return false;
    if (st->st_dev == loaded.st.st_dev && st->st_ino == loaded.st.st_ino)
        return true;
    return loaded.appends && appends(st);
}

bool log_target_stderr_usable(void)
{
    struct stat st;

    return stderr_usable(&st);
}

/* Writes to a pipe or a terminal without waiting for its reader. This opens it again, because
 * O_NONBLOCK on the host's own descriptor would affect every process that shares it; and only
 * for this line, because an open end hides the end of the stream from the reader. */
static int stream_write(const char *text, size_t len, size_t *done)
{
    struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
    int fd =
        store_fd_high(open("/proc/thread-self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    int error;

    if (fd >= 0) {
        error = store_fd_write(fd, text, len, done);
        close(fd);
        return error;
    }
    /* another user's, or no /proc: unless another writer fills it right now, this does not wait
     * either */
    if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0)
        return EAGAIN;
    return store_fd_write(STDERR_FILENO, text, len, done);
}

static int socket_write(const char *text, size_t len, size_t *done)
{
    struct store_quiet quiet; /* not every system knows MSG_NOSIGNAL */
    ssize_t n;

    store_quiet_begin(&quiet);
    n = send(STDERR_FILENO, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    store_quiet_end(&quiet);
    *done = n < 0 ? 0 : (size_t)n;
    if (n < 0)
        return errno;
    return *done == len ? 0 : EAGAIN;
}

/* 0 also without a standard error: nobody expects the line. */
static int stderr_write(const char *text, size_t len, size_t *done)
{
    struct stat st;

    *done = len;
    if (!stderr_usable(&st))
        return 0;
    if (S_ISSOCK(st.st_mode))
        return socket_write(text, len, done);
    if (S_ISFIFO(st.st_mode) || (S_ISCHR(st.st_mode) && isatty(STDERR_FILENO)))
        return stream_write(text, len, done);
    return store_fd_write(STDERR_FILENO, text, len, done);
}

/* Sends one datagram as syslog(3) does. syslog(3) itself may wait for the daemon and keeps its
 * socket at any descriptor number. */
static bool syslog_write(enum store_log_level level, const char *text)
{
    static const int priorities[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char line[LINE_SIZE];
    size_t len = syslog_line(line, sizeof line, LOG_USER | priorities[level], time(NULL), text);
    int fd = store_fd_high(platform_socket(SOCK_DGRAM));
    bool sent;

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", platform_log_socket);
    if (fd < 0)
        return false;
    sent = sendto(fd, line, len, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&address,
                  sizeof address) > 0 ||
           errno == ENOENT || errno == ECONNREFUSED; /* no daemon: nobody expects the line */
    close(fd);
    return sent;
}

/* Writes a line with its time if the file may have other writers. */
static bool line_write(const struct log_target *target, enum store_log_level level,
                       const char *text)
{
    char line[LINE_SIZE];
    char when[32] = "";
    time_t now = time(NULL);
    struct tm tm;
    size_t done = 0;
    int error;
    int len;

    if (target->kind == LOG_TO_FILE && gmtime_r(&now, &tm) != NULL)
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ ", &tm);
    len = snprintf(line, sizeof line, "%s%s" WHO "[%ld] %s: %s\n", cut ? "\n" : "", when,
                   (long)getpid(), log_level_names[level], text);
    if (len < 0)
        return false;
    if ((size_t)len >= sizeof line)
        len = (int)sizeof line - 1;
    if (target->kind == LOG_TO_FILE)
        error = store_fd_write(target->fd, line, (size_t)len, &done);
    else
        error = stderr_write(line, (size_t)len, &done);
    if (done > 0)
        cut = error != 0;
    return error == 0;
}

bool log_target_write(const struct log_target *target, enum store_log_level level, const char *text)
{
    if (target->kind == LOG_TO_SYSLOG)
        return syslog_write(level, text);
    return line_write(target, level, text);
}

/* A copy of the descriptor whose number is in `digits`, if it is a file that only this user
 * writes to. Returns the reason for a failure, or NULL. */
static const char *descriptor_open(const char *digits, int *out)
{
    const char *wrong;
    struct stat st;
    char *end;
    long number = strtol(digits, &end, 10);
    int fd;

    if (digits[0] < '0' || digits[0] > '9' || *end != '\0' || number > INT_MAX)
        return "fd: is followed by the number of a descriptor";
    fd = store_fd_high(fcntl((int)number, F_DUPFD_CLOEXEC, 0));
    if (fd < 0)
        return strerror(errno);
    wrong = fstat(fd, &st) == 0 ? append_file_refuse(&st) : strerror(errno);
    if (wrong == NULL)
        *out = fd;
    else
        close(fd);
    return wrong;
}

const char *log_target_open(const char *words, struct log_target *out)
{
    const char *wrong;

    *out = (struct log_target){.kind = LOG_TO_STDERR, .fd = -1};
    if (words == NULL || strcmp(words, "stderr") == 0)
        return NULL;
    if (strcmp(words, "syslog") == 0) {
        out->kind = LOG_TO_SYSLOG;
        return NULL;
    }
    if (words[0] != '/' && strncmp(words, "fd:", 3) != 0)
        return "it is not an absolute path, \"syslog\" or \"stderr\"";
    wrong = words[0] == '/' ? append_file_open(words, O_WRONLY, &out->fd)
                            : descriptor_open(words + 3, &out->fd);
    if (wrong == NULL)
        out->kind = LOG_TO_FILE;
    return wrong;
}

void log_target_close(struct log_target *target)
{
    if (target->fd >= 0)
        close(target->fd);
    *target = (struct log_target){.kind = LOG_TO_STDERR, .fd = -1};
}
