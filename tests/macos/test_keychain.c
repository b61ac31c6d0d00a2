/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/macos/keychain_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backends/secitem/query.h"

#define LOGIN "keychain"
#define PROTECTED "data-protection-keychain"

static const char *const backends[] = {LOGIN, PROTECTED};

/* Every operation that does not log in, on a key that exists. */
static void assert_every_operation(enum store_err expected)
{
    AUTO_RECORD record = {0};

    assert_err(fixture_get("global/a", &record), expected);
    assert_err(fixture_put("global/a", OTHER_VALUE, NULL, NULL), expected);
    assert_err(fixture_remove("global/a", NULL), expected);
}

static void locked_is_neither_absent_nor_a_prompt(void **state)
{
    size_t count;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        fixture_open(backends[i], FIXTURE_BY_NAME);
        assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
        double_settings.locked = true;
        assert_every_operation(STORE_LOCKED);
        assert_err(fixture_put("global/b", VALUE, NULL, NULL), STORE_LOCKED);
        (void)!fixture_list(&count);
        (void)fixture_health();
        assert_int_equal(double_prompts(), 0);
        assert_true(fixture_logged("log in") > 0);
        double_settings.locked = false;
        fixture_expect("global/a", VALUE);
        fixture_expect("global/b", NULL);
    }
}

static void a_login_asks_and_unlocks(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        fixture_open(backends[i], FIXTURE_BY_NAME);
        assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
        double_settings.locked = true;
        assert_err(fixture_login(), STORE_OK);
        assert_int_equal(double_prompts(), (int)i + 1);
        fixture_expect("global/a", VALUE);
        assert_err(fixture_login(), STORE_OK);
        assert_int_equal(double_prompts(), (int)i + 1); /* it is open already */
    }
}

static void a_login_unlocks_a_keychain_without_secrets(void **state)
{
    size_t count;

    (void)state;
    fixture_open(LOGIN, FIXTURE_BY_NAME);
    double_settings.locked = true;
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_LOCKED);
    assert_err(fixture_login(), STORE_OK);
    assert_int_equal(double_prompts(), 1);
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
    assert_err(fixture_list(&count), STORE_OK);
    assert_int_equal(count, 1);
}

static void a_lock_locks_the_login_keychain(void **state)
{
    (void)state;
    fixture_open(LOGIN, FIXTURE_BY_NAME);
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
    assert_err(fixture_lock(), STORE_OK);
    assert_every_operation(STORE_LOCKED);
    assert_err(fixture_lock(), STORE_OK); /* it is locked already */
    assert_err(fixture_login(), STORE_OK);
    fixture_expect("global/a", VALUE);
    double_settings.fail_at = double_calls() + 1;
    double_settings.fail_with = errSecNoDefaultKeychain;
    assert_err(fixture_lock(), STORE_UNAVAILABLE);
    fixture_expect("global/a", VALUE);
}

static void the_data_protection_keychain_has_no_lock_of_its_own(void **state)
{
    (void)state;
    fixture_open(PROTECTED, FIXTURE_BY_NAME);
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
    assert_err(fixture_lock(), STORE_UNSUPPORTED);
    fixture_expect("global/a", VALUE);
}

static void a_login_lets_this_program_read_others_items(void **state)
{
    AUTO_RECORD record = {0};

    (void)state;
    fixture_open(LOGIN, FIXTURE_BY_NAME);
    double_put(false, "sideseat", "global/a", VALUE, strlen(VALUE));
    double_settings.protected_access = true;
    assert_err(fixture_get("global/a", &record), STORE_LOCKED);
    assert_int_equal(double_prompts(), 0);
    assert_err(fixture_login(), STORE_OK);
    assert_int_equal(double_prompts(), 1);
    fixture_expect("global/a", VALUE);
}

static void a_dismissed_prompt_and_a_wrong_password_are_two_answers(void **state)
{
    AUTO_RECORD record = {0};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        fixture_open(backends[i], FIXTURE_BY_NAME);
        assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
        double_settings.locked = true;
        double_settings.user = DOUBLE_DISMISSES;
        assert_err(fixture_login(), STORE_CANCELED);
        double_settings.user = DOUBLE_MISTYPES;
        assert_err(fixture_login(), STORE_DENIED);
        assert_err(fixture_get("global/a", &record), STORE_LOCKED);
        double_settings.locked = false;
    }
}

static void a_named_backend_without_the_entitlement_is_an_error(void **state)
{
    size_t count;

    (void)state;
    double_settings.entitled = false;
    fixture_open(PROTECTED, FIXTURE_BY_NAME);
    assert_every_operation(STORE_AUTH);
    assert_err(fixture_list(&count), STORE_AUTH);
    assert_err(fixture_login(), STORE_AUTH);
    assert_err(fixture_health().err, STORE_AUTH);
    assert_true(fixture_logged("no entitlement") > 0);
    fixture_open(LOGIN, FIXTURE_BY_NAME);
    assert_err(fixture_list(&count), STORE_OK);
    assert_int_equal(count, 0);
}

