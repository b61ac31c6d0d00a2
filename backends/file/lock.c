/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/log.h"
#include "store/time.h"

#define LOCK_NAME FILE_NAME ".lock"

/*
 * Two bytes of the lock file are locked, because trying again and again is the only way to wait
 * with a deadline, and is unfair: a process that writes in a loop has the lock back before any
 * other looks. So whoever wants HELD first takes NEXT and keeps it until HELD is his. One process
 * at a time tries for HELD, often; who has just had it must queue for NEXT behind that one.
 */
enum lock_byte { HELD, NEXT };

#define PAUSE_FOR_HELD_NS 100000
#define PAUSE_FOR_NEXT_NS 1000000

/* Makes a folder and those above it that are missing. */
static int make_folders(const char *folder)
{
    char path[4096];
    size_t len = strlen(folder);

    if (len >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(path, folder, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        path[i] = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return -1;
        path[i] = folder[i];
    }
    return 0;
}

static enum store_err open_folder(const struct file_place *place, int *out)
{
    *out = open(place->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*out < 0 && errno == ENOENT) {
        if (make_folders(place->folder) != 0)
            return file_failed(place, "make", NULL, errno);
        *out = open(place->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    return *out >= 0 ? STORE_OK : file_failed(place, "open", NULL, errno);
}

/* Whether the lock file that is open is still the one with that name: somebody may have deleted
 * it, and then others lock another. */
static bool still_named(int folder, int fd)
{
    struct stat open_st;
    struct stat named;

    return fstat(fd, &open_st) == 0 &&
           fstatat(folder, LOCK_NAME, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           open_st.st_ino == named.st_ino && open_st.st_dev == named.st_dev;
}

static int set_lock(int fd, enum lock_byte byte, short type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)byte, .l_len = 1};

    if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
        return 0;
    return errno == EACCES ? EAGAIN : errno;
}

/* Locks a byte: 0, EAGAIN if that was not possible until the deadline, or another errno. */
static int wait_for(int fd, enum lock_byte byte, int64_t deadline_ns)
{
    long longest = byte == HELD ? PAUSE_FOR_HELD_NS : PAUSE_FOR_NEXT_NS;
    int number;

    while ((number = set_lock(fd, byte, F_WRLCK)) == EAGAIN) {
        /* Not all at the same moment. */
        struct timespec pause = {.tv_nsec = longest / 2 + store_time_monotonic() % longest};
        if (store_time_monotonic() >= deadline_ns)
            return EAGAIN;
        nanosleep(&pause, NULL);
    }
    return number;
}

/* Opens the lock file and locks it; as wait_for. */
static int take(int folder, int64_t deadline_ns, int *out)
{
    int fd = openat(folder, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    int number;

    if (fd < 0)
        return errno;
    number = wait_for(fd, NEXT, deadline_ns);
    if (number == 0)
        number = wait_for(fd, HELD, deadline_ns);
    /* Not only by closing: a child that was forked meanwhile has the description, and its locks. */
    (void)set_lock(fd, NEXT, F_UNLCK);
    *out = fd;
    if (number != 0)
        close(fd);
    return number;
}

static void release(int fd)
{
    (void)set_lock(fd, HELD, F_UNLCK); /* see take */
    close(fd);
}

enum store_err file_lock_take(const struct file_place *place, int64_t deadline_ns,
                              struct file_lock *out)
{
    int number;

    TRY(open_folder(place, &out->folder));
    number = take(out->folder, deadline_ns, &out->fd);
    while (number == 0 && !still_named(out->folder, out->fd)) {
        release(out->fd);
        number = take(out->folder, deadline_ns, &out->fd);
    }
    if (number == 0)
        return STORE_OK;
    close(out->folder);
    if (number != EAGAIN)
        return file_failed(place, "lock", LOCK_NAME, number);
    store_log(STORE_LOG_ERROR,
              "file: other processes have held %s/%s for too long; find them with: fuser %s/%s",
              place->folder, LOCK_NAME, place->folder, LOCK_NAME);
    return STORE_TIMEOUT;
}

void file_lock_drop(struct file_lock *lock)
{
    release(lock->fd);
    close(lock->folder);
}
