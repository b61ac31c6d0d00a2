/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/store_fault.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/remote/pool.h"
#include "store/time.h"
#include "tests/contract/peer.h"

/* The store process is frozen and killed, and its host comes to an end in every way. */

static enum store_err each_ok(void *arg, const char *key, enum store_err err,
                              const struct store_record *record)
{
    (void)arg;
    (void)key;
    (void)record;
    return err;
}

static enum store_err call_read_many(struct fault_store *fault)
{
    static const char *const keys[] = {FAULT_KEY};

    return fault->store.backend->read_many(fault->store.ctx, keys, 1, each_ok, NULL);
}

static enum store_err call_list(struct fault_store *fault)
{
    return fault->store.backend->list(fault->store.ctx, "", NULL, each_ok, NULL);
}

static enum store_err call_write(struct fault_store *fault)
{
    return fault_write(fault, "other");
}

static enum store_err call_remove(struct fault_store *fault)
{
    enum store_err err = fault->store.backend->remove(fault->store.ctx, FAULT_KEY, NULL);

    return err == STORE_NOT_FOUND ? STORE_OK : err;
}

static enum store_err call_login(struct fault_store *fault)
{
    const struct store_secret none = {0};

    return fault->store.backend->login(fault->store.ctx, &none);
}

static enum store_err call_health(struct fault_store *fault)
{
    struct store_health health;

    fault->store.backend->health(fault->store.ctx, &health);
    return health.err;
}

static enum store_err (*const calls[])(struct fault_store *) = {
    fault_read, call_read_many, call_list, call_write, call_remove, call_login, call_health,
};
#define CALLS (sizeof calls / sizeof calls[0])

static void a_frozen_store_process_ends_each_call_and_the_next_works(void **state)
{
    for (size_t i = 0; i < CALLS; i++) {
        pid_t frozen = fault_process();
        fault_freeze(frozen);
        assert_int_equal(calls[i](*state), STORE_TIMEOUT);
        assert_int_equal(calls[i](*state), STORE_OK);
        assert_int_not_equal(fault_process(), frozen);
        fault_wait_end(frozen);
    }
}

static void a_frozen_store_process_does_not_keep_a_logout(void **state)
{
    struct fault_store *fault = *state;
    pid_t frozen = fault_process();

    fault_freeze(frozen);
    fault->store.backend->logout(fault->store.ctx);
    fault_wait_end(frozen);
    assert_int_equal(fault_read(fault), STORE_OK);
}

/* Only a store process that left a call unanswered has to show that it lives; its successor gets
 * the whole deadline. */
static void a_new_store_process_is_not_in_doubt(void **state)
{
    struct fault_store *fault = *state;
    int64_t deadline = store_time_monotonic() + 60 * STORE_TIME_S;
    struct channel connection;
    struct pool pool;

    pool_init(&pool, store_conf_at(fault->conf, 0));
    assert_int_equal(pool_acquire(&pool, &connection, deadline), STORE_OK);
    pool_drop(&pool, &connection, true);
    assert_true(pool.suspect);
    pool_end_process(&pool);
    assert_false(pool.suspect);
    pool_free(&pool);
}

struct running {
    struct fault_store *fault;
    size_t call;
    _Atomic(pid_t) thread;
    enum store_err err;
};

static void *run_call(void *arg)
{
    struct running *running = arg;

    atomic_store(&running->thread, gettid());
    running->err = calls[running->call](running->fault);
    return NULL;
}

static void a_killed_store_process_ends_each_call_and_the_next_works(void **state)
{
    for (size_t i = 0; i < CALLS; i++) {
        struct running running = {.fault = *state, .call = i};
        pid_t victim = fault_process();
        pthread_t thread;

        fault_freeze(victim); /* so that the call is in the middle */
        assert_int_equal(pthread_create(&thread, NULL, run_call, &running), 0);
        while (atomic_load(&running.thread) == 0)
            sched_yield();
        fault_wait_poll(atomic_load(&running.thread));
        assert_int_equal(kill(victim, SIGKILL), 0);
        pthread_join(thread, NULL);
        assert_int_equal(running.err, STORE_UNAVAILABLE);
        assert_int_equal(calls[i](*state), STORE_OK);
    }
}

static void a_store_process_that_died_between_calls_is_not_noticed(void **state)
{
    pid_t victim = fault_process();
    int watch = fault_watch(victim);

    assert_int_equal(kill(victim, SIGKILL), 0);
    fault_wait_watched(watch);
    assert_int_equal(fault_read(*state), STORE_OK);
    assert_int_not_equal(fault_process(), victim);
}

