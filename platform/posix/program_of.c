/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/program.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/descriptor.h"

/* Reads one line of a small file in /proc, without its newline. */
static void read_line(const char *path, char *out, size_t size)
{
    int fd = store_fd_high(open(path, O_RDONLY | O_CLOEXEC));
    ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);

    out[n < 0 ? 0 : n] = '\0';
    out[strcspn(out, "\n")] = '\0';
    if (fd >= 0)
        close(fd);
}

void platform_program_of(pid_t pid, char *out, size_t size)
{
    char path[64];
    ssize_t n;

    snprintf(path, sizeof path, "/proc/%ld/exe", (long)pid);
    n = readlink(path, out, size - 1);
    out[n < 0 ? 0 : n] = '\0';
    if (n <= 0) { /* a process that may not be looked into */
        snprintf(path, sizeof path, "/proc/%ld/comm", (long)pid);
        read_line(path, out, size);
    }
}
