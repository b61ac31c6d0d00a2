/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/posix/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "platform/descriptor.h"
#include "store/descriptor.h"
#include "store/time.h"

/* How long the lock may be waited for. */
#define WAIT_NS (5 * STORE_TIME_S)

#define BACKLOG 128

/* Whether somebody listens there. */
static bool answers_at(const struct sockaddr_un *address)
{
    int fd = store_fd_high(platform_socket(SOCK_STREAM));
    bool answers = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ||
                   errno == EAGAIN; /* so many wait for it */

    close(fd);
    return answers;
}

/* Opens the lock file; -1 and errno if that is not ours alone to lock. */
static int open_lock(const char *path)
{
    struct stat found;
    int fd = store_fd_high(
        open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600));

    if (fd < 0)
        return -1;
    if (fstat(fd, &found) == 0 && S_ISREG(found.st_mode) && found.st_uid == geteuid())
        return fd;
    close(fd);
    errno = EPERM;
    return -1;
}

/* Whether the path still leads to the file that is locked. */
static bool is_at(const char *path, int fd)
{
    struct stat locked;
    struct stat there;

    return fstat(fd, &locked) == 0 && lstat(path, &there) == 0 && locked.st_dev == there.st_dev &&
           locked.st_ino == there.st_ino;
}

/* Takes the lock; -1, with the reason on standard error, if it cannot be had. Everybody holds it
 * for a moment only. */
static int acquire_lock(const struct sockaddr_un *address)
{
    const struct timespec pause = {.tv_nsec = 5000000};
    int64_t deadline = store_time_monotonic() + WAIT_NS;
    char path[sizeof address->sun_path + sizeof ".lock"];

    snprintf(path, sizeof path, "%s.lock", address->sun_path);
    for (;;) {
        int fd = open_lock(path);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && is_at(path, fd))
            return fd;
        if (fd < 0 || store_time_monotonic() >= deadline) {
            fprintf(stderr, "sideseat-store: cannot lock %s: %s\n", path, strerror(errno));
            if (fd >= 0)
                close(fd);
            return -1;
        }
        close(fd);
        nanosleep(&pause, NULL);
    }
}

static bool failed(const char *what, const struct sockaddr_un *address)
{
    fprintf(stderr, "sideseat-store: cannot %s %s: %s\n", what, address->sun_path, strerror(errno));
    return false;
}

/* As place_claim, with the lock. */
static bool claim_locked(struct place *place, int listener)
{
    const struct sockaddr_un *address = place->address;
    struct stat found;

    if (lstat(address->sun_path, &found) == 0 && S_ISSOCK(found.st_mode)) {
        if (answers_at(address)) {
            fprintf(stderr,
                    "sideseat-store: another sideseat-store listens at %s; end that one first, or "
                    "give this one a path of its own\n",
                    address->sun_path);
            return false;
        }
        unlink(address->sun_path);
    }
    /* the umask leaves it to this user alone */
    if (bind(listener, (const struct sockaddr *)address, sizeof *address) != 0)
        return failed("make the socket", address);
    if (lstat(address->sun_path, &place->socket) != 0 || listen(listener, BACKLOG) != 0)
        return failed("listen on", address);
    return true;
}

bool place_claim(struct place *place, int listener)
{
    int lock = acquire_lock(place->address);
    bool taken = lock >= 0 && claim_locked(place, listener);

    if (lock >= 0)
        close(lock);
    return taken;
}

void place_leave(struct place *place)
{
    const char *path = place->address->sun_path;
    int lock = acquire_lock(place->address);
    struct stat found;

    if (lock < 0)
        return; /* a socket that is left is taken over by the next */
    if (lstat(path, &found) == 0 && found.st_dev == place->socket.st_dev &&
        found.st_ino == place->socket.st_ino)
        unlink(path);
    close(lock);
}
