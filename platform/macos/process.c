/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/process.h"

#include <errno.h>
#include <sys/event.h>
#include <unistd.h>

#include "store/descriptor.h"

int platform_process_watch(pid_t pid)
{
    int queue = store_fd_high(kqueue());
    struct kevent end;
    int saved;

    EV_SET(&end, (uintptr_t)pid, EVFILT_PROC, EV_ADD, NOTE_EXIT, 0, NULL);
    if (queue < 0 || kevent(queue, &end, 1, NULL, 0, NULL) == 0)
        return queue;
    saved = errno;
    close(queue);
    errno = saved;
    return -1;
}

int platform_spawn_only(posix_spawn_file_actions_t *actions, short *flags)
{
    (void)actions;
    *flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
    return 0;
}
