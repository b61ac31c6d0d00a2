/* SPDX-License-Identifier: Apache-2.0 */
#include "modes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "backends/remote/host.h"
#include "backends/remote/lines.h"
#include "rounds.h"
#include "store/log.h"
#include "store/user.h"

/* The first descriptor that systemd hands over (sd_listen_fds(3)). */
#define ACTIVATED_FD 3
#define BACKLOG 128
#define CLOSING_S 2

/* Takes in whoever comes, if it is a process of this user. */
static void accept_one(struct host *host, int listener)
{
    struct ucred peer = {0};
    socklen_t size = sizeof peer;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0)
        return; /* gone again, or no descriptor left: the next one is asked the same */
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid()) {
        host_connection(host, fd);
        return;
    }
    store_log(STORE_LOG_WARNING,
              "store: user %lu may not use this socket; each user runs a store "
              "process of their own",
              (unsigned long)peer.uid);
    close(fd);
}

/* Serves until SIGTERM or SIGINT. */
static int serve_all(int listener, const char *path)
{
    static struct host host;
    struct pollfd fds[] = {{.fd = listener, .events = POLLIN}, {.events = POLLIN}};
    struct store_conf_set *own;
    sigset_t ends;

    store_log_open(store_conf_log_level(), store_conf_log_file());
    if (store_conf_load(&own, NULL) != STORE_OK)
        return EXIT_FAILURE;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    fds[1].fd = signalfd(-1, &ends, SFD_CLOEXEC);
    lines_redirect(true);
    host_init(&host, own);
    while (rounds_wait(&host, fds, 2) > 0 && fds[1].revents == 0)
        accept_one(&host, listener);
    if (path != NULL)
        unlink(path);
    alarm(CLOSING_S);
    if (atomic_load(&host.calls) == 0 && !atomic_load(&host.checking))
        host_free(&host);
    _exit(EXIT_SUCCESS);
}

static int failed(const char *what, const char *path)
{
    fprintf(stderr, "sideseat-store: cannot %s %s: %s\n", what, path, strerror(errno));
    return EXIT_FAILURE;
}

/* Removes a socket that nobody listens on any more, so that a crash does not need cleaning up. */
static void remove_abandoned(const struct sockaddr_un *address)
{
    struct stat found;
    int fd;

    if (lstat(address->sun_path, &found) != 0 || !S_ISSOCK(found.st_mode))
        return;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 &&
        errno == ECONNREFUSED)
        unlink(address->sun_path);
    close(fd);
}

int listen_run(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (path[0] != '/' || strlen(path) >= sizeof address.sun_path) {
        fprintf(stderr, "sideseat-store: the socket needs an absolute path of at most %zu bytes\n",
                sizeof address.sun_path - 1);
        return EXIT_FAILURE;
    }
    memcpy(address.sun_path, path, strlen(path));
    remove_abandoned(&address);
    /* the umask leaves it to this user alone */
    if (bind(listener, (const struct sockaddr *)&address, sizeof address) != 0)
        return failed("make the socket", path);
    if (listen(listener, BACKLOG) != 0)
        return failed("listen on", path);
    return serve_all(listener, path);
}

int activated_run(void)
{
    const char *pid = store_env("LISTEN_PID");
    const char *count = store_env("LISTEN_FDS");
    int listening = 0;
    socklen_t size = sizeof listening;

    if (pid == NULL || strtol(pid, NULL, 10) != (long)getpid() || count == NULL ||
        strcmp(count, "1") != 0 ||
        getsockopt(ACTIVATED_FD, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || !listening) {
        fputs("sideseat-store: --activated needs one listening socket from systemd\n", stderr);
        return EXIT_FAILURE;
    }
    fcntl(ACTIVATED_FD, F_SETFD, FD_CLOEXEC);
    fcntl(ACTIVATED_FD, F_SETFL, O_NONBLOCK);
    return serve_all(ACTIVATED_FD, NULL);
}
