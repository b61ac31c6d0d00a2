/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/json.h"
#include "platform/file.h"
#include "platform/path.h"
#include "platform/remedy.h"
#include "store/descriptor.h"
#include "store/log.h"
#include "store/time.h"

/* Twice the longest tick a kernel is built with (100 Hz). */
#define TICK_NS (20 * STORE_TIME_MS)

/* How often a read begins again because the file changes meanwhile. */
#define READ_ATTEMPTS 20

enum store_err file_place_init(struct file_place *place, const char *folder)
{
    place->folder = strdup(folder);
    if (place->folder == NULL || asprintf(&place->path, "%s/%s", folder, FILE_NAME) < 0) {
        place->path = NULL;
        file_place_clear(place);
        return STORE_NO_MEMORY;
    }
    return STORE_OK;
}

void file_place_clear(struct file_place *place)
{
    free(place->folder);
    free(place->path);
    *place = (struct file_place){0};
}

void file_identity_of(const struct stat *st, struct file_identity *out)
{
    *out = (struct file_identity){
        .device = (uint64_t)st->st_dev,
        .inode = (uint64_t)st->st_ino,
        .size = (int64_t)st->st_size,
        .mtime_ns = (int64_t)st->st_mtim.tv_sec * STORE_TIME_S + st->st_mtim.tv_nsec,
        .ctime_ns = (int64_t)st->st_ctim.tv_sec * STORE_TIME_S + st->st_ctim.tv_nsec,
        .exposed = (st->st_mode & (S_IRGRP | S_IROTH)) != 0,
    };
}

void file_place_stat(const struct file_place *place, struct file_identity *out)
{
    struct stat st;

    if (lstat(place->path, &st) == 0)
        file_identity_of(&st, out);
    else
        *out = (struct file_identity){.error = errno};
}

bool file_identity_equal(const struct file_identity *a, const struct file_identity *b)
{
    return a->inode == b->inode && a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns &&
           a->size == b->size && a->device == b->device && a->error == b->error;
}

bool file_identity_settled(const struct file_identity *identity, int64_t when_ns)
{
    /* The kernel stamps both times alike; a file of ours has an mtime that was set by hand, and a
     * write in place would make it like the other. */
    return identity->error != 0 || identity->mtime_ns != identity->ctime_ns ||
           when_ns - identity->mtime_ns > TICK_NS;
}

/* The error for an errno of a call on the file system. */
static enum store_err file_errno(int number)
{
    if (platform_errno_is_link(number))
        return STORE_UNAVAILABLE;
    switch (number) {
    case EACCES:
    case EPERM:
        return STORE_DENIED;
    case EROFS:
        return STORE_READ_ONLY;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return STORE_FULL;
    case ENOMEM:
        return STORE_NO_MEMORY;
    case ENOTDIR:
    case EISDIR:
        return STORE_UNAVAILABLE;
    default:
        return STORE_FAILED;
    }
}

static const char *remedy_for(enum store_err err)
{
    switch (err) {
    case STORE_DENIED:
        return "give this user the right to, or set SIDESEAT_DATA_DIR to a folder of its own";
    case STORE_READ_ONLY:
        return "the file system is mounted read-only; secrets can be read, not changed";
    case STORE_FULL:
        return "make room on that file system; nothing has changed";
    case STORE_UNAVAILABLE:
        return "a part of this path is of the wrong kind";
    default:
        return "nothing was changed";
    }
}

__attribute__((format(printf, 2, 3))) static void say(char out[256], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(out, 256, format, args);
    va_end(args);
}

/* Describes the failure of `what` on folder/`name`. */
static enum store_err describe(struct file_trouble *trouble, const struct file_place *place,
                               const char *what, const char *name, int number)
{
    enum store_err err = file_errno(number);

    say(trouble->why, "cannot %s %s%s%s: %s", what, place->folder, name == NULL ? "" : "/",
        name == NULL ? "" : name, strerror(number));
    say(trouble->remedy, "%s", remedy_for(err));
    return err;
}

