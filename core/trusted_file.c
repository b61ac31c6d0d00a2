/* SPDX-License-Identifier: Apache-2.0 */
#include "store/trusted_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/file.h"
#include "platform/path.h"
#include "platform/remedy.h"
#include "store/descriptor.h"
#include "store/user.h"

#define OTHERS_WRITE (S_IWGRP | S_IWOTH)
#define OTHERS_READ (S_IRGRP | S_IROTH)

__attribute__((format(printf, 2, 3))) static enum store_err distrust(char why[STORE_TRUSTED_WHY],
                                                                     const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, STORE_TRUSTED_WHY, format, arguments);
    va_end(arguments);
    return STORE_BAD_CONF;
}

/* The error for a path that open or stat rejects. */
static enum store_err unreachable(const char *path, char why[STORE_TRUSTED_WHY])
{
    int error = errno;

    /* ENOTDIR means absent, like ENOENT: ~ may be /dev/null */
    if (error == ENOENT || error == ENOTDIR) {
        (void)distrust(why, "%s: cannot be opened: %s", path, strerror(error));
        return STORE_NOT_FOUND;
    }
    (void)distrust(why, "%s: cannot be opened: %s; let this user read it and enter its folder",
                   path, strerror(error));
    if (error == ENOMEM)
        return STORE_NO_MEMORY;
    return error == EACCES || error == EPERM || platform_errno_is_link(error) ? STORE_DENIED
                                                                              : STORE_FAILED;
}

/* A link to nothing was made for a file: that file is missing, not absent. */
static enum store_err dangling(const char *path, char why[STORE_TRUSTED_WHY])
{
    (void)distrust(why,
                   "%s: is a symbolic link to something that does not exist; restore that, or "
                   "remove the link",
                   path);
    return STORE_DENIED;
}

static enum store_err owner_check(const char *path, const struct stat *st,
                                  char why[STORE_TRUSTED_WHY])
{
    struct platform_remedy remedy;

    if (st->st_uid == 0 || (st->st_uid == geteuid() && !store_privileged()))
        return STORE_OK;
    if (store_privileged())
        return distrust(why,
                        "%s: belongs to user %lu; a program with raised privileges trusts root's "
                        "files only; change its owner with: chown root %s",
                        path, (unsigned long)st->st_uid, path);
    return distrust(why,
                    "%s: belongs to user %lu, not to root or to you; change its owner with: %s",
                    path, (unsigned long)st->st_uid, platform_remedy_owner(&remedy, path));
}

static enum store_err mode_check(const char *path, const struct stat *st,
                                 char why[STORE_TRUSTED_WHY])
{
    struct platform_remedy remedy;

    if ((st->st_mode & OTHERS_WRITE) == 0)
        return STORE_OK;
    return distrust(why, "%s: is writable by others; remove that right with: %s", path,
                    platform_remedy_rights(&remedy, "go-w", path));
}

/* Checks that nobody else can replace files in a folder. A sticky bit prevents that, but does
 * not prevent others from creating missing files. */
static enum store_err folder_check(const char *path, char why[STORE_TRUSTED_WHY])
{
    struct stat st;

    if (stat(path, &st) != 0)
        return unreachable(path, why);
    TRY(owner_check(path, &st, why));
    if ((st.st_mode & S_ISVTX) != 0 && !store_privileged())
        return STORE_OK;
    return mode_check(path, &st, why);
}

/* Checks the folder of a path, or all folders above it. */
static enum store_err folders_check(const char *path, bool all, char why[STORE_TRUSTED_WHY])
{
    char *folder = strdup(path);
    enum store_err err = folder == NULL ? STORE_NO_MEMORY : STORE_OK;

    while (err == STORE_OK && platform_path_parent(folder)) {
        err = folder_check(folder, why);
        if (!all)
            break;
    }
    free(folder);
    return err;
}

static bool is_null_device(const struct stat *st)
{
    struct stat null;

    return S_ISCHR(st->st_mode) && stat("/dev/null", &null) == 0 && S_ISCHR(null.st_mode) &&
           st->st_rdev == null.st_rdev;
}

static enum store_err open_check(const char *path, int fd, struct stat *st,
                                 char why[STORE_TRUSTED_WHY])
{
    if (fstat(fd, st) != 0)
        return unreachable(path, why);
    if (is_null_device(st) && !store_privileged())
        return STORE_OK;
    if (!S_ISREG(st->st_mode))
        return distrust(why, "%s: is not a file; put its content into a regular file", path);
    TRY(owner_check(path, st, why));
    return mode_check(path, st, why);
}

