/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/time.h"

static void *tell_dates(void *arg)
{
    atomic_bool *ended = arg;
    time_t now = time(NULL);
    struct tm tm;

    while (!atomic_load(ended))
        (void)localtime_r(&now, &tm);
    return NULL;
}

/* A thread of the host is within the C library's calendar at the fork, and does not leave it. */
static void a_forked_child_formats_times(void **state)
{
    atomic_bool ended = false;
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, tell_dates, &ended), 0);
    for (int i = 0; i < 100; i++) {
        pid_t child = fork();
        int status;

        assert_true(child >= 0);
        if (child == 0) {
            char text[STORE_TIME_TEXT_SIZE];
            alarm(10);
            store_time_format(store_time_now(), text);
            _exit(store_time_parse(text, strlen(text)) > 0 ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    atomic_store(&ended, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_forked_child_formats_times)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