enum store_err file_failed(const struct file_place *place, const char *what, const char *name,
                           int number)
{
    struct file_trouble trouble;
    enum store_err err = describe(&trouble, place, what, name, number);

    store_log(STORE_LOG_ERROR, "file: %s; %s", trouble.why, trouble.remedy);
    return err;
}

static const char *kind_of(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a folder";
    return S_ISLNK(mode) ? "a symbolic link" : "something special";
}

/* Checks that the file may be used; else describes the reason. */
static enum store_err check(const struct file_place *place, const struct stat *st,
                            struct file_trouble *trouble)
{
    const char *path = place->path;
    struct platform_remedy remedy;

    if (!S_ISREG(st->st_mode)) {
        say(trouble->why, "%s is %s, not a file, and is left alone", path, kind_of(st->st_mode));
        say(trouble->remedy, "move it away, or set SIDESEAT_DATA_DIR to another folder");
        return STORE_UNAVAILABLE;
    }
    if (st->st_uid != geteuid()) {
        say(trouble->why, "%s belongs to user %lu, not to user %lu, and is not used", path,
            (unsigned long)st->st_uid, (unsigned long)geteuid());
        say(trouble->remedy, "make it this user's with: %s", platform_remedy_owner(&remedy, path));
        return STORE_DENIED;
    }
    if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        say(trouble->why, "%s may be written by others and is not used", path);
        say(trouble->remedy, "check that it is as you left it, then close it to others with: %s",
            platform_remedy_rights(&remedy, "go-rwx", path));
        return STORE_DENIED;
    }
    return STORE_OK;
}

/* Takes the right to write from everybody but the folder's owner, which is this user. */
static int close_folder(const char *folder)
{
    int fd = store_fd_high(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat st;
    int done = -1;

    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && st.st_uid == geteuid())
        done = fchmod(fd, st.st_mode & 07777 & ~(mode_t)(S_IWGRP | S_IWOTH));
    close(fd);
    return done;
}

enum store_err file_place_check_folder(const struct file_place *place, struct file_trouble *trouble)
{
    const char *folder = place->folder;
    struct platform_remedy remedy;
    struct stat st;

    if (stat(folder, &st) != 0) {
        if (errno != ENOENT)
            return describe(trouble, place, "look at", NULL, errno);
        if (lstat(folder, &st) != 0)
            return STORE_OK;
        /* perhaps a volume is not mounted: that does not mean that the secrets are absent */
        say(trouble->why, "%s is a link to a folder that does not exist", folder);
        say(trouble->remedy, "mount or make that folder, or remove the link");
        return STORE_UNAVAILABLE;
    }
    if (!S_ISDIR(st.st_mode))
        return describe(trouble, place, "open", NULL, ENOTDIR);
    if (st.st_uid != geteuid() && st.st_uid != 0) {
        say(trouble->why, "%s belongs to user %lu, who could replace its files, and is not used",
            folder, (unsigned long)st.st_uid);
        say(trouble->remedy, "make it this user's with: %s",
            platform_remedy_owner(&remedy, folder));
        return STORE_DENIED;
    }
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
        return STORE_OK;
    /* A folder with the sticky bit, such as /tmp, is meant to be everybody's: others could put a
     * file there first, but it is not ours to close. */
    if (st.st_uid == geteuid() && (st.st_mode & S_ISVTX) == 0 && close_folder(folder) == 0) {
        store_log(STORE_LOG_WARNING,
                  "file: others could write to the folder %s; that right has been removed; check "
                  "that its secrets are as you left them",
                  folder);
        return STORE_OK;
    }
    say(trouble->why, "others may write to the folder %s, which is not used", folder);
    if ((st.st_mode & S_ISVTX) != 0)
        say(trouble->remedy, "set SIDESEAT_DATA_DIR to a folder of this user's own");
    else
        say(trouble->remedy,
            "check that its secrets are as you left them, then close it to others with: %s",
            platform_remedy_rights(&remedy, "go-w", folder));
    return STORE_DENIED;
}

