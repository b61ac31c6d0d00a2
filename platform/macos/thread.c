/* SPDX-License-Identifier: Apache-2.0 */
#include "store/thread.h"

#include "store/time.h"

void store_thread_cond_init(pthread_cond_t *cond)
{
    pthread_cond_init(cond, NULL);
}

bool store_thread_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ns)
{
    int64_t left = deadline_ns - store_time_monotonic();
    const struct timespec rest = store_time_spec(left);

    return left > 0 && pthread_cond_timedwait_relative_np(cond, lock, &rest) == 0;
}
