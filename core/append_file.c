/* SPDX-License-Identifier: Apache-2.0 */
#include "core/append_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/remedy.h"
#include "store/descriptor.h"

/* The reason for which a file takes no lines, or NULL. */
static const char *refuse(const struct stat *st)
{
    if (S_ISCHR(st->st_mode))
        return NULL;
    if (!S_ISREG(st->st_mode))
        return "it is neither a file nor a device";
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return "it is another user's; remove it, or choose another";
    if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return platform_remedy_writable;
    return NULL;
}

const char *append_file_take(int fd, int *out)
{
    const char *wrong;
    struct stat st;

    if (fd < 0)
        return strerror(errno);
    wrong = fstat(fd, &st) == 0 ? refuse(&st) : strerror(errno);
    if (wrong == NULL)
        *out = fd;
    else
        close(fd);
    return wrong;
}

/* O_NONBLOCK turns a pipe without a reader into an error instead of a host that hangs. */
const char *append_file_open(const char *path, int access, int *out)
{
    int fd = store_fd_high(open(
        path, access | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600));

    return append_file_take(fd, out);
}
