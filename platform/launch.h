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
    pid_t pid;              /* on macOS the process's number; else 0 */
};

#define LAUNCHED_NONE ((struct launched){.control = {-1, -1}, .group = -1})

/*
 * Starts a program as a store process, with no descriptor of the host's but its end of the control
 * channel, and with standard error if it logs. 0, or an errno; `out` is then LAUNCHED_NONE.
 *
 * On Linux the process is not the host's child: the host gets no SIGCHLD for it, and no wait()
 * returns it. On macOS it is not, either, but a first program, which starts it and ends at once,
 * is: the host gets one SIGCHLD, and a wait() for any child may return that program. The call waits
 * for it, 5 s at most (ETIMEDOUT). On macOS and Windows a program that another thread of the host
 * starts at the same moment may inherit the process's end of the control channel.
 */
int platform_launch(const struct platform_start *start, struct launched *out);

/* Closes the control channel, which ends the process; `kill` is for one that does not answer.
 * Idempotent. */
void platform_launch_end(struct launched *launched, bool kill);

/* Hands ends[1] of a channel_pair over to the process, and makes ends[0] `out`. Never waits, and
 * takes over both ends, but on macOS: there ends[1] must stay open until the process has answered
 * on the connection. The caller then closes it, unless it is -1. 0, also if the process has ended,
 * which the first call on the connection notices; or an errno. */
int platform_launch_connect(const struct launched *launched, int ends[2], struct channel *out);

/* In the store process, with the arguments of main: the control channel that it was started with;
 * nothing that it starts in turn inherits it. Its `fd` is -1 in macOS's first program, whose task
 * is done. False: this process was not started by platform_launch. */
bool platform_launched(char *const *arguments, struct channel *control);

/* In the store process: waits for the next connection. -1 if the host is gone. */
int platform_launched_accept(const struct channel *control);

#endif
