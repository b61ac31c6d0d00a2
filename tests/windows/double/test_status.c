/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/windows/credential_fixture.h"

#include <string.h>

#include "backends/credential-manager/status.h"
#include "tests/windows/double/double.h"

/* Every error code of Windows, at every call of every operation. */

static const DWORD codes[] = {
#define CODE(name, number) number,
    WINDOWS_CODES(CODE)
#undef CODE
        0x8009000b,
    1295,
    DOUBLE_SILENTLY,
    1,
    1783,
    0xffffffff, /* and some that no row is for */
};

/* An operation on "global/a", which holds the long value 'a', and on "global/b", which does not
 * exist. */
static struct store_record before;

static enum store_err read_it(void)
{
    AUTO_RECORD record = {0};

    return fixture_get("global/a", &record);
}

static enum store_err list_it(void)
{
    size_t count;

    return fixture_list(&count);
}

static enum store_err replace_by_short(void)
{
    AUTO_RECORD record = {0};

    return fixture_put("global/a", VALUE, NULL, &record);
}

static enum store_err replace_by_long(void)
{
    return fixture_put_long("global/a", 'b', LONG_LEN, NULL);
}

static enum store_err replace_if_unchanged(void)
{
    return fixture_put_long("global/a", 'b', LONG_LEN, before.version);
}

static enum store_err make_short(void)
{
    return fixture_put("global/b", VALUE, "0", NULL);
}

static enum store_err make_long(void)
{
    return fixture_put_long("global/b", 'c', LONG_LEN, "0");
}

static enum store_err remove_it(void)
{
    return fixture_remove("global/a", NULL);
}

static enum store_err remove_if_unchanged(void)
{
    return fixture_remove("global/a", before.version);
}

static enum store_err check_it(void)
{
    return fixture_health().err;
}

/* A letter of a long value, '-' for VALUE, ' ' for none. */
static const struct operation {
    const char *name;
    enum store_err (*run)(void);
    char a, b; /* the values after success */
} operations[] = {
    {"read", read_it, 'a', ' '},
    {"list", list_it, 'a', ' '},
    {"replace by a short value", replace_by_short, '-', ' '},
    {"replace by a long value", replace_by_long, 'b', ' '},
    {"replace if unchanged", replace_if_unchanged, 'b', ' '},
    {"make a short value", make_short, 'a', '-'},
    {"make a long value", make_long, 'a', 'c'},
    {"remove", remove_it, ' ', ' '},
    {"remove if unchanged", remove_if_unchanged, ' ', ' '},
    {"health", check_it, 'a', ' '},
};

static bool holds(const char *key, char what)
{
    AUTO_RECORD record = {0};
    enum store_err err = fixture_get(key, &record);

    if (what == ' ')
        return err == STORE_NOT_FOUND;
    if (what == '-')
        return err == STORE_OK && store_secret_equal(&record.value, VALUE, strlen(VALUE));
    return record.value.len == LONG_LEN && fixture_letter(&record.value) == what;
}

static void judge(const struct operation *operation, int call, DWORD code, enum store_err err,
                  int logged)
{
    bool done = holds("global/a", operation->a) && holds("global/b", operation->b);
    bool unchanged = holds("global/a", 'a') && holds("global/b", ' ');
    bool logs = operation->run != check_it && err != STORE_OK && err != STORE_NOT_FOUND &&
                err != STORE_CONFLICT;

    if (logged != (logs ? 1 : 0) && err != STORE_OK) /* an error once, after it perhaps a warning */
        assert_int_equal(logged, logs ? 2 : 0);
    if (err == STORE_OK ? !done : !unchanged && !(done && err == STORE_UNAVAILABLE))
        fail_msg("%s, call %d with %u: %s, and the store is %s", operation->name, call,
                 (unsigned)code, store_err_name(err),
                 done        ? "changed"
                 : unchanged ? "unchanged"
                             : "half changed");
    if (err != STORE_OK && err != status_find(code)->err && err != STORE_UNAVAILABLE &&
        code != ERROR_NOT_FOUND)
        fail_msg("%s, call %d with %u: %s", operation->name, call, (unsigned)code,
                 store_err_name(err));
    /* absent, taken away meanwhile, or a part that is missing */
    if (code == ERROR_NOT_FOUND)
        assert_true(err == STORE_OK || err == STORE_NOT_FOUND || err == STORE_CONFLICT ||
                    err == STORE_CORRUPT || err == STORE_UNAVAILABLE);
    else
        assert_true(err != STORE_NOT_FOUND && err != STORE_CONFLICT);
}

