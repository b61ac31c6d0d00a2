/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/aws/crypto.h"
#include "platform/file.h"
#include "store/descriptor.h"
#include "store/log.h"
#include "store/time.h"
#include "store/trusted_file.h"
#include "store/user.h"

/* How long another program may keep a file from being replaced. */
#define REPLACE_NS STORE_TIME_S

enum store_err aws_file_read(const char *path, bool named, struct store_secret *out)
{
    char why[STORE_TRUSTED_WHY];
    enum store_err err = store_trusted_read(path, AWS_FILE_MAX, out, NULL, why);

    if (err == STORE_OK || err == STORE_NO_MEMORY || err == STORE_NOT_FOUND)
        return err;
    if (err == STORE_DENIED && !named) {
        store_log(STORE_LOG_WARNING, "aws: %s, or set HOME; it is left out", why);
        return STORE_NOT_FOUND;
    }
    store_log(STORE_LOG_ERROR, "aws: %s", why);
    return STORE_AUTH;
}

enum store_err aws_file_write(const char *path, const struct store_secret *content)
{
    char temporary[AWS_PATH_SIZE + AWS_UUID_SIZE];
    char uuid[AWS_UUID_SIZE];
    int error;
    int fd;

    TRY(aws_uuid(uuid));
    (void)snprintf(temporary, sizeof temporary, "%s.%s", path, uuid);
    fd = store_fd_high(open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (fd < 0) {
        store_log(STORE_LOG_ERROR, "aws: %s cannot be replaced: %s", path, strerror(errno));
        return STORE_AUTH;
    }
    error = store_fd_write(fd, content->data, content->len, NULL);
    if (error == 0 && fsync(fd) != 0)
        error = errno;
    if (close(fd) != 0 && error == 0)
        error = errno;
    if (error == 0 &&
        platform_rename_over(AT_FDCWD, temporary, path, store_time_monotonic() + REPLACE_NS) == 0)
        return STORE_OK;
    store_log(STORE_LOG_ERROR, "aws: %s cannot be replaced: %s", path,
              strerror(error != 0 ? error : errno));
    (void)unlink(temporary);
    return STORE_AUTH;
}

enum store_err aws_file_path(const char *variable, const char *below_home, char out[AWS_PATH_SIZE])
{
    const char *set = variable == NULL ? NULL : store_env(variable);
    char *home;
    int n;

    if (set != NULL && strncmp(set, "~/", 2) != 0) {
        n = snprintf(out, AWS_PATH_SIZE, "%s", set);
        return n > 0 && n < AWS_PATH_SIZE ? STORE_OK : STORE_NOT_FOUND;
    }
    TRY(store_home(&home));
    if (home == NULL)
        return STORE_NOT_FOUND;
    n = snprintf(out, AWS_PATH_SIZE, "%s/%s", home,
                 set != NULL && set[0] != '\0' ? set + 2 : below_home);
    free(home);
    return n > 0 && n < AWS_PATH_SIZE ? STORE_OK : STORE_NOT_FOUND;
}
