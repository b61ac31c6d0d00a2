/* SPDX-License-Identifier: Apache-2.0 */
/* The audit's lines, and the processes that write them. */
#include "tests/unit/core/audit_fixture.h"

#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/log.h"

static void members(void)
{
    struct store_audits audits = {0};
    struct store_audit *audit = open_audit(&audits, path, false);
    const struct store_audit_process other = {99, 0, ""};
    const struct store_audit_use use = {
        .token = "t", .key = "", .call = "list", .outcome = "TIMEOUT"};
    struct stat st;

    CHECK(open_audit(&audits, path, false) == audit);
    note(audit, "org/acme/\"k\\", NULL);
    note(audit, "global/k", "CKM_EDDSA");
    store_audit_note(audit, &other, &use);
    store_audit_note(NULL, &other, &use);
    finish(&audits);
    content(path);
    CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600);
    CHECK(count(text, "\n") == 3 && all_whole(text));
    CHECK(count(text, "\"by\":\"module\",\"uid\":12345678,\"pid\":4711,"
                      "\"program\":\"/usr/bin/\\\"tool\\\"\",\"token\":\"sideseat\","
                      "\"key\":\"org/acme/\\\"k\\\\\",\"call\":\"read\",\"outcome\":\"OK\","
                      "\"stale\":true}\n") == 1);
    CHECK(count(text, "\"key\":\"global/k\",\"call\":\"sign\",\"mechanism\":\"CKM_EDDSA\","
                      "\"outcome\":\"OK\",\"stale\":false}\n") == 1);
    CHECK(count(text, "\"uid\":0,\"user\":\"root\",\"pid\":99,\"program\":\"\",\"token\":\"t\","
                      "\"key\":\"\",\"call\":\"list\",\"outcome\":\"TIMEOUT\"") == 1);
    CHECK(logged[0] == '\0');
}

static void a_line_names_everything(void **state)
{
    (void)state;
    in_child(members);
}

/* Nothing is opened and nothing runs before the first use. */
static void unused(void)
{
    struct store_audits audits = {0};

    open_audit(&audits, path, false);
    store_audits_close(&audits);
    CHECK(access(path, F_OK) != 0 && audits.first == NULL);
    CHECK(open_audit(&audits, NULL, false) == NULL);
}

static void an_audit_without_a_use_does_nothing(void **state)
{
    (void)state;
    in_child(unused);
}

static void several_processes(void)
{
    pid_t children[4];
    int status;

    for (size_t i = 0; i < 4; i++) {
        children[i] = fork();
        CHECK(children[i] >= 0);
        if (children[i] == 0) {
            struct store_audits audits = {0};
            struct store_audit *audit = open_audit(&audits, path, false);
            for (int round = 0; round < 10; round++) {
                write_many(audit, 100);
                flush(&audits);
            }
            finish(&audits);
            _exit(0);
        }
    }
    for (size_t i = 0; i < 4; i++)
        CHECK(waitpid(children[i], &status, 0) == children[i] && status == 0);
    CHECK(all_whole(content(path)) && count(text, "\n") == 4000);
}

static void several_processes_write_one_file(void **state)
{
    (void)state;
    in_child(several_processes);
}

/* A process that is killed at any moment leaves whole lines. */
static void killed(void)
{
    struct store_audits audits = {0};
    struct stat st = {0};
    pid_t child = fork();
    char *end;

    CHECK(child >= 0);
    if (child == 0) {
        struct store_audit *audit = open_audit(&audits, path, false);
        for (;;)
            write_many(audit, 50);
    }
    while (stat(path, &st) != 0 || st.st_size < 100000)
        sched_yield();
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    content(path);
    end = strrchr(text, '\n'); /* a kill in the middle of a line leaves a part of that one */
    CHECK(end != NULL && (size_t)(text + strlen(text) - end) < 400);
    end[1] = '\0';
    CHECK(all_whole(text));
    note(open_audit(&audits, path, false), "global/last", NULL);
    finish(&audits);
    content(path);
    end = strrchr(text, '{');
    CHECK(end[-1] == '\n' && strncmp(end, "{\"time\":\"", 9) == 0);
    CHECK(count(text, "}{") == 0 && text[strlen(text) - 1] == '\n');
}

