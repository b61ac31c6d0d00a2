/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/store_fault.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/log.h"

/*
 * A store process that many hosts share. Its store is at a port without a listener: the tests show
 * that it is asked, and that its answer and the reason reach the host.
 */

static char folder[] = "/tmp/fault-shared-XXXXXX";
static char path[64];
static char config[64];
static char logged[8192];

static void keep_line(void *arg, enum store_log_level level, const char *text)
{
    size_t len = strlen(logged);

    (void)arg;
    (void)level;
    snprintf(logged + len, sizeof logged - len, "%s\n", text);
}

static void write_config(void)
{
    FILE *file;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/socket", folder);
    snprintf(config, sizeof config, "%s/sideseat.json", folder);
    file = fopen(config, "we");
    assert_non_null(file);
    fputs("{\"secrets\": {\"backend\": \"aws\", \"aws\": {\"region\": \"us-east-1\", \"prefix\": "
          "\"shared\", \"max_attempts\": 1, \"endpoint_url\": \"http://127.0.0.1:1\"}}}",
          file);
    fclose(file);
    setenv("SIDESEAT_CONFIG", config, 1);
    setenv("HOME", folder, 1);
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "example", 1);
}

/* Starts it on a socket of its own, or on descriptor 3. */
static pid_t start(int activated)
{
    pid_t child = fork();
    char pid[16];

    if (child != 0)
        return child;
    if (activated < 0) {
        execl(STORE_PROGRAM, "sideseat-store", "--listen", path, (char *)NULL);
        _exit(127);
    }
    if (activated != 3)
        dup2(activated, 3);
    else
        fcntl(3, F_SETFD, 0);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "1", 1);
    execl(STORE_PROGRAM, "sideseat-store", "--activated", (char *)NULL);
    _exit(127);
}

static int make_socket(bool to_listen)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(address.sun_path, path, strlen(path));
    if (to_listen) {
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
        assert_int_equal(listen(fd, 8), 0);
        return fd;
    }
    while (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        sched_yield();
    close(fd);
    return -1;
}

