/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/windows/credential_fixture.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backends/credential-manager/parts.h"
#include "store/time.h"
#include "tests/windows/double/double.h"

/* What the contract suite cannot see: names, parts, other programs, the turn. */

static void case_is_kept_where_windows_forgets_it(void **state)
{
    (void)state;
    assert_err(fixture_put("org/Acme/key", VALUE, "0", NULL), STORE_OK);
    assert_err(fixture_put("org/acme/key", OTHER_VALUE, "0", NULL), STORE_OK);
    fixture_expect("org/Acme/key", VALUE);
    fixture_expect("org/acme/key", OTHER_VALUE);
    assert_int_equal(double_count("sideseat:org/%41cme/key"), 1);
    assert_int_equal(double_count("sideseat:org/acme/key"), 1);
}

static void a_long_value_has_parts_of_at_most_2560_bytes(void **state)
{
    static const struct {
        size_t len;
        size_t parts;
    } sizes[] = {{2560, 0}, {2561, 2}, {5120, 2}, {5121, 3}, {(size_t)1024 * 1024, 410}, {7, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_int_equal(parts_count(sizes[i].len), sizes[i].parts);
        assert_err(fixture_put_long("org/Acme/key", 'a', sizes[i].len, NULL), STORE_OK);
        fixture_expect_long("org/Acme/key", 'a', sizes[i].len);
        assert_int_equal(double_count("sideseat.part:org/%41cme/key:"), sizes[i].parts);
        assert_int_equal(double_count(""), sizes[i].parts + 1);
    }
    assert_err(fixture_put_long("org/Acme/key", 'b', LONG_LEN, NULL), STORE_OK);
    assert_err(fixture_remove("org/Acme/key", NULL), STORE_OK);
    assert_int_equal(double_count(""), 0);
}

static void a_listing_shows_no_parts(void **state)
{
    size_t count;

    (void)state;
    assert_err(fixture_put_long("org/acme/key", 'a', LONG_LEN, NULL), STORE_OK);
    assert_err(fixture_put("org/acme/other", VALUE, NULL, NULL), STORE_OK);
    assert_err(fixture_list(&count), STORE_OK);
    assert_int_equal(count, 2);
    assert_string_equal(fixture_health().text, "2 secrets in the user's Credential Manager");
    assert_int_equal(fixture_logged(""), 0);
}

/* The names of the parts, by their number, of the only long value. */
static void damage_part(unsigned number, bool remove)
{
    AUTO_RECORD record = {0};
    char target[TARGET_SIZE];

    assert_err(fixture_get("global/a", &record), STORE_OK);
    target_format_part("global/a", strchr(record.version, '.') + 1, number, target);
    assert_int_equal(double_count(target), 1);
    if (remove)
        double_remove(target);
    else
        double_put(target, NULL, "half", 4);
}

static void a_missing_or_damaged_part_is_damage_and_not_absence(void **state)
{
    AUTO_RECORD record = {0};

    (void)state;
    for (unsigned i = 0; i < 2 * LONG_PARTS; i++) {
        fixture_forget_log();
        assert_err(fixture_put_long("global/a", 'a', LONG_LEN, NULL), STORE_OK);
        damage_part(1 + i % LONG_PARTS, i < LONG_PARTS);
        assert_err(fixture_get("global/a", &record), STORE_CORRUPT);
        assert_int_equal(fixture_logged("global/a: a part of the value is missing"), 1);
        assert_err(fixture_put("global/a", VALUE, "0", NULL), STORE_CONFLICT);
    }
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
    fixture_expect("global/a", VALUE);
    assert_int_equal(double_count(""), 1);
}

static void another_programs_change_is_another_version(void **state)
{
    AUTO_RECORD mine = {0};
    AUTO_RECORD theirs = {0};

    (void)state;
    assert_err(fixture_put("global/a", VALUE, "0", &mine), STORE_OK);
    double_put("sideseat:global/a", NULL, OTHER_VALUE, strlen(OTHER_VALUE));
    assert_err(fixture_get("global/a", &theirs), STORE_OK);
    assert_true(store_secret_equal(&theirs.value, OTHER_VALUE, strlen(OTHER_VALUE)));
    assert_string_not_equal(mine.version, theirs.version);
    assert_int_equal(mine.created_ns, theirs.created_ns);
    assert_true(theirs.updated_ns > mine.updated_ns);
    assert_err(fixture_put("global/a", VALUE, mine.version, NULL), STORE_CONFLICT);
    assert_err(fixture_put("global/a", VALUE, theirs.version, NULL), STORE_OK);
}

/* As Control Panel's editor does it, which keeps the comment. */
static void another_programs_value_takes_the_place_of_parts(void **state)
{
    (void)state;
    assert_err(fixture_put_long("global/a", 'a', LONG_LEN, NULL), STORE_OK);
    double_put("sideseat:global/a", NULL, VALUE, strlen(VALUE));
    fixture_expect("global/a", VALUE);
    fixture_open();
    assert_err(fixture_put("global/b", VALUE, NULL, NULL), STORE_OK);
    assert_int_equal(double_count("sideseat.part:"), 0);
    fixture_expect("global/a", VALUE);
}

static void credentials_of_other_programs_are_secrets_if_a_key_names_them(void **state)
{
    static const char odd[] =
        "sideseat created=- updated=2027-01-15T08:00:00Z version=0123456789abcdef bytes=9000";
    AUTO_RECORD record = {0};
    size_t count;

    (void)state;
    double_put("sideseat:org/acme/a", "another program's", VALUE, strlen(VALUE));
    double_put("SideSeat:ORG/acme/b", "", VALUE, strlen(VALUE));
    double_put("sideseat:no scope", "", VALUE, strlen(VALUE));
    double_put("sideseat:global/empty", "", "", 0);
    double_put("sideseat:global/half", odd, "", 0);
    double_put("sideseat.part:global/other", "", VALUE, strlen(VALUE));
    double_put("another:global/b", "", VALUE, strlen(VALUE));
    fixture_expect("org/acme/a", VALUE);
    fixture_expect("org/acme/b", VALUE);
    fixture_expect("global/b", NULL);
    assert_err(fixture_get("global/empty", &record), STORE_CORRUPT);
    assert_err(fixture_get("global/half", &record), STORE_CORRUPT);
    assert_err(fixture_list(&count), STORE_OK);
    assert_int_equal(count, 4);
    assert_int_equal(fixture_logged("credential-manager: 1 secret"), 1);
    assert_err(fixture_get("org/acme/a", &record), STORE_OK);
    assert_int_equal(record.created_ns, 0);
    assert_true(record.updated_ns > 0);
    assert_err(fixture_put("org/acme/a", OTHER_VALUE, record.version, NULL), STORE_OK);
    fixture_expect("org/acme/a", OTHER_VALUE);
    assert_err(fixture_put("org/acme/b", OTHER_VALUE, NULL, NULL), STORE_OK);
    assert_int_equal(double_count("sideseat:org/acme/b"), 1);
    assert_int_equal(double_count("sideseat.part:"), 1); /* not ours */
}

static void assert_every_operation(enum store_err expected)
{
    AUTO_RECORD record = {0};
    size_t count;

    assert_err(fixture_get("global/a", &record), expected);
    assert_err(fixture_put("global/a", OTHER_VALUE, NULL, NULL), expected);
    assert_err(fixture_put_long("global/a", 'a', LONG_LEN, NULL), expected);
    assert_err(fixture_put("global/b", OTHER_VALUE, "0", NULL), expected);
    assert_err(fixture_remove("global/a", NULL), expected);
    assert_err(fixture_list(&count), expected);
    assert_err(fixture_health().err, expected);
}

static void without_a_logon_session_nothing_is_absent(void **state)
{
    (void)state;
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
    double_settings.no_session = true;
    assert_every_operation(STORE_UNAVAILABLE);
    assert_true(fixture_logged("logon session") > 0);
    double_settings.no_session = false;
    fixture_expect("global/a", VALUE);
}

static void a_session_that_keeps_nothing_is_not_written_to(void **state)
{
    (void)state;
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
    double_settings.keeps_nothing = true;
    assert_err(fixture_put("global/a", OTHER_VALUE, NULL, NULL), STORE_UNAVAILABLE);
    assert_err(fixture_put_long("global/b", 'a', LONG_LEN, NULL), STORE_UNAVAILABLE);
    assert_err(fixture_health().err, STORE_UNAVAILABLE);
    assert_int_equal(fixture_logged("keeps no credentials after its end"), 2);
    fixture_expect("global/a", VALUE);
    assert_int_equal(double_count(""), 1);
}

static void the_mutex_may_be_refused(void **state)
{
    (void)state;
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
    fixture_open();
    double_settings.mutex_refused = ERROR_ACCESS_DENIED;
    assert_every_operation(STORE_DENIED);
    double_settings.mutex_refused = ERROR_SUCCESS;
    fixture_expect("global/a", VALUE);
    double_settings.wait_fails = true;
    assert_every_operation(STORE_UNAVAILABLE);
    double_settings.wait_fails = false;
    fixture_expect("global/a", VALUE);
}

/* The clock of the backend; from call `jump_at` on it is an hour later. */
int64_t __real_store_time_monotonic(void);
int64_t __wrap_store_time_monotonic(void);
static int clock_calls;
static int jump_at;

int64_t __wrap_store_time_monotonic(void)
{
    int64_t now = __real_store_time_monotonic();

    clock_calls++;
    return jump_at != 0 && clock_calls >= jump_at ? now + 3600 * STORE_TIME_S : now;
}

static void no_call_begins_after_the_deadline(void **state)
{
    enum store_err err = STORE_TIMEOUT;

    (void)state;
    assert_err(fixture_put_long("global/a", 'a', LONG_LEN, NULL), STORE_OK);
    for (int i = 2; err == STORE_TIMEOUT; i++) {
        clock_calls = 0;
        jump_at = i;
        err = fixture_put_long("global/a", 'b', LONG_LEN, NULL);
        jump_at = 0;
        if (err == STORE_TIMEOUT)
            fixture_expect_long("global/a", 'a', LONG_LEN);
        assert_true(i < 100);
    }
    assert_err(err, STORE_OK); /* only the old parts are left */
    fixture_expect_long("global/a", 'b', LONG_LEN);
    assert_err(fixture_put("global/b", VALUE, NULL, NULL), STORE_OK);
    assert_int_equal(double_count("sideseat.part:"), LONG_PARTS);
    assert_true(fixture_logged("Windows was too slow for timeout_ms") > 0);
}

/* Takes the turn for itself, tells the parent, and keeps it until the parent is done. */
static _Noreturn void keep_turn(int told, int until)
{
    struct store_conf_set *set;
    struct store_ctx ctx = {0};
    struct turn turn;
    char done;

    if (store_conf_begin(&set, "test", "credential-manager") != STORE_OK)
        _exit(1);
    ctx.conf = store_conf_at(set, 0);
    if (turn_acquire(&ctx, NULL, &turn) != STORE_OK || write(told, "", 1) != 1 ||
        read(until, &done, 1) != 0)
        _exit(1);
    turn_release(&turn);
    _exit(0);
}

static void another_process_may_keep_the_turn_until_the_deadline(void **state)
{
    int told[2];
    int until[2];
    int status = 0;
    pid_t child;
    char go;

    (void)state;
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
    assert_int_equal(pipe(told), 0);
    assert_int_equal(pipe(until), 0);
    child = fork();
    if (child == 0) {
        close(until[1]);
        keep_turn(told[1], until[0]);
    }
    assert_int_equal(read(told[0], &go, 1), 1);
    fixture_open_for("50");
    assert_every_operation(STORE_TIMEOUT);
    assert_true(fixture_logged("other processes do not end their use") > 0);
    close(until[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    fixture_open();
    fixture_expect("global/a", VALUE);
    close(told[0]);
    close(told[1]);
    close(until[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(case_is_kept_where_windows_forgets_it),
        FIXTURE_TEST(a_long_value_has_parts_of_at_most_2560_bytes),
        FIXTURE_TEST(a_listing_shows_no_parts),
        FIXTURE_TEST(a_missing_or_damaged_part_is_damage_and_not_absence),
        FIXTURE_TEST(another_programs_change_is_another_version),
        FIXTURE_TEST(another_programs_value_takes_the_place_of_parts),
        FIXTURE_TEST(credentials_of_other_programs_are_secrets_if_a_key_names_them),
        FIXTURE_TEST(without_a_logon_session_nothing_is_absent),
        FIXTURE_TEST(a_session_that_keeps_nothing_is_not_written_to),
        FIXTURE_TEST(the_mutex_may_be_refused),
        FIXTURE_TEST(no_call_begins_after_the_deadline),
        FIXTURE_TEST(another_process_may_keep_the_turn_until_the_deadline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
