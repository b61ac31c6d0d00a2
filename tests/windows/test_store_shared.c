/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/store_fault.h"

#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/value.h"
#include "platform/channel.h"
#include "platform/windows/pipe.h"
#include "store/log.h"
#include "store/time.h"
#include "tests/contract/peer.h"

#include <aclapi.h>
#include <sddl.h>

/* A store process that many hosts share, on a pipe: killed, frozen, busy, and not this user's. Its
 * store is a file; a host has a setting for it that only other stores need. */

#define HOSTS 8

static char folder[128];
static char config[160];
static char place[160];
static char logged[8192];

static void keep_line(void *arg, enum store_log_level level, const char *text)
{
    size_t len = strlen(logged);

    (void)arg;
    (void)level;
    snprintf(logged + len, sizeof logged - len, "%s\n", text);
}

static bool prepare(void)
{
    FILE *file;

    snprintf(folder, sizeof folder, "%s/fault-shared-XXXXXX", getenv("TMPDIR"));
    if (mkdtemp(folder) == NULL)
        return false;
    snprintf(config, sizeof config, "%s/sideseat.json", folder);
    peer_socket(folder, place, sizeof place);
    file = fopen(config, "w");
    if (file == NULL)
        return false;
    fprintf(file,
            "{\"secrets\": {\"backend\": \"file\", \"data_dir\": \"%s/data\", "
            "\"timeout_ms\": " FAULT_TIMEOUT_MS "}}",
            folder);
    return fclose(file) == 0 && setenv("SIDESEAT_CONFIG", config, 1) == 0;
}

static struct peer start_at(const char *where)
{
    const char *const arguments[] = {"sideseat-store", "--listen", where, NULL};

    return peer_start_program(STORE_PROGRAM, arguments, false);
}

static struct peer start(void)
{
    struct peer peer = start_at(place);

    peer_socket_wait(place);
    return peer;
}

static void end(const struct peer *peer)
{
    peer_kill(peer);
    assert_int_equal(peer_finish(peer), PEER_KILLED);
}

/* A host of the shared process at `where`, with this limit for each of its calls. */
static void host_open(struct fault_store *host, const char *where, const char *timeout_ms)
{
    const struct setting *setting = setting_find("store.socket", strlen("store.socket"));
    const struct conf_value *value;

    memset(host, 0, sizeof *host);
    assert_int_equal(store_conf_begin(&host->conf, "host", "file"), STORE_OK);
    assert_int_equal(
        store_conf_put(host->conf, "timeout_ms", timeout_ms, strlen(timeout_ms), "test"), STORE_OK);
    assert_int_equal(conf_value_make(host->conf, setting, where, strlen(where), "test", &value),
                     STORE_OK);
    host->conf->tokens[0]->layer.values[setting_index(setting)] = value;
    assert_int_equal(
        store_open_at(&host->store, store_conf_at(host->conf, 0), STORE_IN_STORE_PROCESS),
        STORE_OK);
}

static void host_close(struct fault_store *host)
{
    store_close(&host->store);
    store_conf_free(host->conf);
}

static enum store_err logged_read(struct fault_store *host)
{
    enum store_err err;

    logged[0] = '\0';
    store_log_redirect(keep_line, NULL);
    err = fault_read(host);
    store_log_redirect(NULL, NULL);
    return err;
}

static void assert_logged(const char *text)
{
    if (strstr(logged, text) == NULL)
        fail_msg("\"%s\" is not in the log: %s", text, logged);
}

static void a_killed_process_is_told_of_and_its_name_is_free_at_once(void **state)
{
    struct peer peer = start();
    struct fault_store host;

    (void)state;
    host_open(&host, place, FAULT_TIMEOUT_MS);
    assert_int_equal(fault_write(&host, "value"), STORE_OK);
    end(&peer);
    assert_int_equal(logged_read(&host), STORE_UNAVAILABLE);
    assert_logged("--listen");
    peer = start();
    assert_int_equal(fault_read(&host), STORE_OK);
    end(&peer);
    host_close(&host);
}

/* The first host is connected already, the second takes the end for the next client, and for the
 * third there is none. */
