/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_DESCRIPTOR_H
#define PLATFORM_DESCRIPTOR_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* Descriptors as the system makes them, for store/descriptor.h, which moves them away from 0, 1 and
 * 2. All are close-on-exec; on a system that can only say so afterwards, a program that another
 * thread starts in between inherits them. -1 or false, with errno, on failure. */

/* `flags`: O_NONBLOCK or 0. */
bool platform_pipe(int ends[2], int flags);

/* A pair of AF_UNIX; on macOS neither end blocks. */
bool platform_socketpair(int ends[2], int type);

/* An AF_UNIX socket that does not block, and whose writes raise no signal with MSG_NOSIGNAL. */
int platform_socket(int type);

/* The next connection to such a socket. */
int platform_accept(int listener);

/* A socket of another family, for a library: socket(2). */
int platform_socket_of(int family, int type, int protocol);

/* A descriptor that is not readable, and not close-on-exec, on purpose. */
int platform_open_nothing(void);

/* write(2) of bytes that may be unreadable: EFAULT. AddressSanitizer does not check them. */
ssize_t platform_write_any(int fd, const void *bytes, size_t len);

/* Takes away the pending ones of some signals, which this thread blocks. Never waits. */
void platform_discard_signals(const sigset_t *signals);

#endif
