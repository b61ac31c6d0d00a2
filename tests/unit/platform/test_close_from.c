/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/process.h"

/* The status of a shell that looks for the descriptor `fd` and starts with those below `first`. */
static int status_with(int first, int fd)
{
    char program[] = "sh";
    char option[] = "-c";
    char script[64];
    char *words[] = {program, option, script, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status;

    (void)snprintf(script, sizeof script, "test -e /proc/$$/fd/%d", fd);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(platform_spawn_close_from(&actions, first), 0);
    assert_int_equal(posix_spawnp(&child, program, &actions, NULL, words, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void only_lower_descriptors_are_inherited(void **state)
{
    /* not close-on-exec, as the host's may be */
    int low = open("/dev/null", O_RDONLY);
    int high = fcntl(low, F_DUPFD, 200);

    (void)state;
    assert_true(low >= 3 && low < 100 && high >= 200);
    assert_int_equal(status_with(low + 1, low), 0);
    assert_int_equal(status_with(low + 1, high), 1);
    assert_int_equal(status_with(low, low), 1);
    assert_int_equal(status_with(high + 1, high), 0);
    assert_int_equal(fcntl(high, F_GETFD), 0); /* still open here */
    close(high);
    close(low);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_lower_descriptors_are_inherited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
