/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "platform/lock.h"
#include "platform/path.h"
#include "store/descriptor.h"
#include "store/log.h"
#include "store/time.h"

#define LOCK_NAME FILE_NAME ".lock"

/*
 * Byte HELD of the lock file is the lock. A wait with a deadline must poll, which is unfair: a
 * process that writes in a loop has the lock back before any other polls. So a process that has
 * waited for long climbs a ladder of more bytes: it enters above all others and holds its step
 * until it has the one below, so that nobody overtakes. While the ladder is in use, other processes
 * leave HELD alone. Not from the beginning, because a queue that wakes each process for its turn is
 * slow. With more than LADDER processes on it, luck decides again.
 *
 * Where a file has one lock for all its bytes, the ladder has one step, which is another file. Its
 * name has the lock file's inode, because a ladder belongs to one lock file; its user removes it,
 * or else the search for stale temporary files.
 */
#define QUEUE_NAME FILE_NAME ".new.queue."
#define QUEUE_SIZE (sizeof QUEUE_NAME + 20)
#define HELD 0
#define LADDER 64

#define PATIENCE_NS (200 * STORE_TIME_MS)
#define PAUSE_FOR_HELD_NS 100000
#define PAUSE_NS 300000

/* Makes a folder and sets its mode, which the umask may have reduced. */
static int make_folder(const char *path)
{
    if (mkdir(path, 0700) == 0)
        return chmod(path, 0700);
    return errno == EEXIST ? 0 : -1;
}

/* Makes a folder and the missing ones above it. */
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
        if (!platform_path_is_separator(path[i]) && path[i] != '\0')
            continue;
        path[i] = '\0';
        if (make_folder(path) != 0)
            return -1;
        path[i] = folder[i];
    }
    return 0;
}

static enum store_err open_folder(const struct file_place *place, int *out)
{
    struct file_trouble trouble;
    enum store_err err = file_place_check_folder(place, &trouble);