static void a_frozen_token_does_not_delay_others(void **state)
{
    pid_t frozen = fault_process();
    struct fault_store other;

    (void)state;
    fault_freeze(frozen);
    fault_store_open(&other, true); /* fault_process finds either from here on */
    assert_int_equal(fault_read(&other), STORE_OK);
    kill(frozen, SIGCONT);
    fault_store_close(&other);
}

static int status_of(pid_t child)
{
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void a_forked_child_has_its_own_beside_its_parent(void **state)
{
    pid_t parents = fault_process();
    pid_t child;

    assert_int_equal(fault_read(*state), STORE_OK);
    child = fork();
    if (child == 0) {
        struct fault_store own;
        fault_store_open(&own, true);
        for (int i = 0; i < 50; i++)
            if (fault_read(&own) != STORE_OK)
                _exit(1);
        fault_store_close(&own);
        _exit(0);
    }
    for (int i = 0; i < 50; i++)
        assert_int_equal(fault_read(*state), STORE_OK);
    assert_int_equal(status_of(child), 0);
    assert_int_equal(fault_read(*state), STORE_OK);
    assert_int_equal(fault_process(), parents);
}

/* A host of its own: opens a store, tells the number of its store process, and waits. */
static _Noreturn void be_host(int tell, int wait, const char *end)
{
    char *const program[] = {(char[]){"cat"}, NULL};
    struct fault_store own;
    pid_t pid;
    char byte;

    fault_store_open(&own, true);
    pid = fault_process();
    if (write(tell, &pid, sizeof pid) != (ssize_t)sizeof pid || read(wait, &byte, 1) != 1)
        _exit(2);
    if (strcmp(end, "fork") == 0 && fork() == 0) { /* a child that lives on with the sockets */
        while (read(wait, &byte, 1) > 0)
            continue;
        _exit(0);
    }
    if (strcmp(end, "exec") == 0) {
        dup2(wait, STDIN_FILENO);
        execv("/bin/cat", program);
        _exit(3);
    }
    if (strcmp(end, "kill") == 0)
        raise(SIGKILL);
    _exit(0);
}

static void a_store_process_ends_when_its_host_does(void **state)
{
    static const char *const ends[] = {"exit", "kill", "exec", "fork"};

    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        int told[2];
        int wait[2];
        int watch;
        pid_t host;
        pid_t pid = 0;

        assert_int_equal(pipe2(told, O_CLOEXEC), 0);
        assert_int_equal(pipe2(wait, O_CLOEXEC), 0);
        host = fork();
        if (host == 0) {
            close(wait[1]);
            be_host(told[1], wait[0], ends[i]);
        }
        assert_int_equal(read(told[0], &pid, sizeof pid), sizeof pid);
        watch = fault_watch(pid);
        assert_true(watch >= 0);
        assert_int_equal(write(wait[1], "x", 1), 1);
        fault_wait_watched(watch);
        close(wait[1]); /* cat, and the child that lives on, end here */
        status_of(host);
        close(wait[0]);
        close(told[0]);
        close(told[1]);
    }
}

static long resident_pages(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long all = 0;
    long resident = 0;

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &all, &resident), 2);
    fclose(file);
    return resident;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(AS_MACOS)
#define CYCLES 100 /* starting a program with a sanitizer, or twice, takes its time */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CYCLES 100
#endif
#endif
#ifndef CYCLES
#define CYCLES 1000
#endif

static void opening_and_closing_again_and_again_leaves_nothing(void **state)
{
    struct fault_store *fault = *state;
    size_t before = 0;
    long pages = 0;

    for (int i = 0; i < CYCLES; i++) {
        fault_store_reopen(fault);
        if (i == CYCLES / 2) {
            before = peer_open_files();
            pages = resident_pages();
        }
    }
    assert_int_equal(peer_open_files(), before);
#if CYCLES == 1000
    assert_true(resident_pages() - pages < 64); /* of the second half: 256 KiB in 500 cycles */
#else
    (void)pages; /* the sanitizer keeps freed memory */
#endif
}

static atomic_int signals;

static void count_signal(int number)
{
    (void)number;
    atomic_fetch_add(&signals, 1);
}

static void *reap(void *arg)
{
    (void)arg;
    return (void *)(intptr_t)waitpid(-1, NULL, 0);
}