static void a_kill_leaves_whole_lines(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        in_child(killed);
}

static void rotated(void)
{
    struct store_audits audits = {0};
    struct store_audit *audit = open_audit(&audits, path, false);
    char older[80];

    snprintf(older, sizeof older, "%s.1", path);
    note(audit, "global/before", NULL);
    flush(&audits);
    CHECK(rename(path, older) == 0);
    note(audit, "global/after", NULL);
    flush(&audits);
    CHECK(count(content(older), "global/before") == 1 && count(text, "global/after") == 0);
    CHECK(count(content(path), "global/after") == 1);
    CHECK(unlink(path) == 0 && unlink(older) == 0);
    note(audit, "global/again", NULL);
    finish(&audits);
    CHECK(count(content(path), "global/again") == 1);
}

static void a_rotation_is_noticed(void **state)
{
    (void)state;
    in_child(rotated);
}

/* A forked child that goes on without the audit, and one that has its own. */
static void forked(void)
{
    struct store_audits audits = {0};
    struct store_audit *audit = open_audit(&audits, path, false);
    pid_t child;
    int status;

    write_many(audit, 1000);
    flush(&audits); /* AddressSanitizer loses its lock in a child of a thread that allocates */
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        struct store_audits own = {0};
        write_many(open_audit(&own, path, false), 1000);
        finish(&own);
        _exit(0);
    }
    write_many(audit, 1000);
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    finish(&audits);
    CHECK(all_whole(content(path)) && count(text, "\n") == 3000);
}

static void a_forked_child_has_an_audit_of_its_own(void **state)
{
    (void)state;
    in_child(forked);
}

static void processes(void)
{
    struct store_audit_process found;

    store_audit_process_find(getpid(), 7, &found);
    CHECK(found.pid == getpid() && found.uid == 7);
    CHECK(found.program[0] == '/' && strstr(found.program, "test_core_audit") != NULL);
    store_audit_process_find(0, 7, &found);
    CHECK(found.program[0] == '\0');
}

static void a_process_has_a_program(void **state)
{
    (void)state;
    in_child(processes);
}

static bool no_threads;

bool __real_store_thread_start(pthread_t *out, void *(*start)(void *), void *arg);
bool __wrap_store_thread_start(pthread_t *out, void *(*start)(void *), void *arg);

bool __wrap_store_thread_start(pthread_t *out, void *(*start)(void *), void *arg)
{
    return !no_threads && __real_store_thread_start(out, start, arg);
}

/* A log that waits for another use of the audit. */
static void note_in_log(void *arg, enum store_log_level level, const char *line)
{
    struct store_audit *audit = arg;

    (void)level;
    strncat(logged, line, sizeof logged - strlen(logged) - 1);
    if (no_threads)
        note(audit, "global/second", NULL);
}

static void without_threads(void)
{
    struct store_audits audits = {0};
    struct store_audit *audit = open_audit(&audits, path, false);

    store_log_redirect(note_in_log, audit);
    no_threads = true;
    note(audit, "global/first", NULL);
    CHECK(count(logged, "cannot start a thread") == 1);
    no_threads = false;
    note(audit, "global/third", NULL);
    finish(&audits);
    content(path);
    CHECK(count(text, "global/third") == 1 && count(text, "global/second") == 0);
    CHECK(count(text, "\"dropped\":2") == 1);
}

static void a_thread_that_cannot_start_is_told_without_the_lock(void **state)
{
    (void)state;
    in_child(without_threads);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_names_everything),
        cmocka_unit_test(an_audit_without_a_use_does_nothing),
        cmocka_unit_test(several_processes_write_one_file),
        cmocka_unit_test(a_kill_leaves_whole_lines),
        cmocka_unit_test(a_rotation_is_noticed),
        cmocka_unit_test(a_forked_child_has_an_audit_of_its_own),
        cmocka_unit_test(a_process_has_a_program),
        cmocka_unit_test(a_thread_that_cannot_start_is_told_without_the_lock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
    return run_audit_tests(run);
}
