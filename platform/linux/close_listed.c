/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/descriptor.h"

/* For a C library that cannot close them all at once: closes those that are open now. What another
 * thread opens meanwhile without close-on-exec is inherited, as it is by any program. */
int platform_spawn_close_from(posix_spawn_file_actions_t *actions, int first)
{
    int fd = store_fd_high(open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    int error = 0;

    if (folder == NULL) {
        error = errno;
        if (fd >= 0)
            close(fd);
        return error;
    }
    while (error == 0 && (entry = readdir(folder)) != NULL) {
        long listed = strtol(entry->d_name, NULL, 10); /* 0 for . and .. */
        if (listed >= first && listed != fd)
            error = posix_spawn_file_actions_addclose(actions, (int)listed);
    }
    (void)closedir(folder);
    return error;
}
