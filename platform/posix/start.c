/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>

#include "store/thread.h"

bool store_thread_start(pthread_t *out, void *(*run)(void *), void *arg)
{
    sigset_t all;
    sigset_t old;
    bool started;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    started = pthread_create(out, NULL, run, arg) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return started;
}
