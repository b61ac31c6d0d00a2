/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_LAUNCH_H
#define PLATFORM_LAUNCH_H

#include "platform/channel.h"

/* The start of a store process, and the way in which its host hands connections over to it. */

struct platform_start {
    const char *program; /* an absolute path */
    char *const *arguments;
    char *const *environment;
    bool logs; /* it gets the host's standard error */
};

/* A store process, as its host has it. */
struct launched {
    struct channel control; /* hands connections over; the process ends when it closes */
    int group;              /* on Windows the job that ends the process with its host; else -1 */
};

#define LAUNCHED_NONE ((struct launched){.control = {-1, -1}, .group = -1})

/*
 * Starts a program as a store process, with no descriptor of the host's but its end of the control
 * channel, and with standard error if it logs. 0, or an errno; `out` is then LAUNCHED_NONE.
 *
 * On Linux the process is not the host's child: the host gets no SIGCHLD for it, and no wait()
 * returns it. On Windows a program that another thread of the host starts at the same moment may
 * inherit the process's end of the control channel.
 */
int platform_launch(const struct platform_start *start, struct launched *out);

/* Closes the control channel, which ends the process; `kill` is for one that does not answer.
 * Idempotent. */
void platform_launch_end(struct launched *launched, bool kill);

/* Hands one end of a channel_pair over to the process, and makes the other `out`. Never waits, and
 * takes over both ends in any case. 0, also if the process has ended, which the first call on the
 * connection notices; or an errno. */
int platform_launch_connect(const struct launched *launched, const int ends[2],
                            struct channel *out);

/* In the store process: the control channel that it was started with; nothing that it starts in
 * turn inherits it. False: it was not started by platform_launch. */
bool platform_launched(struct channel *control);

/* In the store process: waits for the next connection. -1 if the host is gone. */
int platform_launched_accept(const struct channel *control);

#endif
