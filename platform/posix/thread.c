/* SPDX-License-Identifier: Apache-2.0 */
#include "store/thread.h"

#include "store/time.h"

void store_thread_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool store_thread_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ns)
{
    const struct timespec until = store_time_spec(deadline_ns);

    return pthread_cond_timedwait(cond, lock, &until) == 0;
}