static void a_frozen_process_ends_each_call_at_its_deadline(void **state)
{
    struct peer peer = start();
    struct fault_store hosts[3];

    (void)state;
    for (size_t i = 0; i < 3; i++)
        host_open(&hosts[i], place, i == 0 ? FAULT_TIMEOUT_MS : "1000");
    assert_int_equal(fault_write(&hosts[0], "value"), STORE_OK);
    fault_freeze((pid_t)GetProcessId((HANDLE)peer.process));
    assert_int_equal(logged_read(&hosts[1]), STORE_TIMEOUT);
    assert_int_equal(logged_read(&hosts[2]), STORE_TIMEOUT);
    assert_int_equal(logged_read(&hosts[0]), STORE_TIMEOUT);
    end(&peer);
    peer = start();
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fault_read(&hosts[i]), STORE_OK);
        host_close(&hosts[i]);
    }
    end(&peer);
}

static void of_three_that_start_at_once_one_listens(void **state)
{
    (void)state;
    for (int round = 0; round < 10; round++) {
        HANDLE processes[3];
        struct peer peers[3];
        struct fault_store host;

        for (size_t i = 0; i < 3; i++)
            peers[i] = start_at(place);
        peer_socket_wait(place);
        for (size_t count = 3; count > 1; count--) { /* the others end by themselves, with 1 */
            DWORD ended;
            for (size_t i = 0; i < count; i++)
                processes[i] = (HANDLE)peers[i].process;
            ended = WaitForMultipleObjects((DWORD)count, processes, FALSE, 60000);
            assert_in_range(ended, WAIT_OBJECT_0, WAIT_OBJECT_0 + count - 1);
            assert_int_equal(peer_finish(&peers[ended]), 1);
            peers[ended] = peers[count - 1];
        }
        assert_int_equal(WaitForSingleObject((HANDLE)peers[0].process, 0), WAIT_TIMEOUT);
        host_open(&host, place, FAULT_TIMEOUT_MS);
        assert_int_equal(fault_write(&host, "value"), STORE_OK);
        host_close(&host);
        end(&peers[0]);
    }
}

static void *write_and_read(void *arg)
{
    struct fault_store *host = arg;
    enum store_err *result = calloc(1, sizeof *result);

    for (int i = 0; i < 20 && *result == STORE_OK; i++) {
        store_close(&host->store); /* so that each call makes a new connection */
        *result = store_open_at(&host->store, store_conf_at(host->conf, 0), STORE_IN_STORE_PROCESS);
        if (*result == STORE_OK)
            *result = fault_read(host);
    }
    return result;
}

static void hosts_that_come_at_once_are_all_let_in(void **state)
{
    struct peer peer = start();
    struct fault_store hosts[HOSTS];
    pthread_t threads[HOSTS];

    (void)state;
    for (size_t i = 0; i < HOSTS; i++)
        host_open(&hosts[i], place, FAULT_TIMEOUT_MS);
    assert_int_equal(fault_write(&hosts[0], "value"), STORE_OK);
    for (size_t i = 0; i < HOSTS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_and_read, &hosts[i]), 0);
    for (size_t i = 0; i < HOSTS; i++) {
        void *result;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_int_equal(*(enum store_err *)result, STORE_OK);
        free(result);
        host_close(&hosts[i]);
    }
    end(&peer);
}

/* A pipe that this test makes at a place of its own, with these rights. */
static HANDLE make_pipe(const char *where, const char *rights, DWORD count)
{
    SECURITY_ATTRIBUTES attributes = {.nLength = sizeof attributes};
    wchar_t *name = windows_pipe_name(where);
    HANDLE pipe;

    assert_non_null(name);
    if (rights != NULL)
        assert_true(ConvertStringSecurityDescriptorToSecurityDescriptorA(
            rights, SDDL_REVISION_1, &attributes.lpSecurityDescriptor, NULL));
    pipe = CreateNamedPipeW(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, PIPE_TYPE_BYTE, count,
                            4096, 4096, 0, rights == NULL ? NULL : &attributes);
    assert_true(pipe != INVALID_HANDLE_VALUE);
    LocalFree(attributes.lpSecurityDescriptor);
    free(name);
    return pipe;
}

