/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/log_target.h"
#include "platform/log.h"
#include "store/log.h"

static char folder[] = "/tmp/sideseat-log-XXXXXX";
static char path[64];
static char text[64 * 1024];

/* The log file's content. */
static const char *contents(void)
{
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

    if (fd >= 0)
        close(fd);
    text[n < 0 ? 0 : n] = '\0';
    return text;
}

static size_t lines(void)
{
    size_t count = 0;

    for (const char *c = contents(); (c = strchr(c, '\n')) != NULL; c++)
        count++;
    return count;
}

static int fresh_file(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static int close_log(void **state)
{
    (void)state;
    store_log_redirect(NULL, NULL);
    store_log_close();
    return 0;
}

/* Runs `act` with standard error going to the file. */
static void with_stderr_in_file(void (*act)(void))
{
    int kept = dup(STDERR_FILENO);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

    assert_true(kept >= 0 && fd >= 0);
    dup2(fd, STDERR_FILENO);
    platform_stderr_remember();
    act();
    dup2(kept, STDERR_FILENO);
    platform_stderr_remember();
    close(kept);
    close(fd);
}

static void a_level_passes_graver_lines(void **state)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};

    (void)state;
    for (int i = 0; i < 4; i++) {
        unlink(path);
        store_log_open(names[i], path);
        for (int level = 0; level < 4; level++) {
            store_log((enum store_log_level)level, "test: a line");
            assert_int_equal(store_log_enabled((enum store_log_level)level), level <= i);
        }
        assert_int_equal(lines(), (size_t)i + 1);
    }
    store_log_open(NULL, NULL);
    assert_true(store_log_enabled(STORE_LOG_WARNING));
    assert_false(store_log_enabled(STORE_LOG_INFO));
}

static void a_file_is_private_and_appended_to(void **state)
{
    struct stat found;

    (void)state;
    for (int i = 0; i < 2; i++) {
        store_log_open("info", path);
        store_log(STORE_LOG_INFO, "test: number %d", i);
        store_log_close();
    }
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    assert_int_equal(lines(), 2);
    assert_non_null(strstr(contents(), " info: test: number 0\n"));
    assert_non_null(strstr(contents(), " info: test: number 1\n"));
    assert_non_null(strstr(contents(), "sideseat-pkcs11["));
}

static void the_file_is_closed_on_exec(void **state)
{
    char link[64];
    char target[128];

    (void)state;
    store_log_open("info", path);
    for (int fd = 3; fd < 100; fd++) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, target, sizeof target - 1);
        if (n > 0 && (size_t)n == strlen(path) && memcmp(target, path, (size_t)n) == 0)
            assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    }
}

static void open_bad_targets(void)
{
    char other[80];

    snprintf(other, sizeof other, "%s/link", folder);
    assert_int_equal(symlink("/dev/null", other), 0);
    store_log_open("info", other);
    unlink(other);
    assert_int_equal(mkfifo(other, 0600), 0);
    store_log_open("info", other);
    unlink(other);
    store_log_open("info", "relative/path");
    store_log_open("info", folder);
    store_log(STORE_LOG_INFO, "test: still heard");
}

static void links_pipes_folders_and_relative_paths_are_refused(void **state)
{
    (void)state;
    with_stderr_in_file(open_bad_targets);
    assert_int_equal(lines(), 5);
    assert_non_null(strstr(contents(), "/link\": "));
    assert_non_null(strstr(contents(), "cannot write to \"relative/path\": "));
    assert_non_null(strstr(contents(), "test: still heard"));
}

static void open_bad_level(void)
{
    store_log_open("loud", NULL);
    store_log(STORE_LOG_INFO, "test: not heard");
}

static void an_unknown_level_is_reported_and_means_warning(void **state)
{
    (void)state;
    with_stderr_in_file(open_bad_level);
    assert_int_equal(lines(), 1);
    assert_non_null(strstr(contents(), "unknown level \"loud\""));
}

static void control_characters_make_no_second_line(void **state)
{
    (void)state;
    store_log_open("info", path);
    store_log(STORE_LOG_INFO, "test: a\nb\r\x1b[31mc\x7f \xc2\x9b d \xc3\xa9");
    assert_int_equal(lines(), 1);
    assert_non_null(strstr(contents(), "test: a?b??[31mc? ?? d \xc3\xa9\n"));
}