static void the_platforms_choice_gives_way_to_the_login_keychain(void **state)
{
    (void)state;
    double_settings.entitled = false;
    fixture_open(PROTECTED, FIXTURE_BY_PLATFORM);
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
    fixture_expect("global/a", VALUE);
    assert_int_equal(fixture_logged("secrets are in the login keychain"), 1);
    assert_int_equal(fixture_logged(""), 1);
    assert_non_null(strstr(fixture_health().text, "login keychain"));
    fixture_open(LOGIN, FIXTURE_BY_NAME);
    fixture_expect("global/a", VALUE);
}

static void the_choice_is_made_once(void **state)
{
    AUTO_RECORD record = {0};

    (void)state;
    fixture_open(PROTECTED, FIXTURE_BY_PLATFORM);
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
    double_settings.entitled = false;
    assert_err(fixture_get("global/a", &record), STORE_AUTH);
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_AUTH);
    assert_int_equal(fixture_logged("login keychain"), 0);
    double_settings.entitled = true;
    fixture_expect("global/a", VALUE);
}

static void a_keychain_that_does_not_answer_decides_nothing(void **state)
{
    (void)state;
    for (int entitled = 0; entitled < 2; entitled++) {
        AUTO_RECORD record = {0};

        fixture_open(PROTECTED, FIXTURE_BY_PLATFORM);
        double_settings.fail_at = double_calls() + 1;
        double_settings.fail_with = errSecNotAvailable;
        assert_err(fixture_get("global/a", &record), STORE_UNAVAILABLE);
        double_settings.entitled = entitled == 1; /* the next call is the first that is answered */
        assert_err(fixture_put("global/a", VALUE, "0", NULL), STORE_OK);
        assert_int_equal(fixture_logged("secrets are in the login keychain"), 1);
        fixture_open(entitled ? PROTECTED : LOGIN, FIXTURE_BY_NAME);
        fixture_expect("global/a", VALUE);
    }
}

static void another_programs_change_is_another_version(void **state)
{
    AUTO_RECORD mine = {0};
    AUTO_RECORD theirs = {0};

    (void)state;
    fixture_open(PROTECTED, FIXTURE_BY_NAME);
    assert_err(fixture_put("global/a", VALUE, "0", &mine), STORE_OK);
    double_put(true, "com.sideseat.secrets", "global/a", OTHER_VALUE, strlen(OTHER_VALUE));
    assert_err(fixture_get("global/a", &theirs), STORE_OK);
    assert_string_not_equal(mine.version, theirs.version);
    assert_int_equal(mine.created_ns, theirs.created_ns);
    assert_err(fixture_put("global/a", VALUE, mine.version, NULL), STORE_CONFLICT);
    assert_err(fixture_put("global/a", VALUE, theirs.version, NULL), STORE_OK);
}

static void items_of_other_programs_are_secrets_if_a_key_names_them(void **state)
{
    AUTO_RECORD record = {0};
    size_t count;

    (void)state;
    fixture_open(LOGIN, FIXTURE_BY_NAME);
    double_put(false, "sideseat", "org/acme/a", VALUE, strlen(VALUE));
    double_put(false, "sideseat", "no scope", VALUE, strlen(VALUE));
    double_put(false, "sideseat", "global/empty", "", 0);
    double_put(false, "another service", "global/b", VALUE, strlen(VALUE));
    fixture_expect("org/acme/a", VALUE);
    fixture_expect("global/b", NULL);
    assert_err(fixture_get("global/empty", &record), STORE_CORRUPT);
    assert_err(fixture_list(&count), STORE_OK);
    assert_int_equal(count, 2);
    assert_int_equal(fixture_logged("keychain: 1 secret"), 1);
    assert_err(fixture_get("org/acme/a", &record), STORE_OK);
    assert_err(fixture_put("org/acme/a", OTHER_VALUE, record.version, NULL), STORE_OK);
    fixture_expect("org/acme/a", OTHER_VALUE);
}

static void a_writer_waits_for_its_turn_until_the_deadline(void **state)
{
    char path[512];
    int fd;

    (void)state;
    fixture_open(LOGIN, FIXTURE_BY_NAME);
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
    snprintf(path, sizeof path, "%s/keychain.lock", fixture_folder());
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_err(fixture_put("global/a", OTHER_VALUE, NULL, NULL), STORE_TIMEOUT);
    assert_err(fixture_remove("global/a", NULL), STORE_TIMEOUT);
    fixture_expect("global/a", VALUE);
    close(fd);
    assert_err(fixture_put("global/a", OTHER_VALUE, NULL, NULL), STORE_OK);
}

static void a_lock_that_is_a_link_is_not_followed(void **state)
{
    char path[512];

    (void)state;
    fixture_open(LOGIN, FIXTURE_BY_NAME);
    snprintf(path, sizeof path, "%s/keychain.lock", fixture_folder());
    assert_int_equal(symlink("elsewhere", path), 0);
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_FAILED);
    fixture_expect("global/a", NULL);
}

