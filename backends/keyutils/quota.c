/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/keyutils/quota.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "store/descriptor.h"

void quota_describe(char *out, size_t size)
{
    int fd = store_fd_high(open("/proc/key-users", O_RDONLY | O_CLOEXEC));
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    char line[256];
    unsigned uid;
    int keys;
    int keys_max;
    int bytes;
    int bytes_max;

    snprintf(out, size, "all that /proc/sys/kernel/keys allows");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "%u: %*d %*d/%*d %d/%d %d/%d", &uid, &keys, &keys_max, &bytes,
                   &bytes_max) == 5 &&
            uid == getuid())
            snprintf(out, size, "%d of %d keys and %d of %d bytes", keys, keys_max, bytes,
                     bytes_max);
    if (file != NULL)
        fclose(file);
    else if (fd >= 0)
        close(fd);
}