/* Windows lets only an administrator name another owner; there the case is skipped. */
static bool is_anothers(HANDLE pipe)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PSID owner = NULL;
    char *text = NULL;
    bool is;

    assert_int_equal(GetSecurityInfo(pipe, SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION, &owner,
                                     NULL, NULL, NULL, &descriptor),
                     ERROR_SUCCESS);
    assert_true(ConvertSidToStringSidA(owner, &text));
    is = strcmp(text, "S-1-5-21-1-2-3-1001") == 0;
    LocalFree(text);
    LocalFree(descriptor);
    return is;
}

static void nothing_is_sent_to_a_pipe_of_another_user(void **state)
{
    HANDLE pipe = make_pipe(place, "O:S-1-5-21-1-2-3-1001D:(A;;FA;;;WD)", 4);
    struct fault_store host;
    DWORD waiting = 1;

    (void)state;
    if (!is_anothers(pipe)) {
        CloseHandle(pipe);
        skip();
    }
    host_open(&host, place, FAULT_TIMEOUT_MS);
    assert_int_equal(logged_read(&host), STORE_DENIED);
    assert_logged("is another user's");
    /* the client came, and left nothing */
    assert_false(PeekNamedPipe(pipe, NULL, 0, NULL, &waiting, NULL) && waiting > 0);
    host_close(&host);
    CloseHandle(pipe);
}

static void *let_in_late(void *arg)
{
    Sleep(300);
    CloseHandle(arg);
    return NULL;
}

/* A pipe whose only end is taken, for longer than the call may take. */
static void a_busy_pipe_is_waited_for_until_the_deadline(void **state)
{
    HANDLE pipe = make_pipe(place, NULL, 1);
    struct channel first;
    struct channel second;
    pthread_t thread;
    int64_t now = store_time_monotonic();

    (void)state;
    assert_int_equal(channel_connect(place, now, &first), 0);
    assert_int_equal(channel_connect(place, now + 200 * STORE_TIME_MS, &second), ETIMEDOUT);
    assert_true(store_time_monotonic() >= now + 200 * STORE_TIME_MS);
    /* it ends meanwhile: there is nobody to wait for any more */
    assert_int_equal(pthread_create(&thread, NULL, let_in_late, pipe), 0);
    channel_close(&first);
    assert_int_equal(channel_connect(place, now + 60 * STORE_TIME_S, &second), ENOENT);
    pthread_join(thread, NULL);
}

static void what_is_no_pipe_of_this_machine_is_refused(void **state)
{
    static const char *const wrong[] = {
        "C:\\socket",        "/run/socket",      "pipe",   "\\\\.\\pipe\\", "\\\\server\\pipe\\a",
        "\\\\.\\pipe\\a\\b", "\\\\.\\pipe\\a b", "Default"};
    static const char *const right[] = {"default", "\\\\.\\pipe\\a", "\\\\.\\PIPE\\a.b-c"};
    struct store_conf_set *set;

    (void)state;
    assert_int_equal(store_conf_begin(&set, "host", "vault"), STORE_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct peer peer = start_at(wrong[i]);
        assert_int_equal(store_conf_put(set, "store.socket", wrong[i], strlen(wrong[i]), "test"),
                         STORE_BAD_CONF);
        assert_int_equal(peer_finish(&peer), 1);
    }
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        assert_int_equal(store_conf_put(set, "store.socket", right[i], strlen(right[i]), "test"),
                         STORE_OK);
    store_conf_free(set);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static int remove_all(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_pipe_of_this_machine_is_refused),
        cmocka_unit_test(a_killed_process_is_told_of_and_its_name_is_free_at_once),
        cmocka_unit_test(a_frozen_process_ends_each_call_at_its_deadline),
        cmocka_unit_test(of_three_that_start_at_once_one_listens),
        cmocka_unit_test(hosts_that_come_at_once_are_all_let_in),
        cmocka_unit_test(nothing_is_sent_to_a_pipe_of_another_user),
        cmocka_unit_test(a_busy_pipe_is_waited_for_until_the_deadline),
    };

    if (!prepare())
        return 1;
    return cmocka_run_group_tests(tests, NULL, remove_all);
}