static void a_host_that_reaps_every_child_sees_none_of_ours(void **state)
{
    const struct sigaction count = {.sa_handler = count_signal, .sa_flags = SA_RESTART};
    struct fault_store *fault = *state;
    struct sigaction before;
    pid_t own = fork();
    pthread_t reaper;
    void *reaped;

    if (own == 0) {
        pause();
        _exit(0);
    }
    atomic_store(&signals, 0);
    sigaction(SIGCHLD, &count, &before);
    assert_int_equal(pthread_create(&reaper, NULL, reap, NULL), 0);
    for (int i = 0; i < 20; i++) {
        pid_t pid = fault_process();
        int watch = fault_watch(pid);
        kill(pid, SIGKILL);
        fault_wait_watched(watch);
        assert_int_equal(fault_read(fault), STORE_OK);
    }
#ifndef AS_MACOS
    assert_int_equal(atomic_load(&signals), 0);
    kill(own, SIGKILL);
    pthread_join(reaper, &reaped);
    assert_int_equal((intptr_t)reaped, own);
#else /* the first program of a start, which ends at once, is the host's child */
    assert_in_range(atomic_load(&signals), 1, 20);
    kill(own, SIGKILL);
    pthread_join(reaper, &reaped);
    if ((intptr_t)reaped != own)
        assert_int_equal(waitpid(-1, NULL, 0), own);
#endif
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* without another child */
    sigaction(SIGCHLD, &before, NULL);
}

/* A token on AWS whose credential_process leaves a process behind. Its endpoint has no listener, so
 * each call that gets that far is UNAVAILABLE. */
static struct store_conf_set *leaving_token(const struct fault_store *fault, char left[96])
{
    static const char *const settings[][2] = {
        {"store.program", STORE_PROGRAM}, {"aws.region", "us-east-1"},
        {"aws.max_attempts", "1"},        {"aws.endpoint_url", "http://127.0.0.1:1"},
        {"timeout_ms", "20000"},
    };
    struct store_conf_set *set = NULL;
    char config[96];
    FILE *file;

    snprintf(left, 96, "%s/left", fault->folder);
    snprintf(config, sizeof config, "%s/config", fault->folder);
    file = fopen(config, "we");
    assert_non_null(file);
    fprintf(file,
            "[default]\ncredential_process = sh -c \"sleep 300 >/dev/null 2>&1 & echo $! > %s; "
            "echo '{\\\"Version\\\": 1, \\\"AccessKeyId\\\": \\\"a\\\", "
            "\\\"SecretAccessKey\\\": \\\"b\\\"}'\"\n",
            left);
    fclose(file);
    setenv("AWS_CONFIG_FILE", config, 1);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    assert_int_equal(store_conf_begin(&set, "leaving", "aws"), STORE_OK);
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        assert_int_equal(
            store_conf_put(set, settings[i][0], settings[i][1], strlen(settings[i][1]), "test"),
            STORE_OK);
    return set;
}

static pid_t pid_in(const char *path)
{
    FILE *file = fopen(path, "re");
    int pid = 0;

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    fclose(file);
    return pid;
}

/* The process left behind does not keep a descriptor that makes the store process look alive. */
static void a_process_that_a_login_leaves_does_not_hide_the_end(void **state)
{
    struct fault_store fault = *(struct fault_store *)*state;
    pid_t leavers[2];
    char left[96];
    int watch;

    store_close(&((struct fault_store *)*state)->store); /* so that there is one store process */
    fault.conf = leaving_token(&fault, left);
    assert_int_equal(
        store_open_at(&fault.store, store_conf_at(fault.conf, 0), STORE_IN_STORE_PROCESS),
        STORE_OK);
    assert_int_equal(fault_read(&fault), STORE_UNAVAILABLE);
    leavers[0] = pid_in(left);
    watch = fault_watch(fault_process());
    assert_int_equal(kill(fault_process(), SIGKILL), 0);
    fault_wait_watched(watch);
    assert_int_equal(unlink(left), 0);
    assert_int_equal(fault_read(&fault), STORE_UNAVAILABLE); /* a dead socket: TIMEOUT */
    leavers[1] = pid_in(left);                               /* so it was asked anew */
    store_close(&fault.store);
    store_conf_free(fault.conf);
    unsetenv("AWS_CONFIG_FILE");
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(kill(leavers[i], SIGKILL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fault_setup, fault_teardown)
        CASE(a_frozen_store_process_ends_each_call_and_the_next_works),
        CASE(a_frozen_store_process_does_not_keep_a_logout),
        CASE(a_new_store_process_is_not_in_doubt),
        CASE(a_killed_store_process_ends_each_call_and_the_next_works),
        CASE(a_store_process_that_died_between_calls_is_not_noticed),
        CASE(a_frozen_token_does_not_delay_others),
        CASE(a_forked_child_has_its_own_beside_its_parent),
        cmocka_unit_test(a_store_process_ends_when_its_host_does),
        CASE(opening_and_closing_again_and_again_leaves_nothing),
        CASE(a_host_that_reaps_every_child_sees_none_of_ours),
        CASE(a_process_that_a_login_leaves_does_not_hide_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
