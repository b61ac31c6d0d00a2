/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/windows/credential_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "tests/windows/credentials.h"

/* A writer that is killed before each call of the Credential Manager, and several at once. */

/* The value of "global/a": a letter of a long one, '-' for a short one, '0' for none. */
#define SHORT '-'
#define ABSENT '0'

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
    const char work[] = {to, '\0'};
    int result;

    if (from != ABSENT || holds(SHORT) || holds('a') || holds('b'))
        assert_err(make(from), STORE_OK);
    result = credentials_end(credentials_start(work, call));
    assert_true(result == 0 || result == CREDENTIALS_KILLED);
    return result != 0;
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
        assert_int_equal(credentials_count("sideseat.part:"), parts);
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
    assert_true(credentials_count("sideseat.part:") > 0);
    fixture_expect("global/a", NULL);
    assert_true(credentials_count("sideseat.part:") > 0);
    assert_err(fixture_put("global/b", VALUE, NULL, NULL), STORE_OK);
    assert_int_equal(credentials_count("sideseat.part:"), 0);
}

#define WRITERS 4
#define ROUNDS 20

/* Adds one to the letter and the length of the secret, unless another process was quicker. */
static int count_up(void)
{
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
    credentials_process *writers[WRITERS];

    (void)state;
    assert_err(fixture_put_long("global/a", 'x', LONG_LEN, NULL), STORE_OK);
    for (int i = 0; i < WRITERS; i++)
        writers[i] = credentials_start("count", 0);
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(credentials_end(writers[i]), 0);
    fixture_expect_long("global/a", (char)('a' + len % 26), len);
    assert_int_equal(credentials_count("sideseat.part:"), LONG_PARTS);
}

/* In a process of its own, as another program would: counts up, or makes a change in vain. */
int credentials_child(const char *work, int number)
{
    fixture_open();
    if (strcmp(work, "count") == 0)
        return count_up();
    credentials_die_at(number);
    return make(work[0]) == STORE_OK ? 0 : 1;
}

static int test_all(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_killed_writer_leaves_the_old_value_or_the_new),
        FIXTURE_TEST(a_reader_leaves_what_an_interrupted_write_has_left),
        FIXTURE_TEST(writers_in_several_processes_lose_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
    if (argc == 3) /* on Windows: credentials_start() has started another process of this program */
        return credentials_child(argv[1], atoi(argv[2]));
    return test_all();
}
