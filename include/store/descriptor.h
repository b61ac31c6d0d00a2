/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DESCRIPTOR_H
#define STORE_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Descriptors in somebody else's process. A host may have closed 0, 1 or 2, and then still write
 * messages there: none of ours ever stays at such a number. Every call that makes a descriptor
 * goes through one of these (a test of the sources sees to that), and every write through
 * store_fd_write, since the signals of a failed write would end the host.
 *
 * Threads: any.
 */

/* Moves a new descriptor to 3 or higher, close-on-exec: store_fd_high(open(…)). Takes -1. -1 on
 * failure, with errno, and the old one closed. errno survives success. */
int store_fd_high(int fd);

/* pipe2(2) and socketpair(2) of AF_UNIX, close-on-exec, both ends at 3 or higher. `flags` and
 * `type` are the system's. False on failure, with errno, and both ends -1. */
bool store_fd_pipe(int ends[2], int flags);
bool store_fd_socketpair(int ends[2], int type);

/* Takes the numbers 0, 1 and 2 where they are closed, with what can be neither read nor written:
 * for programs of our own, at the start. */
void store_fd_fill_standard(void);

/* Writes all `len` bytes. 0, or the errno of what went wrong; what was written until then is in
 * `done` (may be NULL). The descriptor may be non-blocking: EAGAIN then ends it. Never raises
 * SIGPIPE, SIGXFSZ or SIGTTOU. */
int store_fd_write(int fd, const void *bytes, size_t len, size_t *done);

/*
 * Keeps those three signals from this thread between `begin` and `end`, for libraries that write by
 * themselves. What becomes pending meanwhile is taken away, what was pending before stays.
 */
struct store_quiet {
    unsigned char room[128]; /* the signal mask */
    unsigned pending;
};
void store_quiet_begin(struct store_quiet *quiet);
void store_quiet_end(const struct store_quiet *quiet);

#endif
