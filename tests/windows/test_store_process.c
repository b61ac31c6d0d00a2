/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/store_fault.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/windows/api.h"
#include "tests/contract/peer.h"

/* The store process is frozen and killed, and its host comes to an end. The helper is this program,
 * started again as `program host`. */

static void kill_store(pid_t pid)
{
    HANDLE process = OpenProcess(PROCESS_TERMINATE, FALSE, (DWORD)pid);

    assert_non_null(process);
    assert_true(TerminateProcess(process, 1));
    CloseHandle(process);
}

static void a_frozen_store_process_ends_each_call_and_the_next_works(void **state)
{
    for (int i = 0; i < 3; i++) {
        pid_t frozen = fault_process();
        int watch = fault_watch(frozen);

        fault_freeze(frozen);
        assert_int_equal(i == 1 ? fault_write(*state, "other") : fault_read(*state), STORE_TIMEOUT);
        assert_int_equal(fault_read(*state), STORE_OK);
        assert_int_not_equal(fault_process(), frozen);
        fault_wait_watched(watch);
    }
}

static void a_store_process_that_died_between_calls_is_not_noticed(void **state)
{
    pid_t victim = fault_process();
    int watch = fault_watch(victim);

    kill_store(victim);
    fault_wait_watched(watch);
    assert_int_equal(fault_read(*state), STORE_OK);
    assert_int_not_equal(fault_process(), victim);
}

struct running {
    struct fault_store *fault;
    enum store_err err;
};

static void *run_call(void *arg)
{
    struct running *running = arg;

    running->err = fault_read(running->fault);
    return NULL;
}

/* Kills the store process while another thread calls it, which may not have begun yet. */
static enum store_err call_and_kill(struct fault_store *fault, DWORD pause_ms)
{
    struct running running = {.fault = fault};
    pid_t victim = fault_process();
    pthread_t thread;

    fault_freeze(victim); /* so that it does not answer */
    assert_int_equal(pthread_create(&thread, NULL, run_call, &running), 0);
    Sleep(pause_ms);
    kill_store(victim);
    pthread_join(thread, NULL);
    assert_int_equal(fault_read(fault), STORE_OK);
    return running.err;
}

static void a_killed_store_process_ends_the_call_and_the_next_works(void **state)
{
    enum store_err err = STORE_OK;

    for (DWORD pause_ms = 1; err == STORE_OK && pause_ms < 1000; pause_ms *= 2)
        err = call_and_kill(*state, pause_ms);
    assert_int_equal(err, STORE_UNAVAILABLE);
}

static void a_frozen_token_does_not_delay_others(void **state)
{
    pid_t frozen = fault_process();
    int watch = fault_watch(frozen);
    struct fault_store other;

    (void)state;
    fault_freeze(frozen);
    fault_store_open(&other, true); /* fault_process finds either from here on */
    assert_int_equal(fault_read(&other), STORE_OK);
    kill_store(frozen);
    fault_wait_watched(watch);
    fault_store_close(&other);
}

/* A store process gets none of the host's handles, even of those that others inherit. */
static void the_store_process_inherits_nothing_else(void **state)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
    struct fault_store other;
    HANDLE from;
    HANDLE to;
    DWORD n = 0;
    char byte;

    (void)state;
    assert_true(CreatePipe(&from, &to, &inherited, 0));
    fault_store_open(&other, true);
    CloseHandle(to);
    assert_false(ReadFile(from, &byte, 1, &n, NULL)); /* nobody else has that end */
    assert_int_equal(GetLastError(), ERROR_BROKEN_PIPE);
    assert_int_equal(fault_read(&other), STORE_OK);
    fault_store_close(&other);
    CloseHandle(from);
}

static void a_closed_store_leaves_no_process_and_no_handle(void **state)
{
    struct fault_store *fault = *state;
    size_t before = 0;

    for (int i = 0; i < 20; i++) {
        fault_store_reopen(fault);
        if (i == 10)
            before = peer_open_files();
    }
    assert_int_equal(peer_open_files(), before);
}

/* A host that tells of its store process and then waits for its own end. */
static int be_host(bool frozen)
{
    struct fault_store fault;
    pid_t pid;

    fault_store_open(&fault, true);
    pid = fault_process();
    if (frozen)
        fault_freeze(pid);
    if (write(STDOUT_FILENO, &pid, sizeof pid) != (int)sizeof pid)
        return 1;
    Sleep(INFINITE);
    return 0;
}

static void a_store_process_ends_when_its_host_is_killed(void **state)
{
    static const char *const hosts[][3] = {{"windows_store_process", "host", NULL},
                                           {"windows_store_process", "frozen", NULL}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct peer host = peer_start(hosts[i], true);
        pid_t pid = 0;
        int watch;

        assert_int_equal(read(host.from, &pid, sizeof pid), sizeof pid);
        watch = fault_watch(pid);
        assert_true(watch >= 0);
        peer_kill(&host);
        fault_wait_watched(watch);
        assert_int_equal(peer_finish(&host), PEER_KILLED);
        close(host.from);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fault_setup, fault_teardown)
        CASE(a_frozen_store_process_ends_each_call_and_the_next_works),
        CASE(a_store_process_that_died_between_calls_is_not_noticed),
        CASE(a_killed_store_process_ends_the_call_and_the_next_works),
        CASE(a_frozen_token_does_not_delay_others),
        cmocka_unit_test(the_store_process_inherits_nothing_else),
        CASE(a_closed_store_leaves_no_process_and_no_handle),
        cmocka_unit_test(a_store_process_ends_when_its_host_is_killed),
    };

    if (argc == 2)
        return be_host(strcmp(argv[1], "frozen") == 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