void file_place_check_above(const struct file_place *place)
{
    struct platform_remedy remedy;
    char path[4096];
    struct stat st;

    if (snprintf(path, sizeof path, "%s", place->folder) >= (int)sizeof path)
        return;
    while (platform_path_parent(path)) {
        if (stat(path, &st) != 0 || (st.st_mode & S_IWOTH) == 0 || (st.st_mode & S_ISVTX) != 0)
            continue;
        store_log(STORE_LOG_WARNING,
                  "file: anybody may write to %s, and so put another folder in the place of %s; "
                  "change that with: %s",
                  path, place->folder, platform_remedy_rights(&remedy, "o-w", path));
    }
}

/* Reads `size` bytes, or fewer if the file ends before. */
static enum store_err read_bytes(const struct file_place *place, int fd, size_t size,
                                 struct store_secret *out, struct file_trouble *trouble)
{
    unsigned char *bytes;
    size_t used = 0;

    store_secret_wipe(out);
    if (size == 0)
        return STORE_OK;
    TRY(store_secret_resize(out, size, &bytes));
    while (used < size) {
        ssize_t n = store_fd_read(fd, bytes + used, size - used);
        if (n < 0)
            return describe(trouble, place, "read", FILE_NAME, errno);
        if (n == 0)
            break;
        used += (size_t)n;
    }
    return used == size ? STORE_OK : store_secret_resize(out, used, &bytes);
}

/* Reads an open file, in the state of one moment. */
static enum store_err read_open(const struct file_place *place, int fd, struct store_secret *out,
                                struct file_identity *identity, struct file_trouble *trouble)
{
    struct file_identity after;
    struct stat st;

    if (fstat(fd, &st) != 0)
        return describe(trouble, place, "look at", FILE_NAME, errno);
    file_identity_of(&st, identity);
    TRY(check(place, &st, trouble));
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        if (st.st_size < 0 || (uint64_t)st.st_size > JSON_TEXT_MAX) {
            say(trouble->why, "%s has %lld bytes; the limit is %zu", place->path,
                (long long)st.st_size, JSON_TEXT_MAX);
            say(trouble->remedy, "it is left as it is; move it away");
            return STORE_CORRUPT;
        }
        if (lseek(fd, 0, SEEK_SET) != 0)
            return describe(trouble, place, "read", FILE_NAME, errno);
        TRY(read_bytes(place, fd, (size_t)st.st_size, out, trouble));
        if (fstat(fd, &st) != 0)
            return describe(trouble, place, "look at", FILE_NAME, errno);
        file_identity_of(&st, &after);
        if (file_identity_equal(identity, &after) && out->len == (size_t)st.st_size)
            return STORE_OK;
        *identity = after;
    }
    say(trouble->why, "a program keeps writing to %s", place->path);
    say(trouble->remedy, "try again when that program is done");
    return STORE_UNAVAILABLE;
}

enum store_err file_place_read(const struct file_place *place, struct store_secret *out,
                               struct file_identity *identity, struct file_trouble *trouble)
{
    struct stat st;
    enum store_err err;
    int fd;

    file_place_stat(place, identity);
    if (identity->error != 0 && identity->error != ENOENT)
        return describe(trouble, place, "look at", FILE_NAME, (int)identity->error);
    /* Also stats the name, so that a file that cannot be opened is reported by its kind. */
    if (lstat(place->path, &st) == 0 && !S_ISREG(st.st_mode))
        return check(place, &st, trouble);
    TRY(file_place_check_folder(place, trouble));
    if (identity->error == ENOENT)
        return STORE_NOT_FOUND;
    fd =
        store_fd_high(open(place->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
    if (fd < 0 && errno == ENOENT) {
        *identity = (struct file_identity){.error = ENOENT};
        return STORE_NOT_FOUND;
    }
    if (fd < 0)
        return describe(trouble, place, "open", FILE_NAME, errno);
    err = read_open(place, fd, out, identity, trouble);
    close(fd);
    if (err != STORE_OK)
        store_secret_wipe(out);
    return err;
}
