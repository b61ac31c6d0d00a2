/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/macos/keychain_fixture.h"

#include <string.h>

#include "backends/secitem/status.h"

/* Every result of the SecItem functions, at every call of every operation. */

static const OSStatus codes[] = {
#define CODE(name, number) number,
    SECURITY_CODES(CODE)
#undef CODE
        - 25244,
    -67800, 1, /* and some that no row is for */
};

/* An operation on "global/a", which holds VALUE, and on "global/b", which does not exist. */
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

static enum store_err replace_it(void)
{
    AUTO_RECORD record = {0};

    return fixture_put("global/a", OTHER_VALUE, NULL, &record);
}

static enum store_err replace_if_unchanged(void)
{
    return fixture_put("global/a", OTHER_VALUE, before.version, NULL);
}

static enum store_err make_it(void)
{
    return fixture_put("global/b", VALUE, "0", NULL);
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

static const struct operation {
    const char *name;
    enum store_err (*run)(void);
    const char *a; /* the values after success; NULL: absent */
    const char *b;
} operations[] = {
    {"read", read_it, VALUE, NULL},
    {"list", list_it, VALUE, NULL},
    {"replace", replace_it, OTHER_VALUE, NULL},
    {"replace if unchanged", replace_if_unchanged, OTHER_VALUE, NULL},
    {"make", make_it, VALUE, VALUE},
    {"remove", remove_it, NULL, NULL},
    {"remove if unchanged", remove_if_unchanged, NULL, NULL},
    {"login", fixture_login, VALUE, NULL},
    {"health", check_it, VALUE, NULL},
};

static bool holds(const char *key, const char *value)
{
    AUTO_RECORD record = {0};
    enum store_err err = fixture_get(key, &record);

    if (value == NULL)
        return err == STORE_NOT_FOUND;
    return err == STORE_OK && store_secret_equal(&record.value, value, strlen(value));
}

/* Runs an operation whose call number `call` fails; false if it made fewer calls. */
static bool fail_once(const struct operation *operation, int call, OSStatus code)
{
    int calls;
    enum store_err err;
    bool done;
    bool unchanged;

    (void)!fixture_remove("global/b", NULL);
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
    assert_err(fixture_get("global/a", &before), STORE_OK);
    fixture_forget_log();
    calls = double_calls();
    double_settings.fail_at = calls + call;
    double_settings.fail_with = code;
    err = operation->run();
    calls = double_calls() - calls;
    double_settings.fail_at = 0;
    if (calls < call)
        return false;
    done = holds("global/a", operation->a) && holds("global/b", operation->b);
    unchanged = holds("global/a", VALUE) && holds("global/b", NULL);
    if (err == STORE_OK ? !done : !unchanged && !(done && err == STORE_UNAVAILABLE))
        fail_msg("%s, call %d with %d: %s, and the store is %s", operation->name, call, (int)code,
                 store_err_name(err),
                 done        ? "changed"
                 : unchanged ? "unchanged"
                             : "half changed");
    if (err != STORE_OK && err != status_find(code)->err && err != STORE_UNAVAILABLE &&
        err != STORE_CONFLICT)
        fail_msg("%s, call %d with %d: %s", operation->name, call, (int)code, store_err_name(err));
    if (err == STORE_CONFLICT) /* somebody else made or removed the item */
        assert_true(code == errSecDuplicateItem || code == errSecItemNotFound);
    if (err == STORE_NOT_FOUND)
        assert_int_equal(code, errSecItemNotFound);
    return true;
}

static void fail_everywhere(const char *backend)
{
    fixture_open(backend, FIXTURE_BY_NAME);
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        for (size_t j = 0; j < sizeof codes / sizeof codes[0]; j++) {
            int call = 1;

            if (codes[j] == errSecSuccess)
                continue;
            while (fail_once(&operations[i], call, codes[j]))
                call++;
            assert_true(call > 1);
        }
    assert_int_equal(double_prompts(), 0);
    store_record_clear(&before);
}

static void every_code_at_every_call_of_the_login_keychain(void **state)
{
    (void)state;
    fail_everywhere("keychain");
}

static void every_code_at_every_call_of_the_data_protection_keychain(void **state)
{
    (void)state;
    fail_everywhere("data-protection-keychain");
}

/* Absent, locked, denied, dismissed, not entitled and unreachable. */
static void each_refusal_has_an_answer_of_its_own(void **state)
{
    static const struct {
        OSStatus code;
        enum store_err err;
    } answers[] = {
        {errSecItemNotFound, STORE_NOT_FOUND},  {errSecInteractionNotAllowed, STORE_LOCKED},
        {errSecAuthFailed, STORE_DENIED},       {errSecUserCanceled, STORE_CANCELED},
        {errSecMissingEntitlement, STORE_AUTH}, {errSecNoDefaultKeychain, STORE_UNAVAILABLE},
        {errSecIO, STORE_UNAVAILABLE},
    };

    (void)state;
    fixture_open("keychain", FIXTURE_BY_NAME);
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        fixture_forget_log();
        double_settings.fail_at = double_calls() + 1;
        double_settings.fail_with = answers[i].code;
        assert_err(read_it(), answers[i].err);
        assert_int_equal(fixture_logged("keychain: global/a: "),
                         answers[i].code == errSecItemNotFound ? 0 : 1);
    }
    fixture_expect("global/a", VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(every_code_at_every_call_of_the_login_keychain),
        FIXTURE_TEST(every_code_at_every_call_of_the_data_protection_keychain),
        FIXTURE_TEST(each_refusal_has_an_answer_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
