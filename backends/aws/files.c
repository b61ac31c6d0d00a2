/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/log.h"

static void fd_close(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

#define AUTO_FD __attribute__((cleanup(fd_close))) int

static enum store_err file_fill(int fd, const char *path, struct store_secret *out)
{
    enum store_err err = store_secret_read(out, fd, AWS_FILE_MAX);

    if (err == STORE_OK || err == STORE_NO_MEMORY)
        return err;
    if (err == STORE_TOO_BIG)
        store_log(STORE_LOG_ERROR, "aws: %s is larger than %zu bytes, which no file of its kind is",
                  path, AWS_FILE_MAX);
    else
        store_log(STORE_LOG_ERROR, "aws: %s cannot be read: %s", path, strerror(errno));
    return STORE_AUTH;
}

enum store_err aws_file_read(const char *path, struct store_secret *out)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return STORE_NOT_FOUND;
    if (fd < 0 || fstat(fd, &status) != 0) {
        store_log(STORE_LOG_ERROR, "aws: %s cannot be opened: %s", path, strerror(errno));
        return STORE_AUTH;
    }
    if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) {
        store_log(STORE_LOG_ERROR, "aws: %s is not a file; pipes and folders are not read", path);
        return STORE_AUTH;
    }
    return file_fill(fd, path, out);
}

static bool write_whole(int fd, const struct store_secret *content)
{
    size_t at = 0;

    while (at < content->len) {
        ssize_t n = write(fd, content->data + at, content->len - at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        at += (size_t)n;
    }
    return fsync(fd) == 0;
}

enum store_err aws_file_write(const char *path, const struct store_secret *content)
{
    char temporary[AWS_PATH_SIZE + 8];
    bool written;
    int fd;

    (void)snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
    if (fd < 0) {
        store_log(STORE_LOG_ERROR, "aws: %s cannot be replaced: %s", path, strerror(errno));
        return STORE_AUTH;
    }
    written = write_whole(fd, content);
    if (close(fd) == 0 && written && rename(temporary, path) == 0)
        return STORE_OK;
    store_log(STORE_LOG_ERROR, "aws: %s cannot be replaced: %s", path, strerror(errno));
    (void)unlink(temporary);
    return STORE_AUTH;
}

static bool home_dir(char out[AWS_PATH_SIZE])
{
    const char *home = secure_getenv("HOME");
    char buffer[AWS_PATH_SIZE];
    struct passwd entry;
    struct passwd *found = NULL;
    int n;

    if (home == NULL || home[0] != '/') {
        if (getpwuid_r(getuid(), &entry, buffer, sizeof buffer, &found) != 0 || found == NULL)
            return false;
        home = found->pw_dir;
    }
    n = snprintf(out, AWS_PATH_SIZE, "%s", home);
    return n > 0 && n < AWS_PATH_SIZE;
}

enum store_err aws_file_path(const char *variable, const char *below_home, char out[AWS_PATH_SIZE])
{
    const char *set = variable == NULL ? NULL : secure_getenv(variable);
    char home[AWS_PATH_SIZE];
    int n;

    if (set != NULL && set[0] != '\0' && strncmp(set, "~/", 2) != 0) {
        n = snprintf(out, AWS_PATH_SIZE, "%s", set);
        return n > 0 && n < AWS_PATH_SIZE ? STORE_OK : STORE_NOT_FOUND;
    }
    if (!home_dir(home))
        return STORE_NOT_FOUND;
    n = snprintf(out, AWS_PATH_SIZE, "%s/%s", home,
                 set != NULL && set[0] != '\0' ? set + 2 : below_home);
    return n > 0 && n < AWS_PATH_SIZE ? STORE_OK : STORE_NOT_FOUND;
}
