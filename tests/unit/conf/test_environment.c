/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/conf/conf_fixture.h"

#include <stdlib.h>
#include <string.h>

static void the_first_variable_that_is_set_wins(void **state)
{
    (void)state;
    setenv("AWS_DEFAULT_REGION", "three", 1);
    assert_int_equal(fixture_load("backend=aws"), STORE_OK);
    assert_string_equal(store_conf_text(fixture_token(0), "aws.region"), "three");
    setenv("AWS_REGION", "two", 1);
    assert_int_equal(fixture_load("backend=aws"), STORE_OK);
    assert_string_equal(store_conf_text(fixture_token(0), "aws.region"), "two");
    setenv("SIDESEAT_SECRETS_AWS_REGION", "one", 1);
    assert_int_equal(fixture_load("backend=aws"), STORE_OK);
    assert_string_equal(store_conf_text(fixture_token(0), "aws.region"), "one");
}

static void an_empty_variable_is_not_set(void **state)
{
    (void)state;
    setenv("SIDESEAT_SECRETS_VAULT_TOKEN", "", 1);
    setenv("VAULT_TOKEN", "hvs.2", 1);
    setenv("SIDESEAT_SECRETS_VAULT_PREFIX", "", 1); /* though the setting itself may be empty */
    assert_int_equal(fixture_load("backend=vault"), STORE_OK);
    assert_true(store_secret_equal(store_conf_secret(fixture_token(0), "vault.token"), "hvs.2", 5));
    assert_string_equal(store_conf_text(fixture_token(0), "vault.prefix"), "sideseat");
}

static void a_variable_for_another_backend_is_not_looked_at(void **state)
{
    (void)state;
    setenv("VAULT_CACERT", "relative.pem", 1);
    setenv("AWS_MAX_ATTEMPTS", "many", 1);
    assert_int_equal(fixture_load("backend=file"), STORE_OK);
    assert_string_equal(fixture_log, "");
    assert_refused("backend=vault", "environment variable VAULT_CACERT (secrets.vault.ca_cert)",
                   "must be an absolute path");
    assert_not_logged("relative.pem");
}

static void every_variable_of_the_table_is_read(void **state)
{
    const struct setting *setting;

    (void)state;
    for (size_t i = 0; (setting = setting_at(i)) != NULL; i++) {
        for (size_t j = 0; j < SETTING_ENVIRONMENT_MAX && setting->environment[j] != NULL; j++) {
            setenv(setting->environment[j], "\x01", 1); /* wrong for every setting */
            if (setting->type == SETTING_BACKEND)
                assert_refused(NULL, setting->environment[j], "must be");
            else if (setting->backends == NULL)
                assert_refused("backend=file", setting->environment[j], "must be");
            else if (setting_applies(setting, "env"))
                assert_refused("backend=env", setting->environment[j], "must be");
            else if (setting_applies(setting, "keyutils"))
                assert_refused("backend=keyutils", setting->environment[j], "must be");
            else if (setting_applies(setting, "vault"))
                assert_refused("backend=vault", setting->environment[j], "must be");
            else if (setting_applies(setting, "aws"))
                assert_refused("backend=aws", setting->environment[j], "must be");
            else
                assert_refused("backend=keyutils", setting->environment[j], "must be");
            unsetenv(setting->environment[j]);
        }
    }
}

static void the_log_has_variables_of_its_own(void **state)
{
    (void)state;
    assert_null(store_conf_log_level());
    assert_null(store_conf_log_file());
    setenv("SIDESEAT_PKCS11_LOG", "debug", 1);
    setenv("SIDESEAT_PKCS11_LOG_FILE", "", 1);
    assert_string_equal(store_conf_log_level(), "debug");
    assert_null(store_conf_log_file());
    setenv("SIDESEAT_PKCS11_LOG_FILE", "syslog", 1);
    assert_string_equal(store_conf_log_file(), "syslog");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONF_TEST(the_first_variable_that_is_set_wins),
        CONF_TEST(an_empty_variable_is_not_set),
        CONF_TEST(a_variable_for_another_backend_is_not_looked_at),
        CONF_TEST(every_variable_of_the_table_is_read),
        CONF_TEST(the_log_has_variables_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
