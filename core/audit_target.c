/* SPDX-License-Identifier: Apache-2.0 */
#include "core/audit_target.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/append_file.h"
#include "core/audit_daemon.h"
#include "platform/lock.h"
#include "store/descriptor.h"

/* The unit in which the kernel copies a write into its cache. */
#define PAGE 4096

/* How often, a millisecond apart, a batch asks for its turn to write. */
#define LOCK_TRIES 200

void audit_target_init(struct audit_target *target, const char *words)
{
    *target = (struct audit_target){.path = words, .fd = -1};
    if (strcmp(words, "syslog") == 0)
        target->kind = AUDIT_TO_SYSLOG;
    if (strcmp(words, "journal") == 0)
        target->kind = AUDIT_TO_JOURNAL;
}

void audit_target_close(struct audit_target *target)
{
    if (target->fd >= 0)
        close(target->fd);
    target->fd = -1;
}

/* True if the path still leads to the open file: not after a rotation. */
static bool is_in_place(const struct audit_target *target)
{
    struct stat opened;
    struct stat there;

    return fstat(target->fd, &opened) == 0 && stat(target->path, &there) == 0 &&
           opened.st_dev == there.st_dev && opened.st_ino == there.st_ino;
}

const char *audit_target_open(struct audit_target *target)
{
    if (target->kind != AUDIT_TO_FILE)
        return target->fd >= 0 ? NULL : audit_daemon_open(target);
    if (target->fd >= 0 && is_in_place(target))
        return NULL;
    audit_target_close(target);
    return append_file_open(target->path, O_RDWR, &target->fd);
}

/* The end of the file, and whether a line there was cut short: by a full disk, or in a process that
 * was killed. */
static off_t find_end(const struct audit_target *target, bool *cut)
{
    struct stat st;
    char last = '\n';

    *cut = false;
    if (fstat(target->fd, &st) != 0 || st.st_size <= 0)
        return 0;
    *cut = pread(target->fd, &last, 1, st.st_size - 1) == 1 && last != '\n';
    return st.st_size;
}

/* The length of the next write. A kill can end a write between two pages of the file, so one that
 * has several lines stays within a page. */
static size_t next_len(const char *lines, size_t len, off_t end)
{
    size_t room = PAGE - (size_t)(end % PAGE);
    const char *last = memrchr(lines, '\n', room < len ? room : len);

    if (last == NULL)
        last = memchr(lines, '\n', len);
    return last == NULL ? len : (size_t)(last + 1 - lines);
}

/* Takes the turn to write, so that no line of another process is half written meanwhile. One that
 * was stopped during its turn is not waited for. */
static bool lock(int fd)
{
    const struct timespec pause = {.tv_nsec = 1000000};

    for (int i = 0; i < LOCK_TRIES; i++) {
        int number = platform_lock_whole(fd);
        if (number == 0)
            return true;
        if (number != EAGAIN)
            return false; /* a system or a file system without such locks */
        nanosleep(&pause, NULL);
    }
    return false;
}

/* A line that was cut short ends before the next one begins. */
static const char *file_write(struct audit_target *target, const char *lines, size_t len,
                              size_t count, size_t *lost)
{
    bool cut;
    bool locked = lock(target->fd);
    off_t end = find_end(target, &cut);
    int error = cut && locked ? store_fd_write(target->fd, "\n", 1, NULL) : 0;
    size_t at = 0;

    end += cut && locked;
    while (error == 0 && at < len) {
        size_t done = 0;
        error = store_fd_write(target->fd, lines + at, next_len(lines + at, len - at, end), &done);
        at += done;
        end += (off_t)done;
    }
    if (locked)
        platform_unlock_whole(target->fd);
    if (error == 0)
        return NULL;
    *lost = count;
    for (size_t i = 0; i < at; i++)
        *lost -= lines[i] == '\n';
    return strerror(error);
}

const char *audit_target_write(struct audit_target *target, const char *lines, size_t len,
                               size_t count, size_t *lost)
{
    *lost = 0;
    if (target->kind == AUDIT_TO_FILE)
        return file_write(target, lines, len, count, lost);
    return audit_daemon_write(target, lines, len, lost);
}
