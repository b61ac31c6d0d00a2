/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-store/modes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/channel.h"
#include "store/remote/host.h"
#include "store/remote/lines.h"
#include "tools/sideseat-store/closing.h"
#include "tools/sideseat-store/place.h"
#include "store/descriptor.h"
#include "store/log.h"
#include "store/user.h"

/* The first descriptor that systemd hands over (sd_listen_fds(3)). */
#define ACTIVATED_FD 3

/* How long nobody is let in where there is no room. */
#define PAUSE_MS 100

/* Takes in whoever comes, if it is a process of this user. False if there is no room for anybody:
 * who waits stays in the queue, and asking again at once would do nothing but burn time. */
static bool accept_one(struct host *host, int listener)
{
    static bool crowded; /* so that it is logged once */
    uid_t user = (uid_t)-1;
    pid_t pid;
    int fd = store_fd_high(accept4(listener, NULL, NULL, SOCK_CLOEXEC));

    if (fd < 0 && errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM)
        return true; /* gone again */
    if (fd < 0) {
        if (!crowded)
            store_log(STORE_LOG_WARNING,
                      "store: cannot take in another connection: %s; hosts wait until others have "
                      "closed theirs, or raise the limit (LimitNOFILE of the unit)",
                      strerror(errno));
        crowded = true;
        return false;
    }
    crowded = false;
    if (channel_peer(&(struct channel){fd, -1}, &pid, &user) && user == geteuid()) {
        host_connection(host, fd);
        return true;
    }
    store_log(STORE_LOG_WARNING,
              "store: user %lu may not use this socket; each user runs a store "
              "process of their own",
              (unsigned long)user);
    close(fd);
    return true;
}

/* What comes before anybody can connect. */
static bool prepare(struct store_conf_set **own, int *end)
{
    sigset_t ends;

    store_log_open(store_conf_log_level(), store_conf_log_file());
    if (store_conf_load(own, NULL) != STORE_OK)
        return false;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    *end = store_fd_high(signalfd(-1, &ends, SFD_CLOEXEC));
    return true;
}

/* Serves until SIGTERM or SIGINT, which makes `end` readable. */
static int serve_all(int listener, int end, const struct store_conf_set *own, struct place *place)
{
    static struct host host;
    struct pollfd fds[] = {{.fd = listener, .events = POLLIN}, {.fd = end, .events = POLLIN}};

    lines_redirect();
    host_init(&host, own);
    while ((poll(fds, 2, -1) > 0 || errno == EINTR) && fds[1].revents == 0)
        if (!accept_one(&host, listener))
            (void)!poll(&fds[1], 1, PAUSE_MS);
    close(end); /* which leaves a descriptor for the next, where there is no other */
    if (place != NULL)
        place_leave(place);
    close(listener); /* who waits to be let in is told at once */
    closing_run(&host);
}

int listen_run(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct place place = {.address = &address};
    struct store_conf_set *own;
    int listener;
    int end;

    if (path[0] != '/' || strlen(path) >= sizeof address.sun_path) {
        fprintf(stderr, "sideseat-store: the socket needs an absolute path of at most %zu bytes\n",
                sizeof address.sun_path - 1);
        return EXIT_FAILURE;
    }
    memcpy(address.sun_path, path, strlen(path));
    if (!prepare(&own, &end))
        return EXIT_FAILURE;
    listener = store_fd_high(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!place_claim(&place, listener))
        return EXIT_FAILURE;
    return serve_all(listener, end, own, &place);
}

int activated_run(void)
{
    const char *pid = store_env("LISTEN_PID");
    const char *count = store_env("LISTEN_FDS");
    struct store_conf_set *own;
    socklen_t size = sizeof(int);
    int listening = 0;
    int end;

    if (pid == NULL || strtol(pid, NULL, 10) != (long)getpid() || count == NULL ||
        strcmp(count, "1") != 0 ||
        getsockopt(ACTIVATED_FD, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || !listening) {
        fputs("sideseat-store: --activated needs one listening socket from systemd\n", stderr);
        return EXIT_FAILURE;
    }
    fcntl(ACTIVATED_FD, F_SETFD, FD_CLOEXEC);
    fcntl(ACTIVATED_FD, F_SETFL, O_NONBLOCK);
    if (!prepare(&own, &end))
        return EXIT_FAILURE;
    return serve_all(ACTIVATED_FD, end, own, NULL);
}
