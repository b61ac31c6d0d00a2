/* SPDX-License-Identifier: Apache-2.0 */
#include "store/thread.h"

#include <malloc.h>
#include <string.h>

#include "store/time.h"

void store_thread_cond_init(pthread_cond_t *cond)
{
    pthread_cond_init(cond, NULL);
}

bool store_thread_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ns)
{
    int64_t left = deadline_ns - store_time_monotonic();
    const struct timespec wait = store_time_spec(left < 0 ? 0 : left);

    return pthread_cond_timedwait_relative_np(cond, lock, &wait) == 0;
}

bool store_thread_start(pthread_t *out, void *(*run)(void *), void *arg)
{
    return pthread_create(out, NULL, run, arg) == 0;
}

void *store_thread_calloc(size_t alignment, size_t count, size_t size)
{
    void *memory = _aligned_malloc(count * size, alignment);

    if (memory != NULL)
        memset(memory, 0, count * size);
    return memory;
}

void store_thread_free(void *memory)
{
    _aligned_free(memory);
}
