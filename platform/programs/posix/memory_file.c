/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/memory_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/descriptor.h"

int platform_memory_file(const void *bytes, size_t len, char *path, size_t size)
{
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    int fd = store_fd_high(memfd_create("sideseat-secret", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    int error = fd < 0 ? errno : store_fd_write(fd, bytes, len, NULL);

    if (error == 0 && (fchmod(fd, 0400) != 0 || fcntl(fd, F_ADD_SEALS, seals) != 0 ||
                       lseek(fd, 0, SEEK_SET) != 0 || fcntl(fd, F_SETFD, 0) != 0))
        error = errno;
    if (error == 0)
        (void)snprintf(path, size, "/dev/fd/%d", fd);
    else if (fd >= 0)
        (void)close(fd);
    return error;
}

int platform_scratch_file(void)
{
    int fd = store_fd_high(memfd_create("sideseat-pkcs11.log", MFD_CLOEXEC));

    if (fd < 0 || fchmod(fd, 0600) == 0)
        return fd;
    (void)close(fd);
    return -1;
}
