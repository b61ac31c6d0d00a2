/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/log.h"
#include "store/time.h"

#define TEMP_NAME FILE_NAME ".new" /* sideseat's own is secrets.json.tmp */

/* Writes everything; 0 or errno. */
static int write_bytes(int fd, const struct store_secret *text)
{
    size_t used = 0;

    while (used < text->len) {
        ssize_t n = write(fd, text->data + used, text->len - used);
        if (n < 0 && errno != EINTR)
            return errno;
        if (n > 0)
            used += (size_t)n;
    }
    return 0;
}

/* Fills the new file and makes it durable; 0 or errno. */
static int fill(int fd, const struct store_secret *text)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {0}};
    int number = write_bytes(fd, text);

    if (number != 0)
        return number;
    /* Whatever the umask was. */
    if (fchmod(fd, 0600) != 0)
        return errno;
    /* The kernel's own stamp is the same for some milliseconds; see struct file_identity. */
    clock_gettime(CLOCK_REALTIME, &times[1]);
    if (futimens(fd, times) != 0 || fsync(fd) != 0)
        return errno;
    return 0;
}

/* The new file under its temporary name. One that is there was left by a writer that was killed:
 * we hold the lock. */
static int open_temp(int folder)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    int fd = openat(folder, TEMP_NAME, flags, 0600);

    if (fd < 0 && errno == EEXIST && unlinkat(folder, TEMP_NAME, 0) == 0)
        fd = openat(folder, TEMP_NAME, flags, 0600);
    return fd;
}

/* What the file is after the rename, which changed ctime only. If anything else differs, somebody
 * wrote to it already, and an identity that no file has makes the next reader look. */
static void identify(int fd, const struct stat *before, struct file_identity *out)
{
    struct stat after;

    if (fstat(fd, &after) == 0 && after.st_size == before->st_size &&
        after.st_mtim.tv_sec == before->st_mtim.tv_sec &&
        after.st_mtim.tv_nsec == before->st_mtim.tv_nsec)
        file_identity_of(&after, out);
    else
        *out = (struct file_identity){.error = -1};
}

static enum store_err sync_folder(const struct file_place *place, int folder)
{
    /* EINVAL: a file system that has no such thing. */
    if (fsync(folder) == 0 || errno == EINVAL)
        return STORE_OK;
    store_log(STORE_LOG_ERROR,
              "file: %s was written, but may not survive a power cut: syncing its folder failed: "
              "%s; look at the disk",
              place->path, strerror(errno));
    return STORE_UNAVAILABLE;
}

enum store_err file_replace_write(const struct file_place *place, const struct file_lock *lock,
                                  const struct store_secret *text, int *fd)
{
    int number;

    *fd = open_temp(lock->folder);
    if (*fd < 0)
        return file_failed(place, "create", TEMP_NAME, errno);
    number = fill(*fd, text);
    return number == 0 ? STORE_OK : file_failed(place, "write", TEMP_NAME, number);
}

enum store_err file_replace_swap(const struct file_place *place, const struct file_lock *lock,
                                 int fd, const struct file_identity *base,
                                 struct file_identity *identity)
{
    struct file_identity now;
    struct stat st;

    if (fstat(fd, &st) != 0)
        return file_failed(place, "look at", TEMP_NAME, errno);
    file_place_look(place, &now);
    if (!file_identity_equal(&now, base))
        return STORE_CONFLICT;
    if (renameat(lock->folder, TEMP_NAME, lock->folder, FILE_NAME) != 0)
        return file_failed(place, "replace", FILE_NAME, errno);
    identify(fd, &st, identity);
    return STORE_OK;
}

void file_replace_end(const struct file_lock *lock, int fd, bool swapped)
{
    if (fd < 0)
        return;
    close(fd);
    if (!swapped)
        (void)unlinkat(lock->folder, TEMP_NAME, 0);
}

enum store_err file_replace_sync(const struct file_place *place, const struct file_lock *lock)
{
    return sync_folder(place, lock->folder);
}

/* Renames, but never onto something. */
static int move_file(int folder, const char *name)
{
    if (renameat2(folder, FILE_NAME, folder, name, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    /* A file system that cannot: link(2) does not replace either. */
    if (linkat(folder, FILE_NAME, folder, name, 0) != 0)
        return -1;
    return unlinkat(folder, FILE_NAME, 0);
}

enum store_err file_set_aside(const struct file_place *place, const struct file_lock *lock,
                              const char *suffix, bool keep)
{
    char name[128];
    int done = -1;

    errno = EEXIST;
    for (int i = 0; done != 0 && errno == EEXIST && i < 1000; i++) {
        if (i == 0)
            snprintf(name, sizeof name, "%s.%s", FILE_NAME, suffix);
        else
            snprintf(name, sizeof name, "%s.%s.%d", FILE_NAME, suffix, i);
        done = keep ? linkat(lock->folder, FILE_NAME, lock->folder, name, 0)
                    : move_file(lock->folder, name);
    }
    if (done != 0)
        return file_failed(place, "set aside", FILE_NAME, errno);
    store_log(STORE_LOG_WARNING, "file: what %s held is kept as %s/%s", place->path, place->folder,
              name);
    return sync_folder(place, lock->folder);
}
