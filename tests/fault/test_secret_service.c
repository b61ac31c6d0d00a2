/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/secret_service_fault.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/*
 * A real service in every state it can be in, and on its way from one to the other. Runs under
 * tests/servers/gnome-keyring.sh.
 */

#define BRIEF_MS 400      /* for calls that are to end at the deadline */
#define GENEROUS_MS 30000 /* for calls that are to succeed, on a slow machine */

static int fresh(void **state)
{
    (void)state;
    service_shell("\"$SIDESEAT_SERVICE\" --fresh");
    return 0;
}

static void answers_of_a_locked_store(void **state)
{
    struct service_store s = service_open(GENEROUS_MS, 1000);
    struct store_health health;
    size_t count;

    (void)state;
    assert_store(service_put(&s, "org/acme/a", "1"), STORE_OK);
    service_shell("\"$SIDESEAT_SERVICE\" --kill && \"$SIDESEAT_SERVICE\" --start-locked");
    assert_store(service_get(&s, "org/acme/a"), STORE_LOCKED);
    service_log_expect("reading org/acme/a: the default collection is locked");
    assert_store(service_get(&s, "org/acme/never"), STORE_LOCKED);
    service_log_clear();
    assert_store(service_list(&s, "", &count), STORE_LOCKED);
    service_log_expect("listing: the default collection is locked");
    assert_store(service_list(&s, "org/acme/", &count), STORE_LOCKED);
    service_log_clear();
    assert_store(service_put(&s, "org/acme/a", "2"), STORE_LOCKED);
    service_log_expect("writing org/acme/a: the default collection is locked");
    assert_store(s.store.backend->remove(s.store.ctx, "org/acme/a", NULL), STORE_LOCKED);
    service_log_clear();
    s.store.backend->health(s.store.ctx, &health);
    assert_store(health.err, STORE_LOCKED);
    assert_non_null(strstr(health.text, "locked"));
    assert_string_not_equal(health.remedy, "");
    service_shell("\"$SIDESEAT_SERVICE\" --kill && \"$SIDESEAT_SERVICE\" --start");
    service_expect(&s, "org/acme/a", "1");
    service_log_expect_nothing();
    service_close(&s);
}

static void no_service_is_said_and_found_again(void **state)
{
    struct service_store s = service_open(GENEROUS_MS, 1000);
    size_t count;

    (void)state;
    assert_store(service_put(&s, "global/a", "1"), STORE_OK);
    service_shell("\"$SIDESEAT_SERVICE\" --kill");
    assert_store(service_get(&s, "global/a"), STORE_UNAVAILABLE);
    service_log_expect("no Secret Service runs on the session bus");
    assert_store(service_list(&s, "", &count), STORE_UNAVAILABLE);
    service_log_expect("no Secret Service runs on the session bus");
    assert_store(service_put(&s, "global/a", "2"), STORE_UNAVAILABLE);
    service_log_expect("no Secret Service runs on the session bus");
    service_shell("\"$SIDESEAT_SERVICE\" --start");
    service_expect(&s, "global/a", "1");
    assert_store(service_put(&s, "global/a", "2"), STORE_OK);
    service_log_expect_nothing();
    service_close(&s);
}

static void a_restart_between_calls_is_not_noticed(void **state)
{
    struct service_store s = service_open(GENEROUS_MS, 1000);
    size_t count;

    (void)state;
    assert_store(service_put(&s, "global/a", "1"), STORE_OK);
    service_shell("\"$SIDESEAT_SERVICE\" --kill && \"$SIDESEAT_SERVICE\" --start");
    service_expect(&s, "global/a", "1");
    service_shell("\"$SIDESEAT_SERVICE\" --kill && \"$SIDESEAT_SERVICE\" --start");
    assert_store(service_put(&s, "global/b", "2"), STORE_OK);
    service_shell("\"$SIDESEAT_SERVICE\" --kill && \"$SIDESEAT_SERVICE\" --start");
    assert_store(service_list(&s, "", &count), STORE_OK);
    assert_int_equal(count, 2);
    service_log_expect_nothing();
    service_close(&s);
}

static void a_frozen_service_times_out_and_comes_back(void **state)
{
    struct service_store s = service_open(BRIEF_MS, 1000);
    struct service_store fresh_store = service_open(BRIEF_MS, 1000);
    size_t count;

    (void)state;
    assert_store(service_put(&s, "global/a", "1"), STORE_OK);
    service_shell("\"$SIDESEAT_SERVICE\" --freeze");
    assert_store(service_get(&s, "global/a"), STORE_TIMEOUT);
    service_log_expect("reading global/a: the Secret Service does not answer");
    assert_store(service_list(&s, "", &count), STORE_TIMEOUT);
    service_log_clear();
    assert_store(service_put(&s, "global/a", "2"), STORE_TIMEOUT);
    service_log_clear();
    assert_store(service_get(&fresh_store, "global/a"), STORE_TIMEOUT);
    service_log_expect("reading global/a: the Secret Service does not answer");
    service_shell("\"$SIDESEAT_SERVICE\" --thaw");
    service_close(&s);
    service_close(&fresh_store);
    s = service_open(GENEROUS_MS, 1000);
    assert_store(service_get(&s, "global/a"), STORE_OK);
    service_close(&s);
}

struct late {
    const struct service_store *s;
    bool write;
    enum store_err err;
};

static void *late_call(void *arg)
{
    struct late *late = arg;

    late->err =
        late->write ? service_put(late->s, "global/a", "2") : service_get(late->s, "global/a");
    return NULL;
}