/* Checks the path's last component, if it is a link. */
static enum store_err link_check(const char *path, char why[STORE_TRUSTED_WHY])
{
    struct stat st;

    if (lstat(path, &st) != 0)
        return unreachable(path, why);
    if (!S_ISLNK(st.st_mode))
        return STORE_OK; /* the loop is in a folder above */
    if (stat(path, &st) != 0 && errno == ENOENT)
        return dangling(path, why);
    if (lstat(path, &st) != 0)
        return unreachable(path, why);
    if (store_privileged())
        return distrust(why,
                        "%s: is a symbolic link, which a program with raised privileges does not "
                        "follow; put the file itself there",
                        path);
    TRY(owner_check(path, &st, why));
    return folders_check(path, false, why);
}

/* Opens a trusted file; `fd` is -1 on failure. */
static enum store_err trusted_open(const char *path, int *fd, struct stat *st,
                                   char why[STORE_TRUSTED_WHY])
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    enum store_err err;

    why[0] = '\0';
    *fd = store_fd_high(open(path, flags | O_NOFOLLOW));
    if (*fd < 0 && platform_errno_is_link(errno)) {
        TRY(link_check(path, why));
        *fd = store_fd_high(open(path, flags));
    }
    if (*fd < 0 && errno == ENXIO) /* a socket, or a device without a driver */
        return distrust(why, "%s: is not a file; put its content into a regular file", path);
    if (*fd < 0)
        return unreachable(path, why);
    err = open_check(path, *fd, st, why);
    if (err == STORE_OK && store_privileged())
        err = folders_check(path, true, why);
    if (err != STORE_OK) {
        close(*fd);
        *fd = -1;
    }
    return err;
}

static enum store_err content_read(const char *path, int fd, const struct stat *st, size_t most,
                                   struct store_secret *out, char why[STORE_TRUSTED_WHY])
{
    enum store_err err = store_secret_read(out, fd, most);

    if (err == STORE_TOO_BIG)
        (void)distrust(why, "%s: is larger than %zu bytes; check that it is the right file", path,
                       most);
    if (err == STORE_FAILED)
        (void)distrust(why, "%s: cannot be read: %s; fix its permissions", path, strerror(errno));
    if (err != STORE_OK || !S_ISREG(st->st_mode) || out->len == (size_t)st->st_size)
        return err;
    (void)distrust(why, "%s: changed during the read; try again", path);
    store_secret_wipe(out);
    return STORE_FAILED;
}

enum store_err store_trusted_read(const char *path, size_t most, struct store_secret *out,
                                  bool *exposed, char why[STORE_TRUSTED_WHY])
{
    struct stat st;
    enum store_err err;
    int fd;

    store_secret_wipe(out);
    TRY(trusted_open(path, &fd, &st, why));
    if (exposed != NULL)
        *exposed = (st.st_mode & OTHERS_READ) != 0;
    err = content_read(path, fd, &st, most, out, why);
    close(fd);
    return err;
}

enum store_err store_trusted_check(const char *path, char why[STORE_TRUSTED_WHY])
{
    struct stat st;
    int fd;

    TRY(trusted_open(path, &fd, &st, why));
    close(fd);
    return STORE_OK;
}

enum store_err store_trusted_folder(const char *path, char why[STORE_TRUSTED_WHY])
{
    struct stat st;
    enum store_err err;

    why[0] = '\0';
    err = folder_check(path, why);
    if (err == STORE_NOT_FOUND && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
        return dangling(path, why);
    return err;
}

/* Checks the target of a path through any links: the program and all folders above it. */
static enum store_err program_check(const char *path, char why[STORE_TRUSTED_WHY])
{
    struct stat st;

    if (stat(path, &st) != 0)
        return unreachable(path, why);
    if (!S_ISREG(st.st_mode))
        return distrust(why, "%s: is not a program; name another", path);
    TRY(owner_check(path, &st, why));
    TRY(mode_check(path, &st, why));
    return folders_check(path, true, why);
}

enum store_err store_trusted_program(const char *path, char why[STORE_TRUSTED_WHY])
{
    char *real;
    enum store_err err;

    why[0] = '\0';
    real = realpath(path, NULL);
    if (real == NULL)
        return unreachable(path, why);
    err = program_check(real, why);
    /* nobody may redirect the path either */
    if (err == STORE_OK && strcmp(real, path) != 0)
        err = folders_check(path, true, why);
    free(real);
    return err;
}
