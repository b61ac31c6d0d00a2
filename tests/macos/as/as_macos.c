/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/macos/as/as_macos.h"

#include <errno.h>
#include <stdio.h>

#include "tests/macos/as/sys/stdio.h"

int pthread_cond_timedwait_relative_np(pthread_cond_t *cond, pthread_mutex_t *lock,
                                       const struct timespec *rest)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += rest->tv_sec;
    until.tv_nsec += rest->tv_nsec;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return pthread_cond_timedwait(cond, lock, &until);
}

int renameatx_np(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    if (flags == RENAME_EXCL)
        return renameat2(from_folder, from, to_folder, to, RENAME_NOREPLACE);
    errno = EINVAL;
    return -1;
}
