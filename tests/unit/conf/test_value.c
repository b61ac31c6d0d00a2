/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/conf/conf_fixture.h"

#include <stdio.h>
#include <string.h>

#include "conf/value.h"

/* A value for the setting at `path`; NULL if it is refused. Freed at the end of the program. */
static struct store_conf_set values;

static const struct conf_value *make(const char *path, const char *text, size_t len)
{
    const struct setting *setting = setting_find(path, strlen(path));
    const struct conf_value *value = NULL;
    enum store_err err;

    assert_non_null(setting);
    err = conf_value_make(&values, setting, text, len, "here", &value);
    assert_int_equal(err, value == NULL ? STORE_BAD_CONF : STORE_OK);
    return value;
}

static void assert_takes(const char *path, const char *text, long number)
{
    const struct conf_value *value = make(path, text, strlen(text));

    if (value == NULL)
        fail_msg("%s does not take %s", path, text);
    assert_int_equal(value->number, number);
    assert_string_equal(value->origin, "here");
}

static void assert_not(const char *path, const char *text)
{
    if (make(path, text, strlen(text)) != NULL)
        fail_msg("%s takes %s", path, text);
}

static void numbers_keep_their_limits(void **state)
{
    static const char *const wrong[] = {
        "",   "-1",   "31", "7.0", " 7", "7 ", "0x7", "+7", "-7", "1e1", "99999999999999999999",
        "7s", "seven"};

    (void)state;
    assert_takes("aws.recovery_window_days", "0", 0);
    assert_takes("aws.recovery_window_days", "7", 7);
    assert_takes("aws.recovery_window_days", "30", 30);
    assert_takes("aws.recovery_window_days", "007", 7);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_not("aws.recovery_window_days", wrong[i]);
}

static void durations_are_seconds_or_have_a_unit(void **state)
{
    static const char *const wrong[] = {
        "",   "0",   "49ms", "-1s", "s",   "1 s", "1.5s",
        "1d", "1s1", "61m",  "2h",  "1sm", "ms",  "9223372036854775807h"};

    (void)state;
    assert_takes("vault.timeout", "30", 30000);
    assert_takes("vault.timeout", "250ms", 250);
    assert_takes("vault.timeout", "10s", 10000);
    assert_takes("vault.timeout", "2m", 120000);
    assert_takes("vault.timeout", "1m30s", 90000);
    assert_takes("vault.timeout", "1h", 3600000);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_not("vault.timeout", wrong[i]);
}

static void flags_are_words(void **state)
{
    static const char *const yes[] = {"true", "TRUE", "True", "1", "yes", "on", "t", "T"};
    static const char *const no[] = {"false", "FALSE", "0", "no", "Off", "f"};
    static const char *const wrong[] = {"", "2", "tru", "true ", "y", "-1"};

    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        assert_takes("vault.skip_verify", yes[i], 1);
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        assert_takes("vault.skip_verify", no[i], 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_not("vault.skip_verify", wrong[i]);
}

static void texts_are_utf8_without_controls(void **state)
{
    (void)state;
    assert_takes("vault.mount", "kv", 0);
    assert_takes("vault.mount", "gr\xc3\xbcn", 0);
    assert_not("vault.mount", "");
    assert_takes("vault.prefix", "", 0);
    assert_not("vault.mount", "a\nb");
    assert_not("vault.mount", "a\x7f");
    assert_not("vault.mount", "\xff");
    assert_null(make("vault.mount", "a\0b", 3));
}

static void paths_are_absolute(void **state)
{
    (void)state;
    assert_takes("vault.ca_cert", "/etc/ca.pem", 0);
    assert_not("vault.ca_cert", "ca.pem");
    assert_not("vault.ca_cert", "./ca.pem");
    assert_not("vault.ca_cert", "~/ca.pem");
    assert_not("vault.ca_cert", "");
}

static void urls_have_a_scheme_and_a_host(void **state)
{
    static const char *const wrong[] = {"",
                                        "vault.internal:8200",
                                        "ftp://host",
                                        "https://",
                                        "https:///path",
                                        "https://user:pw@host",
                                        "https://ho st",
                                        "HTTPS//host",
                                        "https://host:99999",
                                        "https://host:65536",
                                        "https://host:0",
                                        "https://host:abc",
                                        "https://host:80x/",
                                        "https://host:",
                                        "https://:8200",
                                        "https://[::1",
                                        "https://[::1]8200",
                                        "https://::1",
                                        "https://ho\\st"};

    (void)state;
    assert_takes("vault.address", "https://vault.internal:8200", 0);
    assert_takes("vault.address", "http://127.0.0.1:8200/", 0);
    assert_takes("vault.address", "https://[::1]:8200/base/@x", 0);
    assert_takes("vault.address", "https://[::1]", 0);
    assert_takes("vault.address", "https://host:65535", 0);
    assert_takes("vault.address", "HTTPS://host", 0);
    assert_takes("vault.address", "Http://127.0.0.1", 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_not("vault.address", wrong[i]);
}

static void choices_and_backends_are_of_a_list(void **state)
{
    (void)state;
    assert_takes("vault.auth.method", "approle", 0);
    assert_not("vault.auth.method", "app");
    assert_not("vault.auth.method", "token approle");
    assert_takes("backend", "file", 0);
    assert_not("backend", "memory");
    assert_not("backend", "File");
}

static void a_secret_is_kept_as_one(void **state)
{
    const struct conf_value *value = make("vault.token", "hvs.x", 5);

    (void)state;
    assert_non_null(value);
    assert_null(value->text);
    assert_true(store_secret_equal(&value->secret, "hvs.x", 5));
    assert_not("vault.token", "");
    assert_not("vault.token", "a\nb");
}

static void a_list_ends_somewhere(void **state)
{
    struct conf_list list = {0};
    char key[32];

    (void)state;
    for (int i = 0; i < CONF_KEYS_MAX; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_int_equal(conf_list_add(&list, key, strlen(key), NULL), STORE_OK);
    }
    assert_int_equal(conf_list_add(&list, "k0", 2, NULL), STORE_OK);
    assert_int_equal(conf_list_add(&list, "one_more", 8, NULL), STORE_BAD_CONF);
    assert_int_equal(list.count, CONF_KEYS_MAX);
    conf_list_free(&list);
    assert_int_equal(conf_list_add(&list, "k", 1, "rot13"), STORE_BAD_CONF);
    assert_int_equal(conf_list_add(&list, "no/scope/x", 10, "hex"), STORE_BAD_CONF);
    assert_int_equal(list.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_keep_their_limits),
        cmocka_unit_test(durations_are_seconds_or_have_a_unit),
        cmocka_unit_test(flags_are_words),
        cmocka_unit_test(texts_are_utf8_without_controls),
        cmocka_unit_test(paths_are_absolute),
        cmocka_unit_test(urls_have_a_scheme_and_a_host),
        cmocka_unit_test(choices_and_backends_are_of_a_list),
        cmocka_unit_test(a_secret_is_kept_as_one),
        cmocka_unit_test(a_list_ends_somewhere),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    conf_values_free(&values);
    return failed;
}