/* Runs an operation whose call number `call` fails; false if it made fewer calls. */
static bool fail_once(const struct operation *operation, int call, DWORD code)
{
    int calls;
    enum store_err err;

    (void)!fixture_remove("global/b", NULL);
    assert_err(fixture_put_long("global/a", 'a', LONG_LEN, NULL), STORE_OK);
    assert_err(fixture_get("global/a", &before), STORE_OK);
    fixture_open(); /* so that an import and a sweep are due */
    fixture_forget_log();
    calls = double_calls();
    double_settings.fail_at = calls + call;
    double_settings.fail_with = code;
    err = operation->run();
    calls = double_calls() - calls;
    double_settings.fail_at = 0;
    if (calls < call)
        return false;
    judge(operation, call, code, err, fixture_logged(""));
    return true;
}

static void every_code_at_every_call(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        for (size_t j = 0; j < sizeof codes / sizeof codes[0]; j++) {
            int call = 1;

            if (codes[j] == ERROR_SUCCESS)
                continue;
            while (fail_once(&operations[i], call, codes[j]))
                call++;
            assert_true(call > 1);
        }
    store_record_clear(&before);
    assert_err(fixture_remove("global/a", NULL), STORE_OK);
    (void)!fixture_remove("global/b", NULL);
    fixture_open();
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
    assert_int_equal(double_count(""), 1); /* all parts are gone */
}

/* Absent, denied, dismissed, damaged, full and unreachable. */
static void each_refusal_has_an_answer_of_its_own(void **state)
{
    static const struct {
        DWORD code;
        enum store_err err;
    } answers[] = {
        {ERROR_NOT_FOUND, STORE_NOT_FOUND},
        {ERROR_NO_SUCH_LOGON_SESSION, STORE_UNAVAILABLE},
        {RPC_S_SERVER_UNAVAILABLE, STORE_UNAVAILABLE},
        {ERROR_ACCESS_DENIED, STORE_DENIED},
        {ERROR_CANCELLED, STORE_CANCELED},
        {ERROR_FILE_CORRUPT, STORE_CORRUPT},
        {ERROR_DISK_FULL, STORE_FULL},
        {ERROR_NOT_ENOUGH_MEMORY, STORE_NO_MEMORY},
        {4711, STORE_UNAVAILABLE},
    };

    (void)state;
    assert_err(fixture_put_long("global/a", 'a', LONG_LEN, NULL), STORE_OK);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        fixture_forget_log();
        double_settings.fail_at = double_calls() + 1;
        double_settings.fail_with = answers[i].code;
        assert_err(read_it(), answers[i].err);
        assert_int_equal(fixture_logged("credential-manager: global/a: "),
                         answers[i].code == ERROR_NOT_FOUND ? 0 : 1);
    }
    fixture_expect_long("global/a", 'a', LONG_LEN);
}

/* Wine answers "not found" to a name that it finds too long. */
static void a_write_never_answers_that_the_secret_does_not_exist(void **state)
{
    (void)state;
    for (int call = 3; call < 5; call++) {
        fixture_open();
        double_settings.fail_at = double_calls() + call + 3;
        double_settings.fail_with = ERROR_NOT_FOUND;
        assert_err(fixture_put_long("global/b", 'b', LONG_LEN, NULL), STORE_UNAVAILABLE);
        double_settings.fail_at = 0;
        fixture_expect("global/b", NULL);
    }
    assert_int_equal(fixture_logged("global/b: Windows refuses the credential's name"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(every_code_at_every_call),
        FIXTURE_TEST(each_refusal_has_an_answer_of_its_own),
        FIXTURE_TEST(a_write_never_answers_that_the_secret_does_not_exist),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
