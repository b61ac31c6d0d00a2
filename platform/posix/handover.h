/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_POSIX_HANDOVER_H
#define PLATFORM_POSIX_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Descriptors that go from one process to another (SCM_RIGHTS). */

/* Sends a few bytes, and with them a descriptor (-1: none), in one message. Never waits. False,
 * with errno. */
bool handover_send(int socket, int fd, const void *bytes, size_t len);

/* Receives such a message, as recvmsg(2) does. `fd` gets its descriptor, close-on-exec and at 3 or
 * higher, or -1. */
ssize_t handover_receive(int socket, int *fd, void *bytes, size_t len);

/* True if a descriptor on its way may be lost once its sender has closed it. */
extern const bool handover_keeps_sent;

#endif
