/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_THREAD_H
#define STORE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Shared structures have 2^bits parts, so that threads seldom meet in one. This gives the part for
 * an object's hash or address; the multiplication spreads the few bits that differ. `bits` is at
 * most 32. */
static inline unsigned store_part(uint64_t hash, unsigned bits)
{
    return (unsigned)((hash * UINT64_C(0x9e3779b97f4a7c15)) >> 32 >> (32 - bits));
}

/* The part of the calling thread, always the same. */
static inline unsigned store_thread_part(unsigned bits)
{
    return store_part((uint64_t)(uintptr_t)pthread_self(), bits);
}

/* Starts a thread that takes none of the host's signals; false if the system has no more. */
bool store_thread_start(pthread_t *out, void *(*run)(void *), void *arg);

/* Allocates `count` zeroed structures that are aligned to cache lines, which calloc() cannot do.
 * `size` is a multiple of `alignment`. NULL if memory is short. */
void *store_thread_calloc(size_t alignment, size_t count, size_t size);

/* Frees them; accepts NULL. */
void store_thread_free(void *memory);

/* Makes a condition variable whose deadlines are times of store_time_monotonic(). The system
 * allocates nothing for it, nor for a mutex, so that neither can fail. */
void store_thread_cond_init(pthread_cond_t *cond);

/* Waits for a signal; the caller holds `lock`, before and after. False once the deadline has
 * passed. A wait may end without a signal, so the caller checks its condition again. */
bool store_thread_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ns);

/* A lock that a thread waits for until a deadline, which not every system's mutex can do. */
struct store_timed_lock {
    pthread_mutex_t guard; /* of `held`; held for moments only */
    pthread_cond_t freed;
    bool held;
};

void store_timed_lock_init(struct store_timed_lock *lock);
void store_timed_lock_destroy(struct store_timed_lock *lock);

/* False if another thread holds it until the deadline. */
bool store_timed_lock_acquire(struct store_timed_lock *lock, int64_t deadline_ns);
void store_timed_lock_release(struct store_timed_lock *lock);

#endif
