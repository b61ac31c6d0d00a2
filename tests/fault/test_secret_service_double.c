/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/secret_service_fault.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Faults that a real service does not show on demand, by secret_service_double. Runs under
 * tests/servers/gnome-keyring.sh --stopped.
 */

#define BRIEF_MS 400
#define GENEROUS_MS 30000
#define LOGIN_MS 1000

extern char **environ;

struct double_service {
    pid_t pid;
    FILE *words;
};

static void double_expect(const struct double_service *d, const char *word)
{
    char line[64] = "";

    assert_non_null(fgets(line, sizeof line, d->words));
    line[strcspn(line, "\n")] = '\0';
    assert_string_equal(line, word);
}

/* Starts the double and waits until it has its name. */
static struct double_service double_start(const char *habit)
{
    char *argv[] = {getenv("SECRET_SERVICE_DOUBLE"), strdup(habit), NULL};
    struct double_service d;
    posix_spawn_file_actions_t actions;
    int ends[2];

    assert_non_null(argv[0]);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    assert_int_equal(posix_spawn(&d.pid, argv[0], &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    free(argv[1]);
    d.words = fdopen(ends[0], "r");
    assert_non_null(d.words);
    double_expect(&d, "ready");
    return d;
}

static void double_stop(struct double_service *d)
{
    kill(d->pid, SIGKILL);
    waitpid(d->pid, NULL, 0);
    fclose(d->words);
}

static enum store_err login(const struct service_store *s)
{
    const struct store_secret none = {0};

    return s->store.backend->login(s->store.ctx, &none);
}

static void a_service_that_never_answers_times_out(void **state)
{
    struct double_service d = double_start("silent");
    struct service_store s = service_open(BRIEF_MS, LOGIN_MS);
    struct store_health health;
    size_t count;

    (void)state;
    assert_store(service_get(&s, "global/a"), STORE_TIMEOUT);
    service_log_expect("reading global/a: the Secret Service does not answer");
    assert_store(service_list(&s, "", &count), STORE_TIMEOUT);
    service_log_expect("listing: the Secret Service does not answer");
    assert_store(service_put(&s, "global/a", "1"), STORE_TIMEOUT);
    service_log_expect("writing global/a: the Secret Service does not answer");
    assert_store(login(&s), STORE_TIMEOUT);
    service_log_expect("login: the Secret Service does not answer");
    s.store.backend->health(s.store.ctx, &health);
    assert_store(health.err, STORE_TIMEOUT);
    double_stop(&d);
    assert_store(service_get(&s, "global/a"), STORE_UNAVAILABLE);
    service_log_expect("no Secret Service runs");
    service_close(&s);
}

static void a_service_that_stops_answering_times_out(void **state)
{
    struct double_service d = double_start("deaf");
    struct service_store s = service_open(BRIEF_MS, LOGIN_MS);
    size_t count;

    (void)state;
    assert_store(service_get(&s, "global/a"), STORE_TIMEOUT);
    service_log_expect("reading global/a: the Secret Service does not answer");
    assert_store(service_list(&s, "", &count), STORE_TIMEOUT);
    service_log_clear();
    assert_store(service_put(&s, "global/a", "1"), STORE_TIMEOUT);
    service_log_clear();
    double_stop(&d);
    service_close(&s);
}

static void a_denied_secret_is_not_missing(void **state)
{
    struct double_service d = double_start("denied");
    struct service_store s = service_open(GENEROUS_MS, LOGIN_MS);
    size_t count;

    (void)state;
    assert_store(service_get(&s, "global/a"), STORE_DENIED);
    service_log_expect("access was denied");
    assert_store(service_list(&s, "", &count), STORE_DENIED);
    service_log_expect("access was denied");
    assert_store(service_put(&s, "global/a", "1"), STORE_DENIED);
    service_log_expect("access was denied");
    double_stop(&d);
    service_close(&s);
}

static void a_login_unlocks(void **state)
{
    struct double_service d = double_start("approve");
    struct service_store s = service_open(GENEROUS_MS, GENEROUS_MS);

    (void)state;
    assert_store(service_get(&s, "global/a"), STORE_LOCKED);
    service_log_clear();
    assert_store(login(&s), STORE_OK);
    assert_store(service_get(&s, "global/a"), STORE_NOT_FOUND);
    assert_store(login(&s), STORE_OK);
    service_log_expect_nothing();
    double_stop(&d);
    service_close(&s);
}

static void a_dismissed_login_is_canceled(void **state)
{
    struct double_service d = double_start("refuse");
    struct service_store s = service_open(GENEROUS_MS, GENEROUS_MS);

    (void)state;
    assert_store(login(&s), STORE_CANCELED);
    service_log_expect("login: the prompt was dismissed");
    assert_store(service_get(&s, "global/a"), STORE_LOCKED);
    double_stop(&d);
    service_close(&s);
}

/* Nothing but login may make a prompt: reads and writes of a locked store do not. */
static void a_login_that_nobody_answers_dismisses_its_prompt(void **state)
{
    struct double_service d = double_start("ignore");
    struct service_store s = service_open(GENEROUS_MS, LOGIN_MS);
    struct pollfd quiet = {.fd = fileno(d.words), .events = POLLIN};
    size_t count;

    (void)state;
    assert_store(service_get(&s, "global/a"), STORE_LOCKED);
    assert_store(service_put(&s, "global/a", "1"), STORE_LOCKED);
    assert_store(service_list(&s, "", &count), STORE_LOCKED);
    assert_int_equal(poll(&quiet, 1, 0), 0);
    service_log_clear();
    assert_store(login(&s), STORE_TIMEOUT);
    service_log_expect("nobody answered the prompt in time, so it was dismissed");
    double_expect(&d, "dismissed");
    double_stop(&d);
    service_close(&s);
}

/* As KeePassXC does, and then asks the user for leave. */
static void a_write_that_ends_in_a_prompt_is_bounded(void **state)
{
    struct double_service d = double_start("asking");
    struct service_store s = service_open(BRIEF_MS, GENEROUS_MS);

    (void)state;
    assert_store(service_put(&s, "global/a", "1"), STORE_TIMEOUT);
    service_log_expect("nobody answered the prompt in time, so it was dismissed");
    double_expect(&d, "dismissed");
    double_stop(&d);
    service_close(&s);
}

static void activation_file(const char *program)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof path, "%s/services/secrets.service", getenv("SIDESEAT_SESSION"));
    file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "[D-BUS Service]\nName=org.freedesktop.secrets\nExec=%s\n", program);
    fclose(file);
    service_shell("dbus-send --session --print-reply --dest=org.freedesktop.DBus "
                  "/org/freedesktop/DBus org.freedesktop.DBus.ReloadConfig >/dev/null");
}

static void a_service_that_cannot_be_started_is_said(void **state)
{
    struct service_store s = service_open(GENEROUS_MS, LOGIN_MS);

    (void)state;
    activation_file("/bin/false");
    assert_store(service_get(&s, "global/a"), STORE_UNAVAILABLE);
    service_log_expect("no Secret Service runs on the session bus, and none can be started");
    service_close(&s);
    s = service_open(BRIEF_MS, LOGIN_MS);
    activation_file("/bin/sleep 5");
    assert_store(service_get(&s, "global/a"), STORE_TIMEOUT);
    service_log_expect("the Secret Service does not start in time");
    service_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_that_never_answers_times_out),
        cmocka_unit_test(a_service_that_stops_answering_times_out),
        cmocka_unit_test(a_denied_secret_is_not_missing),
        cmocka_unit_test(a_login_unlocks),
        cmocka_unit_test(a_dismissed_login_is_canceled),
        cmocka_unit_test(a_login_that_nobody_answers_dismisses_its_prompt),
        cmocka_unit_test(a_write_that_ends_in_a_prompt_is_bounded),
        cmocka_unit_test(a_service_that_cannot_be_started_is_said),
    };

    return cmocka_run_group_tests(tests, service_setup, NULL);
}
