/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REMOTE_CHANNEL_H
#define STORE_REMOTE_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "store/remote/frame.h"

/* One connection. */
struct channel {
    int fd;      /* the socket */
    int process; /* a pidfd of the process at the other end; -1: unknown */
};

/*
 * Frames on a stream socket, by a deadline: a value of store_time_monotonic, or CHANNEL_FOREVER.
 * They raise no signal (MSG_NOSIGNAL) and log nothing: only the caller knows the purpose.
 *
 * UNAVAILABLE: the other end has closed or its process has ended, or the socket failed. A process
 * that has inherited the other end keeps the socket open, so the end of the process counts by
 * itself. TIMEOUT: the deadline has passed. CORRUPT: the bytes received are not a frame. After an
 * error the caller can only close the socket.
 */
#define CHANNEL_FOREVER INT64_MAX

/* Sends all of `out`, and wipes it. */
enum store_err channel_send(const struct channel *channel, struct frame_out *out,
                            int64_t deadline) STORE_CHECKED;

/* Receives one frame; the body's memory is fresh, so slices of it may outlive the next frame. */
enum store_err channel_receive(const struct channel *channel, uint8_t *type,
                               struct store_secret *body, int64_t deadline) STORE_CHECKED;

/* Waits for the first byte. TIMEOUT at the deadline; UNAVAILABLE as above. */
enum store_err channel_wait(const struct channel *channel, int64_t deadline) STORE_CHECKED;

/* Ends the connection for good, also where a forked child still has the descriptor, and closes its
 * descriptors. Idempotent. errno survives. */
void channel_close(struct channel *channel);

/* True if the other end is gone, or has sent a frame unasked, which is as bad. */
bool channel_is_dead(const struct channel *channel);

#endif
