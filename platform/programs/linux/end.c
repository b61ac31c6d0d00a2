/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/posix/end.h"

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "store/descriptor.h"

int end_watch(void)
{
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    return store_fd_high(signalfd(-1, &ends, SFD_CLOEXEC));
}
