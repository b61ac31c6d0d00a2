/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/descriptor.h"

/* Fails with a status that names the line: the standard descriptors may be closed. */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            _exit(__LINE__ % 256);                                                                 \
    } while (0)

/* Runs `check` in a child of its own, with each combination of standard descriptors closed. */
static void with_each_closed(void (*check)(void))
{
    for (unsigned closed = 0; closed < 8; closed++) {
        pid_t child = fork();
        int status;

        assert_true(child >= 0);
        if (child == 0) {
            for (int fd = 0; fd < 3; fd++)
                if ((closed & 1U << fd) != 0)
                    close(fd);
            check();
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
}

static void check_high(int fd)
{
    CHECK(fd >= 3);
    CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
}

static void make_descriptors(void)
{
    int before = 0;
    int ends[2];

    for (int fd = 0; fd < 3; fd++)
        before += fcntl(fd, F_GETFD) >= 0;
    check_high(store_fd_high(open("/dev/null", O_RDONLY | O_CLOEXEC)));
    CHECK(store_fd_pipe(ends, 0));
    check_high(ends[0]);
    check_high(ends[1]);
    CHECK(store_fd_write(ends[1], "x", 1, NULL) == 0);
    CHECK(store_fd_socketpair(ends, SOCK_STREAM));
    check_high(ends[0]);
    check_high(ends[1]);
    CHECK(store_fd_high(-1) == -1);
    for (int fd = 0; fd < 3; fd++)
        before -= fcntl(fd, F_GETFD) >= 0;
    CHECK(before == 0);
}

static void descriptors_stay_away_from_the_standard_ones(void **state)
{
    (void)state;
    with_each_closed(make_descriptors);
}

static void fail_to_move(void)
{
    struct rlimit limit = {3, 3};
    int ends[2];
    int fd;

    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    fd = store_fd_high(open("/dev/null", O_RDONLY | O_CLOEXEC));
    CHECK(fd == -1 && (errno == EMFILE || errno == EINVAL));
    CHECK(!store_fd_pipe(ends, 0) && ends[0] == -1 && ends[1] == -1);
    CHECK(!store_fd_socketpair(ends, SOCK_STREAM) && ends[0] == -1 && ends[1] == -1);
}

static void a_descriptor_that_cannot_be_moved_is_closed(void **state)
{
    (void)state;
    with_each_closed(fail_to_move);
}

static void fill(void)
{
    store_fd_fill_standard();
    for (int fd = 0; fd < 3; fd++)
        CHECK(fcntl(fd, F_GETFD) >= 0);
    CHECK(fcntl(3, F_GETFD) < 0 || fcntl(3, F_GETFL) >= 0);
}

static void programs_of_ours_fill_them(void **state)
{
    (void)state;
    with_each_closed(fill);
}

static void a_pipe_without_a_reader_is_an_error_not_a_signal(void **state)
{
    int ends[2];
    sigset_t before;
    sigset_t after;
    sigset_t pending;

    (void)state;
    assert_int_equal(signal(SIGPIPE, SIG_DFL) == SIG_ERR, 0);
    pthread_sigmask(SIG_BLOCK, NULL, &before);
    assert_true(store_fd_pipe(ends, 0));
    close(ends[0]);
    assert_int_equal(store_fd_write(ends[1], "x", 1, NULL), EPIPE);
    close(ends[1]);
    pthread_sigmask(SIG_BLOCK, NULL, &after);
    assert_int_equal(sigismember(&before, SIGPIPE), sigismember(&after, SIGPIPE));
    sigpending(&pending);
    assert_false(sigismember(&pending, SIGPIPE));
}

static void a_signal_that_was_pending_stays(void **state)
{
    sigset_t pipe_signal;
    sigset_t pending;
    int ends[2];

    (void)state;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, NULL);
    raise(SIGPIPE);
    assert_true(store_fd_pipe(ends, 0));
    close(ends[0]);
    assert_int_equal(store_fd_write(ends[1], "x", 1, NULL), EPIPE);
    close(ends[1]);
    sigpending(&pending);
    assert_true(sigismember(&pending, SIGPIPE));
    assert_int_equal(sigtimedwait(&pipe_signal, NULL, &(struct timespec){0}), SIGPIPE);
    pthread_sigmask(SIG_UNBLOCK, &pipe_signal, NULL);
}

static void write_past_the_limit(void)
{
    struct rlimit limit = {10, 10};
    char name[] = "/tmp/sideseat-limit-XXXXXX";
    int fd = mkstemp(name);
    size_t done;

    CHECK(fd >= 0 && unlink(name) == 0);
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    CHECK(store_fd_write(fd, "0123456789abcdef", 16, &done) == EFBIG);
    CHECK(done == 10);
    close(fd);
}

static void a_file_at_its_limit_is_an_error_not_a_signal(void **state)
{
    (void)state;
    with_each_closed(write_past_the_limit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_stay_away_from_the_standard_ones),
        cmocka_unit_test(a_descriptor_that_cannot_be_moved_is_closed),
        cmocka_unit_test(programs_of_ours_fill_them),
        cmocka_unit_test(a_pipe_without_a_reader_is_an_error_not_a_signal),
        cmocka_unit_test(a_signal_that_was_pending_stays),
        cmocka_unit_test(a_file_at_its_limit_is_an_error_not_a_signal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
