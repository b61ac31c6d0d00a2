/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/pages.h"
#include "store/secret.h"

/* Secrets on a system that accepts any advice of madvise() and follows none, as qemu's user mode
 * does: a forked child then sees its parent's memory, locks that the parent holds included. */

#define THREADS 4
#define FORKS 30

int __wrap_madvise(void *address, size_t len, int advice);

int __wrap_madvise(void *address, size_t len, int advice)
{
    (void)address;
    (void)len;
    (void)advice;
    return 0;
}

static void a_system_that_accepts_any_advice_is_not_believed(void **state)
{
    size_t size = store_pages_round(1);
    void *pages = store_pages_map(size);

    (void)state;
    assert_non_null(pages);
    assert_false(store_pages_wipe_on_fork(pages, size));
    store_pages_unmap(pages, size);
}

static atomic_bool stop;

/* Takes and gives back memory of secrets all the time, so that a fork finds the pool locked. */
static void *use(void *unused)
{
    (void)unused;
    while (!atomic_load(&stop)) {
        struct store_secret one = {0};
        struct store_secret other = {0};

        if (store_secret_set(&one, "0123456789", 10) == STORE_OK)
            store_secret_share(&other, &one);
        store_secret_wipe(&one);
        store_secret_wipe(&other);
    }
    return NULL;
}

/* 0 if all is well. */
static int use_in_child(struct store_secret *of_parent)
{
    struct store_secret own[64] = {{0}};

    alarm(20); /* rather than hang on a lock of the parent's */
    for (size_t i = 0; i < 64; i++)
        if (store_secret_set(&own[i], "0123456789abcdef", 16) != STORE_OK)
            return 1;
    if (store_secret_append(of_parent, "more", 4) != STORE_OK || of_parent->len != 20 ||
        memcmp(of_parent->data, "of the parent's.more", 20) != 0)
        return 2;
    store_secret_wipe(of_parent);
    for (size_t i = 0; i < 64; i++)
        store_secret_wipe(&own[i]);
    store_secret_trim();
    return 0;
}

static void a_forked_child_begins_a_pool_of_its_own(void **state)
{
    AUTO_SECRET kept = {0};
    pthread_t threads[THREADS];

    (void)state;
    assert_int_equal(store_secret_set(&kept, "of the parent's.", 16), STORE_OK);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use, NULL), 0);
    for (int i = 0; i < FORKS; i++) {
        int status = -1;
        pid_t child = fork();

        if (child == 0)
            _exit(use_in_child(&kept));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_true(store_secret_equal(&kept, "of the parent's.", 16));
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_system_that_accepts_any_advice_is_not_believed),
        cmocka_unit_test(a_forked_child_begins_a_pool_of_its_own),
    };

    return cmocka_run_group_tests_name("secret_fork", tests, NULL, NULL);
}
