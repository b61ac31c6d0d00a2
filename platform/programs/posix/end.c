/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/posix/end.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "store/descriptor.h"
#include "store/thread.h"

static sigset_t ends;

/* A thread that waits for the signals, and then closes the writing end. */
static void *wait_end(void *arg)
{
    int taken;

    while (sigwait(&ends, &taken) != 0)
        continue;
    close((int)(intptr_t)arg);
    return NULL;
}

int end_watch(void)
{
    pthread_t thread;
    int pair[2];

    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    if (!store_fd_pipe(pair, 0))
        return -1;
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    if (store_thread_start(&thread, wait_end, (void *)(intptr_t)pair[1])) {
        pthread_detach(thread);
        return pair[0];
    }
    pthread_sigmask(SIG_UNBLOCK, &ends, NULL);
    close(pair[0]);
    close(pair[1]);
    return -1;
}
