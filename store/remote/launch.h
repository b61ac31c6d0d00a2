/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REMOTE_LAUNCH_H
#define STORE_REMOTE_LAUNCH_H

#include <stdbool.h>

#include "store/remote/channel.h"
#include "store/conf.h"

/* The descriptor of the store process's end of the control socket. */
#define LAUNCH_FD 3

/*
 * Starts `program` as a token's store process, with its own session, environment and descriptors.
 * Of the host it gets only its end of the control socket.
 *
 * It is never the host's child: a process in between starts it and is gone when this returns. That
 * one comes from a clone without an exit signal, so the host gets no SIGCHLD and its waitpid(-1)
 * does not see it (wait(2), __WCLONE); this function reaps it by its pid.
 *
 * `out` is the control socket and a pidfd (-1 if the kernel does not have these). The socket hands
 * connections over, and the process ends when it closes. Both are -1 after an error.
 *
 * UNAVAILABLE, logged with the remedy, if the program does not start.
 */
enum store_err launch(const char *program, const struct store_conf *conf,
                      struct channel *out) STORE_CHECKED;

/* Closes the control socket, which ends the process; `kill` is for one that does not answer. */
void launch_end(struct channel *launched, bool kill);

#endif
