/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/windows/double/credential_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A writer that is killed before each call of the Credential Manager, and several at once. */

/* The value of "global/a": a letter of a long one, '-' for a short one, ' ' for none. */
#define SHORT '-'
#define ABSENT ' '

static enum store_err make(char what)
{
    if (what == ABSENT)
        return fixture_remove("global/a", NULL);
    if (what == SHORT)
        return fixture_put("global/a", VALUE, NULL, NULL);
    return fixture_put_long("global/a", what, LONG_LEN, NULL);
}

static bool holds(char what)
{
    AUTO_RECORD record = {0};
    enum store_err err = fixture_get("global/a", &record);

    if (what == ABSENT)
        return err == STORE_NOT_FOUND;
    assert_true(err == STORE_OK || err == STORE_NOT_FOUND);
    if (what == SHORT)
        return err == STORE_OK && store_secret_equal(&record.value, VALUE, strlen(VALUE));
    return record.value.len == LONG_LEN && fixture_letter(&record.value) == what;
}

static bool is_long(char what)
{
    return what != SHORT && what != ABSENT;
}

/* Runs the change in a process that dies before call `call`; false if there are fewer calls. */
static bool die_once(char from, char to, int call)
{
    int status = 0;
    pid_t child;

    if (from != ABSENT || holds(SHORT) || holds('a') || holds('b'))
        assert_err(make(from), STORE_OK);
    child = fork();
    if (child == 0) {
        fixture_open(); /* as another program would */
        double_settings.die_at = double_calls() + call;
        _exit(make(to) == STORE_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) {
        assert_int_equal(WEXITSTATUS(status), 0);
        return false;
    }
    assert_int_equal(WTERMSIG(status), SIGKILL);
    return true;
}

/* With `fresh` the next change is by a process that starts then, else by one that was waiting. */
static void die_everywhere(char from, char to, bool fresh)
{
    bool was_old = false;
    bool was_new = false;
    int call = 1;

    for (; die_once(from, to, call); call++) {
        size_t parts;

        if (fresh)
            fixture_open();
        if (holds(from))
            was_old = true;
        else if (holds(to))
            was_new = true;
        else
            fail_msg("from '%c' to '%c', killed at call %d: neither", from, to, call);
        parts = is_long(holds(from) ? from : to) ? LONG_PARTS : 0;
        assert_err(fixture_put("global/b", OTHER_VALUE, NULL, NULL), STORE_OK);
        assert_int_equal(double_count("sideseat.part:"), parts);
        assert_true(holds(from) || holds(to));
    }
    assert_true(call > 3);
    assert_true(was_old);
    assert_true(was_new || to == SHORT || to == ABSENT); /* these need not have a call after it */
    assert_true(holds(to));
}

static void a_killed_writer_leaves_the_old_value_or_the_new(void **state)
{
    static const struct {
        char from, to;
    } changes[] = {{ABSENT, 'a'}, {'a', 'b'},      {'a', SHORT},   {SHORT, 'a'},
                   {'a', ABSENT}, {SHORT, ABSENT}, {ABSENT, SHORT}};

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        die_everywhere(changes[i].from, changes[i].to, true);
        die_everywhere(changes[i].from, changes[i].to, false);
    }
}

static void a_reader_leaves_what_an_interrupted_write_has_left(void **state)
{
    (void)state;
    assert_true(die_once(ABSENT, 'a', 7));
    assert_true(double_count("sideseat.part:") > 0);
    fixture_expect("global/a", NULL);
    assert_true(double_count("sideseat.part:") > 0);
    assert_err(fixture_put("global/b", VALUE, NULL, NULL), STORE_OK);
    assert_int_equal(double_count("sideseat.part:"), 0);
}

#define WRITERS 4
#define ROUNDS 20

/* Adds one to the letter and the length of the secret, unless another process was quicker. */
static int count_up(void)
{
    fixture_open();
    for (int done = 0; done < ROUNDS;) {
        AUTO_RECORD found = {0};
        size_t count;
        enum store_err err = fixture_get("global/a", &found);

        if (err != STORE_OK || fixture_letter(&found.value) == 0)
            return 1;
        err = fixture_put_long("global/a", (char)('a' + (found.value.len + 1) % 26),
                               found.value.len + 1, found.version);
        if (err != STORE_OK && err != STORE_CONFLICT)
            return 2;
        done += err == STORE_OK;
        if (fixture_list(&count) != STORE_OK || count != 1)
            return 3;
    }
    return 0;
}

static void writers_in_several_processes_lose_nothing(void **state)
{
    const size_t len = LONG_LEN + WRITERS * ROUNDS;
    pid_t children[WRITERS];

    (void)state;
    assert_err(fixture_put_long("global/a", 'x', LONG_LEN, NULL), STORE_OK);
    for (int i = 0; i < WRITERS; i++)
        if ((children[i] = fork()) == 0)
            _exit(count_up());
    for (int i = 0; i < WRITERS; i++) {
        int status = 0;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    fixture_expect_long("global/a", (char)('a' + len % 26), len);
    assert_int_equal(double_count("sideseat.part:"), LONG_PARTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_killed_writer_leaves_the_old_value_or_the_new),
        FIXTURE_TEST(a_reader_leaves_what_an_interrupted_write_has_left),
        FIXTURE_TEST(writers_in_several_processes_lose_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
