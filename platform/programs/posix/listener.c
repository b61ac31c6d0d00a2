/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/channel.h"
#include "platform/descriptor.h"
#include "platform/programs/posix/end.h"
#include "platform/programs/posix/place.h"
#include "store/descriptor.h"
#include "store/user.h"

/* The first descriptor that systemd hands over (sd_listen_fds(3)). */
#define ACTIVATED_FD 3

/* How long nobody is let in where there is no room. */
#define PAUSE_MS 100

const char listener_remedy[] = "raise the limit (LimitNOFILE of the unit)";

static struct {
    int fd;
    int end; /* readable once a signal has come */
    struct sockaddr_un address;
    struct place place; /* its address is NULL for a socket of systemd's */
} listener = {.fd = -1, .end = -1};

bool listener_begin(void)
{
    listener.end = end_watch();
    if (listener.end < 0)
        fprintf(stderr, "sideseat-store: cannot wait for signals: %s\n", strerror(errno));
    return listener.end >= 0;
}

bool listener_open(const char *place)
{
    if (place[0] != '/' || strlen(place) > channel_path_max) {
        fprintf(stderr, "sideseat-store: the socket needs an absolute path of at most %zu bytes\n",
                channel_path_max);
        return false;
    }
    listener.address.sun_family = AF_UNIX;
    memcpy(listener.address.sun_path, place, strlen(place));
    listener.place.address = &listener.address;
    listener.fd = store_fd_high(platform_socket(SOCK_STREAM));
    return place_claim(&listener.place, listener.fd);
}

bool listener_take(void)
{
    const char *pid = store_env("LISTEN_PID");
    const char *count = store_env("LISTEN_FDS");
    socklen_t size = sizeof(int);
    int listening = 0;

    if (pid == NULL || strtol(pid, NULL, 10) != (long)getpid() || count == NULL ||
        strcmp(count, "1") != 0 ||
        getsockopt(ACTIVATED_FD, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || !listening) {
        fputs("sideseat-store: --activated needs one listening socket from systemd\n", stderr);
        return false;
    }
    fcntl(ACTIVATED_FD, F_SETFD, FD_CLOEXEC);
    fcntl(ACTIVATED_FD, F_SETFL, O_NONBLOCK);
    listener.fd = ACTIVATED_FD;
    return true;
}

enum listener_event listener_next(int *fd)
{
    struct pollfd fds[] = {{.fd = listener.fd, .events = POLLIN},
                           {.fd = listener.end, .events = POLLIN}};
    int error;

    *fd = -1;
    if (poll(fds, 2, -1) < 0)
        return errno == EINTR ? LISTENER_NOTHING : LISTENER_END;
    if (fds[1].revents != 0)
        return LISTENER_END;
    *fd = store_fd_high(platform_accept(listener.fd));
    if (*fd >= 0)
        return LISTENER_CONNECTION;
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM)
        return LISTENER_NOTHING;
    /* waiting clients stay in the queue; a new attempt at once would only burn time */
    error = errno;
    (void)!poll(&fds[1], 1, PAUSE_MS);
    errno = error;
    return LISTENER_CROWDED;
}

void listener_close(void)
{
    close(listener.end); /* which leaves a descriptor for the next, where there is no other */
    if (listener.place.address != NULL)
        place_leave(&listener.place);
    close(listener.fd); /* waiting clients learn it at once */
}
