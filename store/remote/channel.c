/* SPDX-License-Identifier: Apache-2.0 */
#include "store/remote/channel.h"

enum store_err channel_send(const struct channel *channel, struct frame_out *out, int64_t deadline)
{
    enum store_err err = channel_send_bytes(channel, out->bytes.data, out->bytes.len, deadline);

    frame_out_clear(out);
    return err;
}

enum store_err channel_receive(const struct channel *channel, uint8_t *type,
                               struct store_secret *body, int64_t deadline)
{
    unsigned char header[FRAME_HEADER];
    unsigned char *bytes;
    size_t len;

    store_secret_wipe(body);
    TRY(channel_wait(channel, deadline)); /* a flood of frames does not outrun the deadline */
    TRY(channel_receive_bytes(channel, header, sizeof header, deadline));
    if (!frame_header(header, &len, type))
        return STORE_CORRUPT;
    TRY(store_secret_resize(body, len, &bytes));
    return channel_receive_bytes(channel, bytes, len, deadline);
}