    if (err != STORE_OK) {
        store_log(STORE_LOG_ERROR, "file: %s; %s", trouble.why, trouble.remedy);
        return err;
    }
    *out = store_fd_high(open(place->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (*out < 0 && errno == ENOENT) {
        if (make_folders(place->folder) != 0)
            return file_failed(place, "make", NULL, errno);
        *out = store_fd_high(open(place->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }
    return *out >= 0 ? STORE_OK : file_failed(place, "open", NULL, errno);
}

/* True if an open file still has that name. */
static bool still_named(int folder, const char *name, int flags, int fd)
{
    struct stat open_st;
    struct stat named;

    return fstat(fd, &open_st) == 0 && fstatat(folder, name, &named, flags) == 0 &&
           open_st.st_ino == named.st_ino && open_st.st_dev == named.st_dev;
}

bool file_lock_stands(const struct file_place *place, const struct file_lock *lock)
{
    return still_named(lock->folder, LOCK_NAME, AT_SYMLINK_NOFOLLOW, lock->fd) &&
           still_named(AT_FDCWD, place->folder, 0, lock->folder);
}

/* Opens the one step of a ladder that is another file, and gives its name. */
static int open_queue(int folder, int lock, int flags, char name[QUEUE_SIZE])
{
    struct stat st;

    if (fstat(lock, &st) != 0)
        return -1;
    (void)snprintf(name, QUEUE_SIZE, QUEUE_NAME "%" PRIuMAX, (uintmax_t)st.st_ino);
    return store_fd_high(openat(folder, name, flags | O_CLOEXEC | O_NOFOLLOW, 0600));
}

/* True if another process is on the ladder from step `lowest` up. */
static bool occupied(int folder, int fd, off_t lowest)
{
    char name[QUEUE_SIZE];
    bool taken;
    int queue;

    if (platform_lock_has_bytes)
        return platform_lock_is_taken(fd, lowest, LADDER);
    queue = open_queue(folder, fd, O_RDONLY, name);
    if (queue < 0)
        return false;
    taken = platform_lock_is_taken(queue, HELD, HELD);
    close(queue);
    return taken;
}

static void pause_for(long ns)
{
    struct timespec pause = {.tv_nsec = ns};

    nanosleep(&pause, NULL);
}

/* Locks a byte: 0, EAGAIN if that was not possible until the deadline, or another errno. */
static int wait_for(int fd, off_t byte, int64_t deadline_ns)
{
    int number;

    while ((number = platform_lock_try(fd, byte)) == EAGAIN) {
        if (store_time_monotonic() >= deadline_ns)
            return EAGAIN;
        pause_for(byte == HELD ? PAUSE_FOR_HELD_NS : PAUSE_NS);
    }
    return number;
}

/* Locks HELD when it is free and the ladder is empty; as wait_for. */
static int wait_off_ladder(int folder, int fd, int64_t until_ns)
{
    int number;

    for (;;) {
        number = occupied(folder, fd, 1) ? EAGAIN : platform_lock_try(fd, HELD);
        if (number != EAGAIN || store_time_monotonic() >= until_ns)
            return number;
        pause_for(PAUSE_NS);
    }
}

/* Locks HELD after all processes on the ladder; as wait_for. */
static int wait_on_ladder(int folder, int fd, int64_t deadline_ns)
{
    off_t step = LADDER;
    int number;

    while (step > 1 && !occupied(folder, fd, step / 2))
        step /= 2;
    for (number = wait_for(fd, step, deadline_ns); number == 0 && step > HELD; step--) {
        number = wait_for(fd, step - 1, deadline_ns);
        platform_lock_drop(fd, step);
    }
    return number;
}

/* The same where the ladder is another file. */
static int wait_in_queue(int folder, int fd, int64_t deadline_ns)
{
    char name[QUEUE_SIZE];
    int queue = open_queue(folder, fd, O_RDWR | O_CREAT, name);
    int number;

    if (queue < 0)
        return errno;
    number = wait_for(queue, HELD, deadline_ns);
    if (number == 0) {
        number = wait_for(fd, HELD, deadline_ns);
        (void)unlinkat(folder, name, 0);
        platform_lock_drop(queue, HELD);
    }
    close(queue);
    return number;
}

/* Locks HELD; as wait_for. */
static int wait_in_turn(int folder, int fd, int64_t deadline_ns)
{
    int64_t now = store_time_monotonic();
    int64_t patience = (deadline_ns - now) / 4;
    int number =
        wait_off_ladder(folder, fd, now + (patience < PATIENCE_NS ? patience : PATIENCE_NS));

    if (number != EAGAIN)
        return number;
    return platform_lock_has_bytes ? wait_on_ladder(folder, fd, deadline_ns)
                                   : wait_in_queue(folder, fd, deadline_ns);
}

/* Opens the lock file. If it is ours and we may not open it, a umask took the right away when it
 * was made, a moment ago or by an older version. */
static int open_lock(int folder)
{
    const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;
    int fd = store_fd_high(openat(folder, LOCK_NAME, flags, 0600));
    int number = errno;
    struct stat st;

    if (fd < 0 && number == EACCES && fstatat(folder, LOCK_NAME, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISREG(st.st_mode) && st.st_uid == geteuid() && fchmodat(folder, LOCK_NAME, 0600, 0) == 0)
        fd = store_fd_high(openat(folder, LOCK_NAME, flags, 0600));
    if (fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 07777) != 0600 && st.st_uid == geteuid())
        (void)fchmod(fd, 0600);
    errno = number;
    return fd;
}

/* Opens the lock file and locks it; as wait_for. */
static int acquire(int folder, int64_t deadline_ns, int *out)
{
    int fd = open_lock(folder);
    int number;

    if (fd < 0)
        return errno;
    number = wait_in_turn(folder, fd, deadline_ns);
    *out = fd;
    if (number != 0)
        close(fd);
    return number;
}

/* Unlock, not only close: a child that was forked meanwhile shares the description and so the lock.
 */
static void release(int fd)
{
    platform_lock_drop(fd, HELD);
    close(fd);
}

enum store_err file_lock_acquire(const struct file_place *place, int64_t deadline_ns,
                                 struct file_lock *out)
{
    int number;

    TRY(open_folder(place, &out->folder));
    number = acquire(out->folder, deadline_ns, &out->fd);
    while (number == 0 && !still_named(out->folder, LOCK_NAME, AT_SYMLINK_NOFOLLOW, out->fd)) {
        release(out->fd);
        number = acquire(out->folder, deadline_ns, &out->fd);
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

enum store_err file_lock_renew(const struct file_place *place, int64_t deadline_ns,
                               struct file_lock *lock)
{
    struct file_lock fresh;

    if (file_lock_stands(place, lock))
        return STORE_OK;
    TRY(file_lock_acquire(place, deadline_ns, &fresh));
    file_lock_drop(lock);
    *lock = fresh;
    return STORE_OK;
}

enum store_err file_lock_guard(const struct file_place *place, const struct file_lock *lock,
                               int64_t deadline_ns)
{
    /* Any other errno: the system or the file system cannot do it. */
    while (platform_lock_whole(lock->folder) == EAGAIN) {
        if (store_time_monotonic() > deadline_ns) {
            store_log(STORE_LOG_ERROR,
                      "file: another process has held the folder %s for too long; find it with: "
                      "fuser %s",
                      place->folder, place->folder);
            return STORE_TIMEOUT;
        }
        pause_for(PAUSE_FOR_HELD_NS);
    }
    return STORE_OK;
}

/* Unlock, not only close, as for the lock file. */
void file_lock_unguard(const struct file_lock *lock)
{
    platform_unlock_whole(lock->folder);
}

int file_lock_try(int fd)
{
    return platform_lock_try(fd, HELD);
}