/* Makes a call to a frozen service, and then has it die with the call on its hands. */
static enum store_err call_and_kill(const struct service_store *s, bool write)
{
    struct late late = {.s = s, .write = write};
    struct timespec soon = {.tv_nsec = 200000000};
    pthread_t thread;

    service_shell("\"$SIDESEAT_SERVICE\" --freeze");
    assert_int_equal(pthread_create(&thread, NULL, late_call, &late), 0);
    /* The service is gone, even if the call was made before. */
    nanosleep(&soon, NULL);
    service_shell("\"$SIDESEAT_SERVICE\" --kill");
    pthread_join(thread, NULL);
    return late.err;
}

static void a_service_killed_in_a_read_is_looked_for_again(void **state)
{
    struct service_store s = service_open(GENEROUS_MS, 1000);

    (void)state;
    assert_store(service_put(&s, "global/a", "1"), STORE_OK);
    assert_store(call_and_kill(&s, false), STORE_UNAVAILABLE);
    service_log_expect("no Secret Service runs on the session bus");
    service_shell("\"$SIDESEAT_SERVICE\" --start");
    service_expect(&s, "global/a", "1");
    service_close(&s);
}

static void a_service_killed_in_a_write_leaves_the_old_value_or_the_new(void **state)
{
    struct service_store s = service_open(GENEROUS_MS, 1000);

    (void)state;
    assert_store(service_put(&s, "global/a", "1"), STORE_OK);
    assert_store(call_and_kill(&s, true), STORE_UNAVAILABLE);
    service_log_clear();
    service_shell("\"$SIDESEAT_SERVICE\" --start");
    service_expect(&s, "global/a", "1");
    assert_store(service_put(&s, "global/a", "3"), STORE_OK);
    service_expect(&s, "global/a", "3");
    service_log_expect_nothing();
    service_close(&s);
}

static void no_default_collection_is_said(void **state)
{
    struct service_store s = service_open(GENEROUS_MS, 1000);
    struct store_health health;

    (void)state;
    service_shell("\"$SIDESEAT_SERVICE\" --start-empty");
    assert_store(service_get(&s, "global/a"), STORE_UNAVAILABLE);
    service_log_expect("the Secret Service has no collection with the alias \"default\"");
    assert_store(service_put(&s, "global/a", "1"), STORE_UNAVAILABLE);
    service_log_clear();
    s.store.backend->health(s.store.ctx, &health);
    assert_store(health.err, STORE_UNAVAILABLE);
    assert_non_null(strstr(health.text, "no collection"));
    service_log_expect_nothing();
    service_close(&s);
}

/* Has the bus's address say something else for one read. */
static enum store_err read_on_bus(const char *address, long timeout_ms)
{
    char *before = strdup(getenv("DBUS_SESSION_BUS_ADDRESS"));
    char *folder = strdup(getenv("XDG_RUNTIME_DIR"));
    struct service_store s = service_open(timeout_ms, 1000);
    enum store_err err;

    setenv("XDG_RUNTIME_DIR", "/nonexistent", 1);
    if (address == NULL)
        unsetenv("DBUS_SESSION_BUS_ADDRESS");
    else
        setenv("DBUS_SESSION_BUS_ADDRESS", address, 1);
    err = service_get(&s, "global/a");
    setenv("XDG_RUNTIME_DIR", folder, 1);
    setenv("DBUS_SESSION_BUS_ADDRESS", before, 1);
    free(before);
    free(folder);
    service_close(&s);
    return err;
}

static void no_bus_is_said(void **state)
{
    (void)state;
    assert_store(read_on_bus(NULL, GENEROUS_MS), STORE_UNAVAILABLE);
    service_log_expect("there is no D-Bus session bus");
    assert_store(read_on_bus("autolaunch:", GENEROUS_MS), STORE_UNAVAILABLE);
    service_log_expect("there is no D-Bus session bus");
    assert_store(read_on_bus("unix:path=/nonexistent/bus", GENEROUS_MS), STORE_UNAVAILABLE);
    service_log_expect("the D-Bus session bus refuses");
}

/* A socket that takes connections and says nothing, as a stopped bus does. */
static void a_bus_that_says_nothing_times_out(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char text[160];

    (void)state;
    snprintf(address.sun_path, sizeof address.sun_path, "%s/mute", getenv("XDG_RUNTIME_DIR"));
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 5), 0);
    snprintf(text, sizeof text, "unix:path=%s", address.sun_path);
    assert_store(read_on_bus(text, BRIEF_MS), STORE_TIMEOUT);
    service_log_expect("the D-Bus session bus does not answer");
    unlink(address.sun_path);
    close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(answers_of_a_locked_store, fresh),
        cmocka_unit_test_setup(no_service_is_said_and_found_again, fresh),
        cmocka_unit_test_setup(a_restart_between_calls_is_not_noticed, fresh),
        cmocka_unit_test_setup(a_frozen_service_times_out_and_comes_back, fresh),
        cmocka_unit_test_setup(a_service_killed_in_a_read_is_looked_for_again, fresh),
        cmocka_unit_test_setup(a_service_killed_in_a_write_leaves_the_old_value_or_the_new, fresh),
        cmocka_unit_test(no_default_collection_is_said),
        cmocka_unit_test(no_bus_is_said),
        cmocka_unit_test(a_bus_that_says_nothing_times_out),
    };

    return cmocka_run_group_tests(tests, service_setup, NULL);
}
