/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_REMOTE_LAUNCH_H
#define BACKENDS_REMOTE_LAUNCH_H

#include <stdbool.h>

#include "store/remote/channel.h"
#include "store/conf.h"

/* The descriptor that the store process finds its end of the control socket at. */
#define LAUNCH_FD 3

/*
 * Starts `program` as a token's store process, with a session, an environment and descriptors of
 * its own, and nothing of the host's but its end of the control socket.
 *
 * The host never has it as its child: the process is started by one in between, which is gone
 * when this returns. That one is made with clone and no exit signal, so that the host gets no
 * SIGCHLD and its waitpid(-1) does not see it (wait(2), __WCLONE); it is reaped here, by its pid.
 *
 * `out` is the control socket, which hands connections over and at whose end the process ends, and
 * a pidfd, -1 where the kernel has none. Both are -1 when there is no process.
 *
 * UNAVAILABLE, logged with the remedy, when it cannot be started.
 */
enum store_err launch(const char *program, const struct store_conf *conf,
                      struct channel *out) STORE_CHECKED;

/* Closes the control socket, at which the process ends; `kill` for one that does not answer. */
void launch_end(struct channel *launched, bool kill);

#endif
