/* SPDX-License-Identifier: Apache-2.0 */
/* Many writers, killed writers, readers beside writers, and writers that take no lock. */
#include "tests/fault/file_fault.h"

#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES 8
#define WRITES 200
#define KILLS 200
#define KEYS 8

static void write_many(const struct fault *fault, int process)
{
    struct store store = fault_open(fault->folder);
    char key[64];
    char value[64];

    for (int i = 0; i < WRITES; i++) {
        snprintf(key, sizeof key, "user/p%d/n%d", process, i);
        snprintf(value, sizeof value, "%d of %d", i, process);
        if (fault_put(&store, key, value) != STORE_OK)
            _exit(1);
    }
    fault_close(&store);
    _exit(0);
}

static void wait_for(pid_t child)
{
    int status;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* The writes of all processes are there. */
static void expect_many(const struct fault *fault, int processes)
{
    struct store store = fault_open(fault->folder);

    for (int process = 0; process < processes; process++)
        for (int i = 0; i < WRITES; i++) {
            char key[64];
            char value[64];
            char found[64];
            snprintf(key, sizeof key, "user/p%d/n%d", process, i);
            snprintf(value, sizeof value, "%d of %d", i, process);
            assert_err(fault_get(&store, key, found, sizeof found), STORE_OK);
            assert_string_equal(found, value);
        }
    fault_close(&store);
}

static void eight_processes_lose_no_write(void **state)
{
    const struct fault *fault = *state;
    pid_t children[PROCESSES];

    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            write_many(fault, i);
    }
    for (int i = 0; i < PROCESSES; i++)
        wait_for(children[i]);
    expect_many(fault, PROCESSES);
}

static void delete_lock(const struct fault *fault)
{
    char name[320];

    snprintf(name, sizeof name, "%s.lock", fault->path);
    for (;;) {
        (void)unlink(name);
        usleep(300);
    }
}

/* Somebody cleans up "stale" lock files all the time, under writers that add to one value each. */
static void deleted_lock_files_lose_no_write(void **state)
{
    const struct fault *fault = *state;
    pid_t children[4];
    pid_t cleaner = fork();

    assert_true(cleaner >= 0);
    if (cleaner == 0)
        delete_lock(fault);
    for (int i = 0; i < 4; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            write_many(fault, i);
    }
    for (int i = 0; i < 4; i++)
        wait_for(children[i]);
    kill(cleaner, SIGKILL);
    assert_int_equal(waitpid(cleaner, NULL, 0), cleaner);
    expect_many(fault, 4);
    assert_int_equal(fault_count(fault->folder, "secrets.json.new"), 0);
}

/* Writes counters for ever and says each on the pipe once it is written. */
static void write_until_killed(const struct fault *fault, int out, uint32_t from)
{
    struct store store = fault_open(fault->folder);

    for (uint32_t i = from;; i++) {
        char key[64];
        char value[64];
        snprintf(key, sizeof key, "global/counter_%u", i % KEYS);
        snprintf(value, sizeof value, "%010u", i);
        if (fault_put(&store, key, value) != STORE_OK || write(out, &i, sizeof i) != sizeof i)
            _exit(1);
    }
}

/* Reads the acknowledged writes until the writer ends; keeps the last of each key. */
static uint32_t drain(int in, uint32_t latest[KEYS])
{
    uint32_t i;
    uint32_t last = 0;

    while (read(in, &i, sizeof i) == sizeof i) {
        latest[i % KEYS] = i;
        last = i;
    }
    return last;
}

static void expect_counters(const struct fault *fault, const uint32_t latest[KEYS])
{
    struct store store = fault_open(fault->folder);

    for (uint32_t i = 0; i < KEYS; i++) {
        char key[64];
        char found[64] = "";
        enum store_err err;
        snprintf(key, sizeof key, "global/counter_%u", i);
        err = fault_get(&store, key, found, sizeof found);
        if (err == STORE_NOT_FOUND && latest[i] == 0)
            continue;
        assert_err(err, STORE_OK);
        /* One more may have been written and not been acknowledged any more. */
        assert_true(strtoul(found, NULL, 10) >= latest[i]);
    }
    fault_close(&store);
    assert_int_equal(fault_count(fault->folder, "secrets.json.corrupt"), 0);
}

