/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "backends/aws/ini.h"
#include "store/log.h"

static enum store_err add(struct aws_ini *ini, bool config, const char *text)
{
    AUTO_SECRET secret = {0};

    TRY(store_secret_set(&secret, text, strlen(text)));
    return aws_ini_parse(ini, "file", config, &secret);
}

static void expect(const struct aws_ini *ini, enum aws_ini_kind kind, const char *section,
                   const char *name, const char *sub, const char *value)
{
    const struct store_secret *found = aws_ini_find(ini, kind, section, name, sub);

    if (value == NULL) {
        assert_null(found);
        return;
    }
    assert_non_null(found);
    assert_int_equal(found->len, strlen(value));
    assert_memory_equal(found->data, value, found->len);
}

static void both_files_are_understood_and_the_credentials_win(void **state)
{
    struct aws_ini ini = {0};

    (void)state;
    assert_int_equal(add(&ini, true,
                         "\xef\xbb\xbf# a comment\r\n"
                         "[default]\r\nregion = eu-west-1\r\n"
                         "[profile a]\nREGION=us-east-1 # why\n aws_access_key_id = ignored? \n"
                         "[profile \"two words\"] ; quoted\nregion=x#y;z\n"
                         "[sso-session s]\nsso_region = eu-central-1\n"
                         "[plugins]\ncli = yes\n"),
                     STORE_OK);
    assert_int_equal(add(&ini, false,
                         "[a]\nregion = me-south-1\naws_secret_access_key = ab/c+=d==\n"
                         "[profile b]\nregion = no\n"),
                     STORE_OK);
    expect(&ini, AWS_INI_PROFILE, "default", "region", NULL, "eu-west-1");
    expect(&ini, AWS_INI_PROFILE, "a", "region", NULL, "me-south-1");
    expect(&ini, AWS_INI_PROFILE, "a", "aws_secret_access_key", NULL, "ab/c+=d==");
    expect(&ini, AWS_INI_PROFILE, "two words", "region", NULL, "x#y;z");
    expect(&ini, AWS_INI_SSO_SESSION, "s", "sso_region", NULL, "eu-central-1");
    expect(&ini, AWS_INI_PROFILE, "b", "region", NULL, NULL);
    expect(&ini, AWS_INI_PROFILE, "plugins", "cli", NULL, NULL);
    assert_true(aws_ini_has(&ini, AWS_INI_PROFILE, "a"));
    assert_false(aws_ini_has(&ini, AWS_INI_PROFILE, "b"));
    aws_ini_clear(&ini);
}

static void nested_settings_and_longer_values_are_read(void **state)
{
    struct aws_ini ini = {0};

    (void)state;
    assert_int_equal(add(&ini, true,
                         "[services local]\n"
                         "secrets_manager =\n"
                         "  endpoint_url = http://localhost:1\n"
                         "  other = 2\n"
                         "sts = \n\tendpoint_url=http://localhost:3\n"
                         "[profile a]\nservices = local\nlong = one\n  two\n"),
                     STORE_OK);
    expect(&ini, AWS_INI_SERVICES, "local", "secrets_manager", "endpoint_url",
           "http://localhost:1");
    expect(&ini, AWS_INI_SERVICES, "local", "secrets_manager", "other", "2");
    expect(&ini, AWS_INI_SERVICES, "local", "sts", "endpoint_url", "http://localhost:3");
    expect(&ini, AWS_INI_SERVICES, "local", "secrets_manager", NULL, NULL);
    expect(&ini, AWS_INI_PROFILE, "a", "long", NULL, "one\ntwo");
    aws_ini_clear(&ini);
}

static void of_default_and_profile_default_the_later_one_counts(void **state)
{
    struct aws_ini ini = {0};

    (void)state;
    assert_int_equal(
        add(&ini, true, "[profile default]\nregion = one\n[default]\nregion = two\noutput = x\n"),
        STORE_OK);
    expect(&ini, AWS_INI_PROFILE, "default", "region", NULL, "two");
    expect(&ini, AWS_INI_PROFILE, "default", "output", NULL, "x");
    aws_ini_clear(&ini);
}

static void a_section_may_be_continued_later_and_the_last_setting_wins(void **state)
{
    struct aws_ini ini = {0};

    (void)state;
    assert_int_equal(add(&ini, false, "[a]\nx = 1\ny = 2\n[b]\nx = 3\n[a]\nx = 4\ny =\n"),
                     STORE_OK);
    expect(&ini, AWS_INI_PROFILE, "a", "x", NULL, "4");
    expect(&ini, AWS_INI_PROFILE, "a", "y", NULL, NULL);
    expect(&ini, AWS_INI_PROFILE, "b", "x", NULL, "3");
    aws_ini_clear(&ini);
}

static void a_malformed_file_is_an_error(void **state)
{
    static const char *const bad[] = {
        "x = 1\n",    "[a\nx = 1\n",           "[]\n", "[a]\nnothing\n", "[a]\n= 1\n",
        "[a]\n  x\n", "[a]\nx =\n  nothing\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct aws_ini ini = {0};

        if (add(&ini, true, bad[i]) != STORE_BAD_CONF)
            fail_msg("\"%s\" is accepted", bad[i]);
        aws_ini_clear(&ini);
    }
}

static void drop_line(void *arg, enum store_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_files_are_understood_and_the_credentials_win),
        cmocka_unit_test(nested_settings_and_longer_values_are_read),
        cmocka_unit_test(of_default_and_profile_default_the_later_one_counts),
        cmocka_unit_test(a_section_may_be_continued_later_and_the_last_setting_wins),
        cmocka_unit_test(a_malformed_file_is_an_error),
    };

    store_log_redirect(drop_line, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