static void end(pid_t child)
{
    int status = 0;

    assert_int_equal(kill(child, SIGTERM), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Reads as a host without credentials; `prefix` NULL: it does not set a prefix. */
static enum store_err read_as_host(const char *prefix)
{
    struct store_conf_set *set;
    struct store store;
    AUTO_RECORD record = {0};
    enum store_err err;

    logged[0] = '\0';
    assert_int_equal(store_conf_begin(&set, "host", "aws"), STORE_OK);
    assert_int_equal(store_conf_put(set, "store.socket", path, strlen(path), "test"), STORE_OK);
    if (prefix != NULL)
        assert_int_equal(store_conf_put(set, "aws.prefix", prefix, strlen(prefix), "test"),
                         STORE_OK);
    assert_int_equal(store_open_at(&store, store_conf_at(set, 0), STORE_IN_STORE_PROCESS),
                     STORE_OK);
    store_log_redirect(keep_line, NULL);
    err = store.backend->read(store.ctx, FAULT_KEY, &record);
    store_log_redirect(NULL, NULL);
    store_close(&store);
    store_conf_free(set);
    return err;
}

static void hosts_are_served_and_told_why_not(void **state)
{
    pid_t child = start(-1);
    struct stat found;

    (void)state;
    make_socket(false); /* once it listens */
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0700 & found.st_mode);
    assert_int_equal(read_as_host(NULL), STORE_UNAVAILABLE);
    assert_non_null(strstr(logged, "aws: "));
    assert_int_equal(read_as_host("shared"), STORE_UNAVAILABLE);
    assert_int_equal(read_as_host("another"), STORE_BAD_CONF);
    assert_non_null(strstr(logged, "aws.prefix"));
    end(child);
    assert_int_equal(stat(path, &found), -1);
    assert_int_equal(read_as_host(NULL), STORE_UNAVAILABLE);
    assert_non_null(strstr(logged, "--listen"));
}

static void a_socket_that_a_crash_left_is_taken_over(void **state)
{
    pid_t child = start(-1);

    (void)state;
    make_socket(false);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    child = start(-1);
    make_socket(false);
    assert_int_equal(read_as_host(NULL), STORE_UNAVAILABLE);
    assert_non_null(strstr(logged, "aws: "));
    end(child);
}

static void the_socket_may_be_systemds(void **state)
{
    int listener = make_socket(true);
    pid_t child = start(listener);

    (void)state;
    close(listener);
    assert_int_equal(read_as_host(NULL), STORE_UNAVAILABLE);
    assert_non_null(strstr(logged, "aws: "));
    end(child);
    assert_int_equal(unlink(path), 0); /* not ours to remove, so it is there */
}

/* A socket whose listener has ended. */
static void leave_stale_socket(void)
{
    int fd = make_socket(true);

    close(fd);
}

/* Waits until one of the children has ended, and takes it out of the list. */
static int reap_one(pid_t *children, size_t count)
{
    int status = 0;
    pid_t ended = wait(&status);

    for (size_t i = 0; i < count; i++)
        if (children[i] == ended)
            children[i] = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void of_three_that_start_at_once_one_listens(void **state)
{
    (void)state;
    for (int round = 0; round < 100; round++) {
        pid_t children[3];
        struct stat found;

        leave_stale_socket();
        for (size_t i = 0; i < 3; i++)
            children[i] = start(-1);
        assert_int_equal(reap_one(children, 3), 1);
        assert_int_equal(reap_one(children, 3), 1);
        make_socket(false);
        for (size_t i = 0; i < 3; i++)
            if (children[i] != 0)
                end(children[i]);
        assert_int_equal(stat(path, &found), -1);
    }
}

static void a_socket_of_another_is_left_alone(void **state)
{
    pid_t first = start(-1);
    pid_t second;
    struct stat found;

    (void)state;
    make_socket(false);
    assert_int_equal(unlink(path), 0);
    second = start(-1);
    make_socket(false);
    end(first);
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(read_as_host(NULL), STORE_UNAVAILABLE);
    assert_non_null(strstr(logged, "aws: "));
    end(second);
}

/* The time that a process has burnt, in clock ticks. */
static unsigned long burnt(pid_t pid)
{
    char name[64];
    char text[512] = "";
    unsigned long user = 0;
    unsigned long kernel = 0;
    FILE *file;

    snprintf(name, sizeof name, "/proc/%d/stat", (int)pid);
    file = fopen(name, "re");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    assert_int_equal(sscanf(strrchr(text, ')') + 2,
                            "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel),
                     2);
    return user + kernel;
}

static void without_descriptors_it_waits_and_then_goes_on(void **state)
{
    const struct rlimit few = {16, 16};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    pid_t child = start(-1);
    unsigned long before;
    int fds[40];

    (void)state;
    make_socket(false);
    assert_int_equal(prlimit(child, RLIMIT_NOFILE, &few, NULL), 0);
    memcpy(address.sun_path, path, strlen(path));
    for (size_t i = 0; i < 40; i++) {
        fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(fds[i], (struct sockaddr *)&address, sizeof address), 0);
    }
    before = burnt(child);
    usleep(1000000);
    assert_in_range(burnt(child) - before, 0, (unsigned long)sysconf(_SC_CLK_TCK) / 5);
    for (size_t i = 0; i < 40; i++)
        close(fds[i]);
    assert_int_equal(read_as_host(NULL), STORE_UNAVAILABLE);
    assert_non_null(strstr(logged, "aws: "));
    end(child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_are_served_and_told_why_not),
        cmocka_unit_test(a_socket_that_a_crash_left_is_taken_over),
        cmocka_unit_test(the_socket_may_be_systemds),
        cmocka_unit_test(of_three_that_start_at_once_one_listens),
        cmocka_unit_test(a_socket_of_another_is_left_alone),
        cmocka_unit_test(without_descriptors_it_waits_and_then_goes_on),
    };
    int failed;

    write_config();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(config);
    unlink(path);
    unlink(strcat(path, ".lock"));
    rmdir(folder);
    return failed;
}
