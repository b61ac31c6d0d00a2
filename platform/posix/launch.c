/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/posix/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "platform/launch.h"
#include "platform/posix/handover.h"

int launch_spawn(pid_t *pid, const char *program, const posix_spawn_file_actions_t *actions,
                 short more, char *const *arguments, char *const *environment)
{
    const short flags = POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t all;
    int error;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, (short)(flags | more));
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    error = posix_spawn(pid, program, actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    return error;
}

int platform_launch_connect(const struct launched *launched, int ends[2], struct channel *out)
{
    const char byte = 0;
    bool given = handover_send(launched->control.fd, ends[1], &byte, 1);
    int error = errno;

    if (!given || !handover_keeps_sent) {
        close(ends[1]);
        ends[1] = -1;
    }
    *out = (struct channel){ends[0], -1};
    if (launched->control.process >= 0)
        out->process = fcntl(launched->control.process, F_DUPFD_CLOEXEC, LAUNCH_FD + 1);
    if (given || error == EPIPE || error == ECONNRESET)
        return 0;
    channel_close(out);
    return error;
}

/* A forked child of the host keeps the socket open, so the end of the host counts by itself. */
int platform_launched_accept(const struct channel *control)
{
    struct pollfd fds[] = {{.fd = control->fd, .events = POLLIN},
                           {.fd = control->process, .events = POLLIN}};

    for (;;) {
        int n = poll(fds, 2, -1);
        char byte;
        int fd;

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || fds[1].revents != 0)
            return -1;
        (void)handover_receive(control->fd, &fd, &byte, 1);
        return fd;
    }
}