static void killed_writers_leave_every_acknowledged_write(void **state)
{
    const struct fault *fault = *state;
    uint32_t latest[KEYS] = {0};
    uint32_t next = KEYS;

    srand((unsigned)time(NULL));
    for (int kills = 0; kills < KILLS; kills++) {
        struct timespec pause = {.tv_nsec = rand() % 8000000};
        uint32_t last;
        int ends[2];
        pid_t child;
        assert_int_equal(pipe(ends), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_until_killed(fault, ends[1], next);
        close(ends[1]);
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
        last = drain(ends[0], latest);
        close(ends[0]);
        assert_int_equal(waitpid(child, NULL, 0), child);
        expect_counters(fault, latest);
        if (last >= next)
            next = last + KEYS + 1;
    }
    assert_true(next > 2 * KEYS);
    /* The next write removes the leftovers of the killed one. */
    assert_err(fault_write_in(fault->folder, "global/last", "x"), STORE_OK);
    assert_int_equal(fault_count(fault->folder, "secrets.json.new"), 0);
}

/* Changes one value between two that differ in length, for ever. */
static void flip(const struct fault *fault)
{
    struct store store = fault_open(fault->folder);
    char values[2][600];

    memset(values, 0, sizeof values);
    memset(values[0], 'a', 599);
    memset(values[1], 'b', 10);
    for (int i = 0;; i++)
        if (fault_put(&store, "global/flip", values[i % 2]) != STORE_OK)
            _exit(1);
}

/* Reads it `count` times; each time it must be one of the two, whole. */
static void watch(const struct fault *fault, int count)
{
    struct store store = fault_open(fault->folder);

    for (int i = 0; i < count; i++) {
        char found[700];
        size_t len;
        if (fault_get(&store, "global/flip", found, sizeof found) != STORE_OK)
            _exit(1);
        len = strlen(found);
        if (!(found[0] == 'a' && len == 599) && !(found[0] == 'b' && len == 10))
            _exit(2);
        if (strspn(found, found[0] == 'a' ? "a" : "b") != len)
            _exit(3);
    }
    fault_close(&store);
    _exit(0);
}

static void readers_beside_a_writer_see_whole_values(void **state)
{
    const struct fault *fault = *state;
    pid_t writer;
    pid_t readers[3];

    assert_err(fault_write_in(fault->folder, "global/flip", "bbbbbbbbbb"), STORE_OK);
    writer = fork();
    if (writer == 0)
        flip(fault);
    for (size_t i = 0; i < 3; i++) {
        readers[i] = fork();
        if (readers[i] == 0)
            watch(fault, 3000);
    }
    for (size_t i = 0; i < 3; i++)
        wait_for(readers[i]);
    kill(writer, SIGKILL);
    assert_int_equal(waitpid(writer, NULL, 0), writer);
}

struct own_reader {
    const struct store *store;
    atomic_bool stop;
    enum store_err err; /* of the first read that failed */
};

static void *read_until_stopped(void *arg)
{
    struct own_reader *reader = arg;
    char found[64];

    while (reader->err == STORE_OK && !atomic_load(&reader->stop))
        reader->err = fault_get(reader->store, "global/x", found, sizeof found);
    return NULL;
}

static enum store_err pass_over(void *arg, const char *key, enum store_err err,
                                const struct store_record *record)
{
    (void)arg, (void)key, (void)record;
    return err;
}

static uint64_t generation_of(const struct store *store)
{
    uint64_t generation = 0;

    assert_err(store->backend->list(store->ctx, "", &generation, pass_over, NULL), STORE_OK);
    assert_true(generation != 0);
    return generation;
}

/* A reader that meets the new file before its writer is done does not read all of it anew: each
 * write makes one state, not two. */
static void readers_beside_their_own_writer_read_no_file(void **state)
{
    const struct fault *fault = *state;
    struct store store = fault_open(fault->folder);
    struct own_reader reader = {.store = &store};
    uint64_t before;
    pthread_t thread;

    assert_err(fault_put(&store, "global/x", "value"), STORE_OK);
    before = generation_of(&store);
    assert_int_equal(pthread_create(&thread, NULL, read_until_stopped, &reader), 0);
    for (int i = 0; i < WRITES; i++)
        assert_err(fault_put(&store, "global/x", i % 2 == 0 ? "one" : "other"), STORE_OK);
    atomic_store(&reader.stop, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_err(reader.err, STORE_OK);
    assert_int_equal(generation_of(&store), before + WRITES);
    fault_close(&store);
}

/* As sideseat does it: another file, renamed; no lock. */
static void rename_over(const struct fault *fault, const char *text)
{
    char temp[320];

    snprintf(temp, sizeof temp, "%s/secrets.json.tmp", fault->folder);
    fault_make(temp, text, 0600);
    assert_int_equal(rename(temp, fault->path), 0);
}

/* Each of its versions is seen by the next read, however quickly they follow each other. */
static void change_by_a_program_without_a_lock_is_seen_at_once(void **state)
{
    const struct fault *fault = *state;
    struct store store = fault_open(fault->folder);

    for (int i = 0; i < 500; i++) {
        char text[200];
        char value[16];
        char found[64];
        snprintf(value, sizeof value, "%08d", i);
        snprintf(text, sizeof text, "{\"version\":2,\"secrets\":{\"global/x\":{\"value\":\"%s\"}}}",
                 value);
        if (i % 2 == 0)
            rename_over(fault, text);
        else
            fault_make(fault->path, text, 0600); /* in place */
        assert_err(fault_get(&store, "global/x", found, sizeof found), STORE_OK);
        assert_string_equal(found, value);
    }
    fault_close(&store);
}

/* As sideseat does it: reads all, changes something, and renames another file over it. */
static void change_without_lock(const struct fault *fault, int number)
{
    json_t *root = json_load_file(fault->path, 0, NULL);
    char *text;
    char value[16];

    assert_non_null(root);
    snprintf(value, sizeof value, "%d", number);
    json_object_set_new(json_object_get(root, "secrets"), "user/other/n",
                        json_pack("{s:s}", "value", value));
    json_object_set_new(root, "theirs", json_integer(number));
    text = json_dumps(root, JSON_INDENT(2));
    assert_non_null(text);
    rename_over(fault, text);
    free(text);
    json_decref(root);
}

/* Its change survives our next write, and so does our earlier one. */
static void change_by_a_program_without_a_lock_is_merged(void **state)
{
    const struct fault *fault = *state;
    struct store store = fault_open(fault->folder);
    char found[64];

    assert_err(fault_put(&store, "global/ours", "-1"), STORE_OK);
    for (int i = 0; i < 100; i++) {
        char value[16];
        json_t *root;
        change_without_lock(fault, i);
        assert_err(fault_get(&store, "global/ours", found, sizeof found), STORE_OK);
        assert_int_equal(atoi(found), i - 1);
        snprintf(value, sizeof value, "%d", i);
        assert_err(fault_put(&store, "global/ours", value), STORE_OK);
        assert_err(fault_get(&store, "user/other/n", found, sizeof found), STORE_OK);
        assert_int_equal(atoi(found), i);
        root = json_load_file(fault->path, 0, NULL);
        assert_int_equal(json_integer_value(json_object_get(root, "theirs")), i);
        json_decref(root);
    }
    fault_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fault_setup, fault_teardown)
        CASE(eight_processes_lose_no_write),
        CASE(deleted_lock_files_lose_no_write),
        CASE(killed_writers_leave_every_acknowledged_write),
        CASE(readers_beside_a_writer_see_whole_values),
        CASE(readers_beside_their_own_writer_read_no_file),
        CASE(change_by_a_program_without_a_lock_is_seen_at_once),
        CASE(change_by_a_program_without_a_lock_is_merged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