static int child_result(void)
{
    AUTO_RECORD record = {0};
    int calls = double_calls();
    size_t count;

    fixture_open(LOGIN, FIXTURE_BY_NAME);
    if (fixture_get("global/a", &record) != STORE_UNAVAILABLE ||
        fixture_put("global/a", VALUE, NULL, NULL) != STORE_UNAVAILABLE ||
        fixture_remove("global/a", NULL) != STORE_UNAVAILABLE ||
        fixture_list(&count) != STORE_UNAVAILABLE || fixture_login() != STORE_UNAVAILABLE ||
        fixture_health().err != STORE_UNAVAILABLE)
        return 1;
    return double_calls() == calls && fixture_logged("forked") > 0 ? 0 : 2;
}

static void a_forked_child_does_not_touch_the_keychain(void **state)
{
    int status = 0;
    pid_t child;

    (void)state;
    fixture_open(LOGIN, FIXTURE_BY_NAME);
    assert_err(fixture_put("global/a", VALUE, NULL, NULL), STORE_OK);
    child = fork();
    if (child == 0)
        _exit(child_result());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    fixture_expect("global/a", VALUE);
}

static void a_copied_value_is_wiped_where_it_was(void **state)
{
    AUTO_CF CFMutableDictionaryRef found = query_empty();
    AUTO_CF CFDataRef data = CFDataCreate(NULL, (const UInt8 *)VALUE, sizeof VALUE - 1);
    const UInt8 *bytes = CFDataGetBytePtr(data);
    AUTO_SECRET value = {0};

    (void)state;
    CFDictionarySetValue(found, kSecValueData, data);
    assert_int_equal(query_value(found, &value), errSecSuccess);
    assert_memory_equal(bytes, VALUE, sizeof VALUE - 1); /* we hold it, too */
    CFRelease(data);
    assert_int_equal(query_value(found, &value), errSecSuccess);
    assert_true(store_secret_equal(&value, VALUE, sizeof VALUE - 1));
    for (size_t i = 0; i < sizeof VALUE - 1; i++)
        assert_int_equal(bytes[i], 0);
    data = NULL;
}

static void a_result_of_another_type_is_damage_and_no_crash(void **state)
{
    AUTO_CF CFMutableDictionaryRef found = query_empty();
    char account[STORE_KEY_MAX + 1];
    AUTO_SECRET value = {0};
    struct item item;

    (void)state;
    for (int i = 0; i < 2; i++) { /* without members, then with wrong ones */
        query_parse(found, &item);
        assert_int_equal(item.created_ns, 0);
        assert_string_equal(item.revision, "");
        assert_false(query_account(found, account));
        assert_int_equal(query_value(found, &value), errSecDecode);
        CFDictionarySetValue(found, kSecValueData, kCFBooleanTrue);
        CFDictionarySetValue(found, kSecAttrAccount, kCFBooleanTrue);
        CFDictionarySetValue(found, kSecAttrCreationDate, kCFBooleanTrue);
        CFDictionarySetValue(found, kSecAttrGeneric, kCFBooleanTrue);
    }
    query_parse(kCFBooleanTrue, &item);
    assert_false(query_account(NULL, account));
    assert_true(query_set_bytes(found, kSecAttrGeneric, "not hex", 7));
    query_parse(found, &item);
    assert_string_equal(item.revision, "");
    memset(account, 'a', sizeof account - 1);
    account[sizeof account - 1] = '\0';
    assert_true(query_set_text(found, kSecAttrAccount, account));
    assert_true(query_account(found, account));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(locked_is_neither_absent_nor_a_prompt),
        FIXTURE_TEST(a_login_asks_and_unlocks),
        FIXTURE_TEST(a_login_unlocks_a_keychain_without_secrets),
        FIXTURE_TEST(a_lock_locks_the_login_keychain),
        FIXTURE_TEST(the_data_protection_keychain_has_no_lock_of_its_own),
        FIXTURE_TEST(a_login_lets_this_program_read_others_items),
        FIXTURE_TEST(a_dismissed_prompt_and_a_wrong_password_are_two_answers),
        FIXTURE_TEST(a_named_backend_without_the_entitlement_is_an_error),
        FIXTURE_TEST(the_platforms_choice_gives_way_to_the_login_keychain),
        FIXTURE_TEST(the_choice_is_made_once),
        FIXTURE_TEST(a_keychain_that_does_not_answer_decides_nothing),
        FIXTURE_TEST(another_programs_change_is_another_version),
        FIXTURE_TEST(items_of_other_programs_are_secrets_if_a_key_names_them),
        FIXTURE_TEST(a_writer_waits_for_its_turn_until_the_deadline),
        FIXTURE_TEST(a_lock_that_is_a_link_is_not_followed),
        FIXTURE_TEST(a_forked_child_does_not_touch_the_keychain),
        FIXTURE_TEST(a_copied_value_is_wiped_where_it_was),
        FIXTURE_TEST(a_result_of_another_type_is_damage_and_no_crash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
