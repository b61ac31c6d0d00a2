/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_CHANNEL_H
#define PLATFORM_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "store/err.h"

/* One end of a connection, a stream of bytes to another process. */
struct channel {
    int fd;      /* the socket; on Windows a pipe's handle; Windows handles fit into 32 bits */
    int process; /* a pidfd, or handle, of the process at the other end; -1: unknown */
};

/*
 * Each wait ends at a deadline: a value of store_time_monotonic, or CHANNEL_FOREVER. Nothing here
 * raises a signal or logs: only the caller knows the purpose.
 *
 * UNAVAILABLE: the other end has closed or its process has ended, or the connection failed. A
 * process that has inherited the other end keeps it open, so the end of the process counts by
 * itself. TIMEOUT: the deadline has passed. After an error the caller can only close the channel.
 *
 * Threads: one at a time for each channel.
 */
#define CHANNEL_FOREVER INT64_MAX

/* Sends all the bytes. */
enum store_err channel_send_bytes(const struct channel *channel, const void *bytes, size_t len,
                                  int64_t deadline) STORE_CHECKED;

/* Receives `len` bytes. */
enum store_err channel_receive_bytes(const struct channel *channel, void *bytes, size_t len,
                                     int64_t deadline) STORE_CHECKED;

/* Waits for the first byte. */
enum store_err channel_wait(const struct channel *channel, int64_t deadline) STORE_CHECKED;

/* Ends the connection for good, also where a forked child still has the descriptor, and closes its
 * descriptors. Idempotent. errno survives. */
void channel_close(struct channel *channel);

/* True if bytes have come, or the other end is gone. Does not wait. */
bool channel_is_readable(const struct channel *channel);

/* The process at the other end of a connection that another process has made or taken in, and its
 * user; on Windows a number like that of a file's owner. False if the system does not tell. */
bool channel_peer(const struct channel *channel, pid_t *pid, uid_t *user);

/* Connects to a shared store process at `place` (platform_path_is_socket). 0 or an errno:
 * ENAMETOOLONG for a place of more than channel_path_max bytes, ETIMEDOUT if it has no room by the
 * deadline, for which only Windows waits. The caller asks channel_peer who listens there. */
int channel_connect(const char *place, int64_t deadline, struct channel *out);
extern const size_t channel_path_max;

/* Makes two ends that are connected, and that no program inherits. False, with errno. */
bool channel_pair(int ends[2]);

#endif
