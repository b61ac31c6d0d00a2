/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/channel.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/descriptor.h"
#include "store/descriptor.h"
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

enum store_err channel_send_bytes(const struct channel *channel, const void *bytes, size_t len,
                                  int64_t deadline)
{
    const unsigned char *at = bytes;
    enum store_err err = STORE_OK;

    while (len > 0 && err == STORE_OK) {
        ssize_t n = send(channel->fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            err = wait_for(channel, POLLOUT, deadline);
        } else if (n < 0 && errno != EINTR) {
            err = STORE_UNAVAILABLE;
        }
    }
    return err;
}

enum store_err channel_receive_bytes(const struct channel *channel, void *bytes, size_t len,
                                     int64_t deadline)
{
    unsigned char *at = bytes;

    while (len > 0) {
        ssize_t n = recv(channel->fd, at, len, MSG_DONTWAIT);
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            TRY(wait_for(channel, POLLIN, deadline));
        } else if (n == 0 || errno != EINTR) {
            return STORE_UNAVAILABLE;
        }
    }
    return STORE_OK;
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

bool channel_is_readable(const struct channel *channel)
{
    struct pollfd fds[] = {{.fd = channel->fd, .events = POLLIN},
                           {.fd = channel->process, .events = POLLIN}};

    return poll(fds, 2, 0) != 0;
}

const size_t channel_path_max = sizeof((struct sockaddr_un *)0)->sun_path - 1;

/* The system takes those who come into its queue at once, or refuses them. */
int channel_connect(const char *place, int64_t deadline, struct channel *out)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int error;

    (void)deadline;
    *out = (struct channel){-1, -1};
    if (strlen(place) > channel_path_max)
        return ENAMETOOLONG;
    memcpy(address.sun_path, place, strlen(place));
    out->fd = store_fd_high(platform_socket(SOCK_STREAM));
    if (out->fd >= 0 && connect(out->fd, (struct sockaddr *)&address, sizeof address) == 0)
        return 0;
    error = errno;
    channel_close(out);
    return error;
}

bool channel_pair(int ends[2])
{
    return store_fd_socketpair(ends, SOCK_STREAM);
}