static void a_long_line_is_cut_and_stays_one(void **state)
{
    static char longest[5000];

    (void)state;
    memset(longest, 'x', sizeof longest - 1);
    store_log_open("info", path);
    store_log(STORE_LOG_INFO, "test: %s", longest);
    store_log(STORE_LOG_INFO, "test: after");
    assert_int_equal(lines(), 2);
    assert_true(strlen(contents()) > 1000);
    assert_non_null(strstr(contents(), "info: test: after\n"));
}

static void errno_survives(void **state)
{
    (void)state;
    store_log_open("info", path);
    errno = ENOTTY;
    store_log(STORE_LOG_INFO, "test: a line");
    store_log(STORE_LOG_DEBUG, "test: not a line");
    assert_int_equal(errno, ENOTTY);
}

struct heard {
    int count;
    enum store_log_level level;
    char text[2048];
};

static void hear(void *arg, enum store_log_level level, const char *line)
{
    struct heard *heard = arg;

    heard->count++;
    heard->level = level;
    snprintf(heard->text, sizeof heard->text, "%s", line);
}

static void redirect_takes_the_bare_text(void **state)
{
    struct heard heard = {0};

    (void)state;
    store_log_open("info", path);
    store_log_redirect(hear, &heard);
    store_log(STORE_LOG_ERROR, "test: %s\n", "said");
    store_log(STORE_LOG_DEBUG, "test: too quiet");
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.level, STORE_LOG_ERROR);
    assert_string_equal(heard.text, "test: said?");
    assert_int_equal(lines(), 0);
    store_log_redirect(NULL, NULL);
    store_log(STORE_LOG_ERROR, "test: said");
    assert_int_equal(heard.count, 1);
    assert_int_equal(lines(), 1);
}

static void syslog_takes_a_line_without_a_daemon(void **state)
{
    (void)state;
    store_log_open("info", "syslog");
    store_log(STORE_LOG_INFO, "test: a line");
    assert_int_equal(lines(), 0);
}

#define THREADS 8
#define EACH 50

static void *log_many(void *arg)
{
    for (int i = 0; i < EACH; i++)
        store_log(STORE_LOG_INFO, "test: thread %d says abcdefghijklmnopqrstuvwxyz", *(int *)arg);
    return NULL;
}

static void threads_write_whole_lines(void **state)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];

    (void)state;
    store_log_open("info", path);
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, log_many, &numbers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(lines(), THREADS * EACH);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        assert_string_equal(line + strlen(line) - 27, " abcdefghijklmnopqrstuvwxyz");
}

static _Atomic bool holds_lock;
static _Atomic bool may_go_on;

static void hold_lock(void *arg, enum store_log_level level, const char *line)
{
    (void)arg;
    (void)level;
    (void)line;
    holds_lock = true;
    while (!may_go_on)
        usleep(1000);
}

static void *log_one(void *arg)
{
    (void)arg;
    store_log(STORE_LOG_ERROR, "test: held");
    return NULL;
}

static void a_child_forked_while_a_line_is_written_does_not_hang(void **state)
{
    pthread_t thread;
    pid_t child;
    int status;

    (void)state;
    holds_lock = may_go_on = false;
    store_log_redirect(hold_lock, NULL);
    assert_int_equal(pthread_create(&thread, NULL, log_one, NULL), 0);
    while (!holds_lock)
        usleep(1000);
    child = fork();
    if (child == 0) {
        alarm(20); /* only where the lock is still taken */
        store_log_redirect(NULL, NULL);
        store_log_open("info", path);
        store_log(STORE_LOG_INFO, "test: child");
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    may_go_on = true;
    pthread_join(thread, NULL);
    assert_true(WIFEXITED(status));
    assert_int_equal(lines(), 1);
}

#define logs(test) cmocka_unit_test_setup_teardown(test, fresh_file, close_log)

int main(void)
{
    const struct CMUnitTest tests[] = {
        logs(a_level_passes_graver_lines),
        logs(a_file_is_private_and_appended_to),
        logs(the_file_is_closed_on_exec),
        logs(links_pipes_folders_and_relative_paths_are_refused),
        logs(an_unknown_level_is_reported_and_means_warning),
        logs(control_characters_make_no_second_line),
        logs(a_long_line_is_cut_and_stays_one),
        logs(errno_survives),
        logs(redirect_takes_the_bare_text),
        logs(syslog_takes_a_line_without_a_daemon),
        logs(threads_write_whole_lines),
        logs(a_child_forked_while_a_line_is_written_does_not_hang),
    };
    int failed;

    if (mkdtemp(folder) == NULL)
        return 1;
    snprintf(path, sizeof path, "%s/log", folder);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    rmdir(folder);
    return failed;
}
