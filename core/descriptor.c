/* SPDX-License-Identifier: Apache-2.0 */
#include "store/descriptor.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "platform/descriptor.h"

static const int quiet_signals[] = {SIGPIPE, SIGXFSZ, SIGTTOU};
#define QUIET_SIGNALS (sizeof quiet_signals / sizeof quiet_signals[0])

_Static_assert(sizeof(sigset_t) <= sizeof((struct store_quiet *)0)->room, "a signal mask fits");

/* Moves both ends to 3 or higher, or closes both. */
static bool move_ends_high(int ends[2])
{
    int saved;

    ends[0] = store_fd_high(ends[0]);
    saved = errno;
    ends[1] = store_fd_high(ends[1]);
    if (ends[0] >= 0 && ends[1] >= 0)
        return true;
    if (ends[0] >= 0)
        saved = errno;
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            close(ends[i]);
    ends[0] = ends[1] = -1;
    errno = saved;
    return false;
}

bool store_fd_pipe(int ends[2], int flags)
{
    ends[0] = ends[1] = -1;
    return platform_pipe(ends, flags) && move_ends_high(ends);
}

bool store_fd_socketpair(int ends[2], int type)
{
    ends[0] = ends[1] = -1;
    return platform_socketpair(ends, type) && move_ends_high(ends);
}

void store_fd_fill_standard(void)
{
    int fd;

    do
        fd = platform_open_nothing(); /* the system gives the lowest number */
    while (fd >= 0 && fd < STORE_FD_FIRST);
    if (fd >= 0)
        close(fd);
}

static unsigned quiet_pending(void)
{
    unsigned pending = 0;
    sigset_t set;

    sigemptyset(&set);
    sigpending(&set);
    for (unsigned i = 0; i < QUIET_SIGNALS; i++)
        if (sigismember(&set, quiet_signals[i]) == 1)
            pending |= 1U << i;
    return pending;
}

void store_quiet_begin(struct store_quiet *quiet)
{
    sigset_t set;
    sigset_t before;

    quiet->pending = quiet_pending();
    sigemptyset(&set);
    for (unsigned i = 0; i < QUIET_SIGNALS; i++)
        sigaddset(&set, quiet_signals[i]);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    memcpy(quiet->room, &before, sizeof before);
}

void store_quiet_end(const struct store_quiet *quiet)
{
    int saved = errno;
    sigset_t before;
    sigset_t set;

    sigemptyset(&set);
    for (unsigned i = 0; i < QUIET_SIGNALS; i++)
        if ((quiet->pending & 1U << i) == 0)
            sigaddset(&set, quiet_signals[i]);
    platform_discard_signals(&set);
    memcpy(&before, quiet->room, sizeof before);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = saved;
}

ssize_t store_fd_read(int fd, void *bytes, size_t len)
{
    ssize_t n;

    do
        n = read(fd, bytes, len);
    while (n < 0 && errno == EINTR);
    return n;
}

int store_fd_write(int fd, const void *bytes, size_t len, size_t *done)
{
    struct store_quiet quiet;
    size_t written = 0;
    int error = 0;

    store_quiet_begin(&quiet);
    while (written < len && error == 0) {
        ssize_t n = write(fd, (const unsigned char *)bytes + written, len - written);
        if (n > 0)
            written += (size_t)n;
        else if (n == 0)
            error = EIO;
        else if (errno != EINTR)
            error = errno;
    }
    store_quiet_end(&quiet);
    if (done != NULL)
        *done = written;
    return error;
}
