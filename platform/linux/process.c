/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/process.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "store/descriptor.h"

int platform_process_watch(pid_t pid)
{
    return store_fd_high((int)syscall(SYS_pidfd_open, pid, 0));
}

int platform_spawn_only(posix_spawn_file_actions_t *actions, short *flags)
{
    (void)flags;
    return platform_spawn_close_from(actions, STDERR_FILENO + 1);
}
