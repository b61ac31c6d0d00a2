/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_REMOTE_CHANNEL_H
#define BACKENDS_REMOTE_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "store/remote/frame.h"

/* One connection. */
struct channel {
    int fd;      /* the socket */
    int process; /* a pidfd of whoever is at the other end; -1: not known */
};

/*
 * Frames on a stream socket, by a deadline: a value of store_time_monotonic, or CHANNEL_FOREVER.
 * No signal is raised (MSG_NOSIGNAL). Nothing is logged: only the caller knows what was tried.
 *
 * UNAVAILABLE: the other end has closed or its process has ended, or the socket failed. A process
 * that has inherited the other end keeps the socket open, so the end of the process counts by
 * itself. TIMEOUT: the deadline has passed. CORRUPT: what came is no frame. After an error the
 * socket is good for nothing but closing.
 */
#define CHANNEL_FOREVER INT64_MAX

/* Sends everything `out` holds, and wipes it. */
enum store_err channel_send(const struct channel *channel, struct frame_out *out,
                            int64_t deadline) STORE_CHECKED;

/* Receives one frame; the body's memory is fresh, so slices of it may outlive the next frame. */
enum store_err channel_receive(const struct channel *channel, uint8_t *type,
                               struct store_secret *body, int64_t deadline) STORE_CHECKED;

/* Waits until something has come. TIMEOUT at the deadline; UNAVAILABLE as above. */
enum store_err channel_wait(const struct channel *channel, int64_t deadline) STORE_CHECKED;

/* Ends the connection for good, also where a forked child still has the descriptor, and closes its
 * descriptors. Idempotent. errno survives. */
void channel_close(struct channel *channel);

/* Whether the other end is gone, or has said something unasked, which is as bad. */
bool channel_is_dead(const struct channel *channel);

#endif
