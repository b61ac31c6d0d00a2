/* SPDX-License-Identifier: Apache-2.0 */
/* A host whose standard error is full, closed or replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "core/log_target.h"
#include "platform/log.h"
#include "store/log.h"

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            _exit(__LINE__ % 255 + 1);                                                             \
    } while (0)

static char text[256 * 1024];

/* Runs a case in a process of its own, which has a deadline and default signals. */
static void in_child(void (*act)(void))
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGPIPE, SIG_DFL);
        signal(SIGXFSZ, SIG_DFL);
        alarm(20);
        act();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* Makes `fd` standard error, as if the module had been loaded then. */
static void be_stderr(int fd)
{
    CHECK(dup2(fd, STDERR_FILENO) == STDERR_FILENO);
    platform_stderr_remember();
}

/* True if a stream is ready, also after the kernel's pending work: a terminal passes its bytes on
 * in the background. */
static bool ready(int fd, short events)
{
    struct pollfd one = {.fd = fd, .events = events};

    return poll(&one, 1, 100) > 0;
}

static void fill(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    char byte = '.';

    CHECK(fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
    while (ready(fd, POLLOUT))
        while (write(fd, text, 4096) > 0 || write(fd, &byte, 1) > 0)
            continue;
    CHECK(fcntl(fd, F_SETFL, flags) == 0);
}

/* All there is to be read. */
static const char *drain(int fd)
{
    size_t used = 0;
    ssize_t n;

    while (used < sizeof text - 1 && ready(fd, POLLIN) &&
           (n = read(fd, text + used, sizeof text - 1 - used)) > 0)
        used += (size_t)n;
    text[used] = '\0';
    for (size_t i = 0; i < used; i++)
        if (text[i] == '\0')
            text[i] = '.';
    return text;
}

/* Logs into a full stream whose other end is `reader`: nothing waits, and all is told later. */
static void log_into_full(int reader, int writer)
{
    int flags = fcntl(writer, F_GETFL);
    const char *said;

    be_stderr(writer);
    fill(writer);
    for (int i = 0; i < 12; i++)
        store_log(STORE_LOG_WARNING, "test: too much");
    CHECK(fcntl(writer, F_GETFL) == flags);
    CHECK(strstr(drain(reader), "too much") == NULL);
    store_log(STORE_LOG_WARNING, "test: heard");
    said = drain(reader);
    CHECK(strstr(said, "log: 12 lines dropped here") != NULL);
    CHECK(strstr(said, "test: heard") != NULL);
    store_log(STORE_LOG_WARNING, "test: again");
    said = drain(reader);
    CHECK(strstr(said, "dropped") == NULL && strstr(said, "test: again") != NULL);
}

static void full_pipe(void)
{
    int ends[2];

    CHECK(pipe(ends) == 0);
    log_into_full(ends[0], ends[1]);
}

static void full_pipe_without_proc(void)
{
    int ends[2];

    if (geteuid() != 0)
        return;
    CHECK(pipe(ends) == 0);
    CHECK(chroot("/var/empty") == 0 || chroot("/usr/share") == 0);
    log_into_full(ends[0], ends[1]);
}

static void full_socket(void)
{
    int ends[2];

    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    log_into_full(ends[0], ends[1]);
}

static void full_terminal(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    struct termios raw;
    int slave;

    CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    CHECK(slave >= 0 && tcgetattr(slave, &raw) == 0);
    cfmakeraw(&raw);
    CHECK(tcsetattr(slave, TCSANOW, &raw) == 0);
    log_into_full(master, slave);
}

static void stopped_terminal(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    int slave;

    CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    CHECK(slave >= 0);
    be_stderr(slave);
    CHECK(tcflow(slave, TCOOFF) == 0); /* Ctrl-S */
    store_log(STORE_LOG_WARNING, "test: unheard");
    CHECK(tcflow(slave, TCOON) == 0);
    store_log(STORE_LOG_WARNING, "test: heard");
    CHECK(strstr(drain(master), "test: heard") != NULL);
}

static void a_reader_that_is_slow_is_not_waited_for(void **state)
{
    (void)state;
    in_child(full_pipe);
    in_child(full_pipe_without_proc);
    in_child(full_socket);
    in_child(full_terminal);
    in_child(stopped_terminal);
}

static void readerless(void)
{
    int ends[2];

    CHECK(pipe(ends) == 0);
    be_stderr(ends[1]);
    close(ends[0]);
    store_log(STORE_LOG_WARNING, "test: to nobody");
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    be_stderr(ends[1]);
    close(ends[0]);
    store_log(STORE_LOG_WARNING, "test: to nobody");
}

static void limited(void)
{
    char path[] = "/tmp/sideseat-log-XXXXXX";
    struct rlimit limit = {1000, 1000};
    struct stat st;
    int fd = mkstemp(path);

    CHECK(fd >= 0 && setrlimit(RLIMIT_FSIZE, &limit) == 0);
    store_log_open("info", path);
    for (int i = 0; i < 100; i++)
        store_log(STORE_LOG_INFO, "test: line %d", i);
    store_log_close();
    CHECK(fstat(fd, &st) == 0 && st.st_size == 1000);
    unlink(path);
}

static void no_signal_is_raised(void **state)
{
    (void)state;
    in_child(readerless);
    in_child(limited);
}

static off_t size_of(int fd)
{
    struct stat st;

    CHECK(fstat(fd, &st) == 0);
    return st.st_size;
}

/* The file that a host opens in the place of its standard error. */
static int data_file(int flags)
{
    char path[] = "/tmp/sideseat-data-XXXXXX";
    int fd = mkostemp(path, flags);

    CHECK(fd >= 0 && unlink(path) == 0);
    return fd;
}

static void taken_over(void)
{
    int data;
    int ends[2];

    CHECK(pipe(ends) == 0);
    be_stderr(ends[1]);
    close(STDERR_FILENO);
    store_log(STORE_LOG_WARNING, "test: to nobody");
    for (int flags = 0; flags <= O_APPEND; flags += O_APPEND) {
        data = data_file(flags);
        CHECK(data == STDERR_FILENO);
        store_log(STORE_LOG_WARNING, "test: into data");
        CHECK(size_of(data) == 0);
        close(data);
    }
    /* closed from the start */
    platform_stderr_remember();
    data = data_file(0);
    CHECK(data == STDERR_FILENO);
    store_log(STORE_LOG_WARNING, "test: into data");
    store_log_open("debug", "stderr");
    store_log(STORE_LOG_WARNING, "test: into data");
    CHECK(size_of(data) == 0);
}

static void turned_over(void)
{
    int before = data_file(O_APPEND);
    int after = data_file(O_APPEND);

    be_stderr(before);
    store_log(STORE_LOG_WARNING, "test: first");
    CHECK(dup2(after, STDERR_FILENO) == STDERR_FILENO);
    store_log(STORE_LOG_WARNING, "test: second");
    CHECK(size_of(before) > 0 && size_of(after) > 0);
}

static void a_file_that_has_taken_its_place_is_left_alone(void **state)
{
    (void)state;
    in_child(taken_over);
    in_child(turned_over);
}

static void closed_standard_descriptors(void)
{
    char path[] = "/tmp/sideseat-log-XXXXXX";
    int fd;

    for (fd = 0; fd < 3; fd++)
        close(fd);
    fd = mkstemp(path);
    CHECK(fd == 0 && close(fd) == 0);
    platform_stderr_remember();
    store_log_open("info", path);
    store_log(STORE_LOG_INFO, "test: a line");
    store_log_open("info", "syslog");
    store_log(STORE_LOG_INFO, "test: a line");
    for (fd = 0; fd < 3; fd++)
        CHECK(fcntl(fd, F_GETFD) < 0);
    store_log_open("info", path);
    for (fd = 0; fd < 3; fd++)
        CHECK(fcntl(fd, F_GETFD) < 0);
    unlink(path);
}

static void no_log_takes_a_standard_descriptor(void **state)
{
    (void)state;
    in_child(closed_standard_descriptors);
}

static void others_files(void)
{
    char path[] = "/tmp/sideseat-log-XXXXXX";
    int fd = mkstemp(path);

    be_stderr(data_file(O_APPEND));
    CHECK(fd >= 0 && fchmod(fd, 0620) == 0);
    store_log_open("info", path);
    CHECK(size_of(STDERR_FILENO) > 0); /* the reason */
    store_log(STORE_LOG_INFO, "test: elsewhere");
    CHECK(size_of(fd) == 0);
    CHECK(fchmod(fd, 0600) == 0);
    if (geteuid() == 0) {
        CHECK(fchown(fd, 12345, 12345) == 0);
        store_log_open("info", path);
        store_log(STORE_LOG_INFO, "test: elsewhere");
        CHECK(size_of(fd) == 0);
    }
    unlink(path);
}

static void a_file_that_others_may_write_is_not_a_log(void **state)
{
    (void)state;
    in_child(others_files);
}

/* The host's own file at a descriptor takes the lines; anything else is refused. */
static void descriptors(void)
{
    static const char *const wrong[] = {
        "fd:", "fd:x", "fd:1x", "fd:-1", "fd: 1", "fd:999999999", "fd:99999999999999999999"};
    int fd = memfd_create("log", MFD_CLOEXEC);
    struct log_target target;
    char words[24];
    int ends[2];

    CHECK(fd > 2 && pipe(ends) == 0);
    (void)snprintf(words, sizeof words, "fd:%d", fd);
    CHECK(log_target_open(words, &target) != NULL); /* mode 0777: others may open it */
    CHECK(fchmod(fd, 0600) == 0 && log_target_open(words, &target) == NULL);
    CHECK(log_target_write(&target, STORE_LOG_ERROR, "here"));
    log_target_close(&target);
    CHECK(pread(fd, text, sizeof text, 0) > 0 && strstr(text, "error: here\n") != NULL);
    (void)snprintf(words, sizeof words, "fd:%d", ends[1]);
    CHECK(log_target_open(words, &target) != NULL); /* a pipe may make the host wait */
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK(log_target_open(wrong[i], &target) != NULL && target.kind == LOG_TO_STDERR);
}

static void a_descriptor_of_a_file_takes_the_lines(void **state)
{
    (void)state;
    in_child(descriptors);
}

/* Plays the daemon at /dev/log, where nobody else listens. */
static void syslog_lines(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    ssize_t n;

    if (geteuid() != 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
        return;
    store_log_open("info", "syslog");
    store_log(STORE_LOG_INFO, "test: a line");
    n = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);
    /* a daemon that is stopped */
    for (int i = 0; i < 5000; i++)
        store_log(STORE_LOG_INFO, "test: too much");
    unlink("/dev/log");
    CHECK(n > 0);
    text[n] = '\0';
    CHECK(strncmp(text, "<14>sideseat-pkcs11[", 20) == 0);
    CHECK(strstr(text, "]: test: a line") != NULL);
}

static void a_syslog_daemon_is_told_and_not_waited_for(void **state)
{
    (void)state;
    in_child(syslog_lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_that_is_slow_is_not_waited_for),
        cmocka_unit_test(no_signal_is_raised),
        cmocka_unit_test(a_file_that_has_taken_its_place_is_left_alone),
        cmocka_unit_test(no_log_takes_a_standard_descriptor),
        cmocka_unit_test(a_file_that_others_may_write_is_not_a_log),
        cmocka_unit_test(a_descriptor_of_a_file_takes_the_lines),
        cmocka_unit_test(a_syslog_daemon_is_told_and_not_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
