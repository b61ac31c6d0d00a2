/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "platform/descriptor.h"
#include "platform/syslog_line.h"
#include "platform/system.h"
#include "store/descriptor.h"

/* The file that was standard error when the module was loaded. */
static struct {
    bool open;
    struct stat st;
    bool appends;
} loaded;

static bool appends(const struct stat *st)
{
    int flags = fcntl(STDERR_FILENO, F_GETFL);

    return S_ISREG(st->st_mode) && flags >= 0 && (flags & O_APPEND) != 0;
}

__attribute__((constructor)) void platform_stderr_remember(void)
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

bool platform_stderr_usable(void)
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

int platform_stderr_write(const char *text, size_t len, size_t *done)
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
bool platform_log_system(enum store_log_level level, const char *text)
{
    static const int priorities[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char line[PLATFORM_LOG_LINE];
    size_t len = syslog_line(line, sizeof line, LOG_USER | priorities[level], text);
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
