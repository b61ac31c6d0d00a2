/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>

#include "store/thread.h"
#include "store/time.h"

#define THREADS 8
#define ROUNDS 2000

struct shared {
    struct store_timed_lock lock;
    int64_t deadline_ns;
    int counted;
};

static void *count(void *arg)
{
    struct shared *shared = arg;

    for (int i = 0; i < ROUNDS; i++) {
        if (!store_timed_lock_acquire(&shared->lock, shared->deadline_ns))
            return NULL;
        shared->counted++;
        store_timed_lock_release(&shared->lock);
    }
    return NULL;
}

static void one_thread_at_a_time_has_a_timed_lock(void **state)
{
    struct shared shared = {.deadline_ns = store_time_monotonic() + 60 * STORE_TIME_S};
    pthread_t threads[THREADS];

    (void)state;
    store_timed_lock_init(&shared.lock);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count, &shared), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(shared.counted, THREADS * ROUNDS);
    store_timed_lock_destroy(&shared.lock);
}

static void a_timed_lock_is_waited_for_until_the_deadline(void **state)
{
    struct store_timed_lock lock;
    int64_t deadline_ns;

    (void)state;
    store_timed_lock_init(&lock);
    assert_true(store_timed_lock_acquire(&lock, 0)); /* a free one needs no wait */
    deadline_ns = store_time_monotonic() + 20 * STORE_TIME_MS;
    assert_false(store_timed_lock_acquire(&lock, deadline_ns));
    assert_true(store_time_monotonic() >= deadline_ns);
    assert_false(store_timed_lock_acquire(&lock, 0));
    store_timed_lock_release(&lock);
    assert_true(store_timed_lock_acquire(&lock, 0));
    store_timed_lock_release(&lock);
    store_timed_lock_destroy(&lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_thread_at_a_time_has_a_timed_lock),
        cmocka_unit_test(a_timed_lock_is_waited_for_until_the_deadline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
