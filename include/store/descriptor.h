/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DESCRIPTOR_H
#define STORE_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Descriptors in a host's process. A host may have closed 0, 1 or 2 and still write messages there,
 * so none of the module's descriptors ever stays at such a number. Every call that makes a
 * descriptor goes through one of these (a test of the sources checks this), and every write goes
 * through store_fd_write, since the signals of a failed write would end the host.
 *
 * Threads: any.
 */

/* The lowest number of a descriptor of the module's own. */
#define STORE_FD_FIRST 3

/* Moves a new descriptor to 3 or higher, close-on-exec: store_fd_high(open(…)). Accepts -1. On
 * failure returns -1, sets errno and closes the old one. errno survives success. */
int store_fd_high(int fd);

/* pipe2(2) and socketpair(2) of AF_UNIX, close-on-exec, both ends at 3 or higher. `flags` and
 * `type` are the system's. False on failure, with errno, and both ends -1. */
bool store_fd_pipe(int ends[2], int flags);
bool store_fd_socketpair(int ends[2], int type);

/* Opens the closed ones of 0, 1 and 2 on something that is neither readable nor writable: for
 * the project's own programs, at the start. */
void store_fd_fill_standard(void);

/* Reads at most `len` bytes; as read(2), but again if a signal interrupts it. */
ssize_t store_fd_read(int fd, void *bytes, size_t len);

/* Writes all `len` bytes. Returns 0 or the errno of the failure; `done` (may be NULL) gets the
 * number of bytes written. The descriptor may be non-blocking: EAGAIN ends the write. Never
 * raises SIGPIPE, SIGXFSZ or SIGTTOU. */
int store_fd_write(int fd, const void *bytes, size_t len, size_t *done);

/*
 * Keeps those three signals from this thread between `begin` and `end`, for libraries that write
 * themselves. `end` discards those that became pending meanwhile; those pending before stay.
 */
struct store_quiet {
    unsigned char room[128]; /* the signal mask */
    unsigned pending;
};
void store_quiet_begin(struct store_quiet *quiet);
void store_quiet_end(const struct store_quiet *quiet);

#endif
