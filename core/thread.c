/* SPDX-License-Identifier: Apache-2.0 */
#include "store/thread.h"

void store_timed_lock_init(struct store_timed_lock *lock)
{
    pthread_mutex_init(&lock->guard, NULL);
    store_thread_cond_init(&lock->freed);
    lock->held = false;
}

void store_timed_lock_destroy(struct store_timed_lock *lock)
{
    pthread_cond_destroy(&lock->freed);
    pthread_mutex_destroy(&lock->guard);
}

bool store_timed_lock_acquire(struct store_timed_lock *lock, int64_t deadline_ns)
{
    bool acquired;

    pthread_mutex_lock(&lock->guard);
    while (lock->held && store_thread_wait(&lock->freed, &lock->guard, deadline_ns))
        continue;
    acquired = !lock->held;
    lock->held = true;
    pthread_mutex_unlock(&lock->guard);
    return acquired;
}

void store_timed_lock_release(struct store_timed_lock *lock)
{
    pthread_mutex_lock(&lock->guard);
    lock->held = false;
    pthread_cond_signal(&lock->freed);
    pthread_mutex_unlock(&lock->guard);
}
