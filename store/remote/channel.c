/* SPDX-License-Identifier: Apache-2.0 */
#include "store/remote/channel.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "store/time.h"

/* Waits for `events`. */
static enum store_err wait_for(const struct channel *channel, short events, int64_t deadline)
{
    struct pollfd fds[] = {{.fd = channel->fd, .events = events},
                           {.fd = channel->process, .events = POLLIN}};

    for (;;) {
        int wait_ms = -1;
        int n;

        if (deadline != CHANNEL_FOREVER) {
            int64_t left = deadline - store_time_monotonic();
            if (left <= 0)
                return STORE_TIMEOUT;
            left = (left + STORE_TIME_MS - 1) / STORE_TIME_MS;
            wait_ms = left > INT_MAX ? INT_MAX : (int)left;
        }
        n = poll(fds, 2, wait_ms);
        if (n > 0 && fds[0].revents != 0)
            return STORE_OK; /* the next call reports the error */
        if (n > 0)
            return STORE_UNAVAILABLE; /* it has ended, and all that it sent is read */
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return STORE_UNAVAILABLE;
    }
}

enum store_err channel_send(const struct channel *channel, struct frame_out *out, int64_t deadline)
{
    const unsigned char *bytes = out->bytes.data;
    size_t left = out->bytes.len;
    enum store_err err = STORE_OK;

    while (left > 0 && err == STORE_OK) {
        ssize_t n = send(channel->fd, bytes, left, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            bytes += n;
            left -= (size_t)n;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            err = wait_for(channel, POLLOUT, deadline);
        } else if (n < 0 && errno != EINTR) {
            err = STORE_UNAVAILABLE;
        }
    }
    frame_out_clear(out);
    return err;
}

static enum store_err receive_whole(const struct channel *channel, unsigned char *bytes, size_t len,
                                    int64_t deadline)
{
    while (len > 0) {
        ssize_t n = recv(channel->fd, bytes, len, MSG_DONTWAIT);
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            TRY(wait_for(channel, POLLIN, deadline));
        } else if (n == 0 || errno != EINTR) {
            return STORE_UNAVAILABLE;
        }
    }
    return STORE_OK;
}

enum store_err channel_receive(const struct channel *channel, uint8_t *type,
                               struct store_secret *body, int64_t deadline)
{
    unsigned char header[FRAME_HEADER];
    unsigned char *bytes;
    size_t len;

    store_secret_wipe(body);
    TRY(wait_for(channel, POLLIN, deadline)); /* a flood of frames does not outrun the deadline */
    TRY(receive_whole(channel, header, sizeof header, deadline));
    if (!frame_header(header, &len, type))
        return STORE_CORRUPT;
    TRY(store_secret_resize(body, len, &bytes));
    return receive_whole(channel, bytes, len, deadline);
}

enum store_err channel_wait(const struct channel *channel, int64_t deadline)
{
    return wait_for(channel, POLLIN, deadline);
}

void channel_close(struct channel *channel)
{
    int saved = errno;

    if (channel->fd >= 0) {
        shutdown(channel->fd, SHUT_RDWR);
        close(channel->fd);
    }
    if (channel->process >= 0)
        close(channel->process);
    *channel = (struct channel){-1, -1};
    errno = saved;
}

bool channel_is_dead(const struct channel *channel)
{
    struct pollfd fds[] = {{.fd = channel->fd, .events = POLLIN | POLLRDHUP},
                           {.fd = channel->process, .events = POLLIN}};

    return poll(fds, 2, 0) != 0;
}
