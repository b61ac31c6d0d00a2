/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REMOTE_CHANNEL_H
#define STORE_REMOTE_CHANNEL_H

#include <stdint.h>

#include "platform/channel.h"
#include "store/remote/frame.h"

/* Frames on a connection, with the errors of platform/channel.h. CORRUPT: the bytes received are
 * not a frame. */

/* Sends all of `out`, and wipes it. */
enum store_err channel_send(const struct channel *channel, struct frame_out *out,
                            int64_t deadline) STORE_CHECKED;

/* Receives one frame; the body's memory is fresh, so slices of it may outlive the next frame. */
enum store_err channel_receive(const struct channel *channel, uint8_t *type,
                               struct store_secret *body, int64_t deadline) STORE_CHECKED;

#endif
