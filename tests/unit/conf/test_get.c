/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/conf/conf_fixture.h"

#include <stdlib.h>
#include <string.h>

static void a_setting_has_its_default(void **state)
{
    const struct store_conf *conf;
    const char *encoding = NULL;

    (void)state;
    assert_int_equal(fixture_load("backend=vault vault.token=t"), STORE_OK);
    assert_int_equal(store_conf_count(fixture_set), 1);
    conf = fixture_token(0);
    assert_string_equal(store_conf_label(conf), "sideseat");
    assert_string_equal(store_conf_backend(conf), "vault");
    assert_string_equal(store_conf_text(conf, "vault.mount"), "secret");
    assert_false(store_conf_flag(conf, "vault.skip_verify"));
    assert_true(store_secret_equal(store_conf_secret(conf, "vault.token"), "t", 1));
    assert_int_equal(store_conf_secret(conf, "vault.auth.secret_id")->len, 0);
    assert_null(store_conf_text(conf, "vault.namespace"));
    assert_int_equal(store_conf_number(conf, "vault.timeout"), 0);
    assert_string_equal(store_conf_hmac_key(conf, 0, &encoding), "global/jwt_signing_key");
    assert_string_equal(encoding, "hex");
    assert_string_equal(store_conf_hmac_key(conf, 1, &encoding), "global/api_key_secret");
    assert_null(store_conf_hmac_key(conf, 2, &encoding));
    assert_false(store_conf_sensitive(conf, "global/jwt_signing_key"));
    store_conf_free(NULL);
}

static void the_deadline_of_a_network_store_is_longer(void **state)
{
    (void)state;
    assert_int_equal(fixture_load("backend=aws"), STORE_OK);
    assert_int_equal(store_conf_number(fixture_token(0), "timeout_ms"), 10000);
    assert_int_equal(fixture_load("backend=keyutils"), STORE_OK);
    assert_int_equal(store_conf_number(fixture_token(0), "timeout_ms"), 2000);
    assert_int_equal(store_conf_number(fixture_token(0), "login_timeout_ms"), 60000);
    assert_int_equal(fixture_load("backend=aws timeout_ms=77"), STORE_OK);
    assert_int_equal(store_conf_number(fixture_token(0), "timeout_ms"), 77);
}

static void an_unknown_setting_is_unset(void **state)
{
    (void)state;
    assert_int_equal(fixture_load("backend=file"), STORE_OK);
    assert_null(store_conf_text(fixture_token(0), "no.such"));
    assert_int_equal(store_conf_number(fixture_token(0), "no.such"), 0);
    assert_false(store_conf_flag(fixture_token(0), "no.such"));
    assert_int_equal(store_conf_secret(fixture_token(0), "no.such")->len, 0);
}

/* docs/env.md: keys that differ in case, '-', '_' and '/' are one variable. */
static void each_name_of_a_sensitive_variable_is_sensitive(void **state)
{
    static const char *const names[] = {"global/jwt_signing_key", "global/JWT-signing-key",
                                        "global/jwt/signing_key", "org/acme/tls_a",
                                        "org/ACME/tls-b",         "org/acme/tls_/c"};
    static const char text[] = "{\"pkcs11\": {\"sensitive\": [\"global/jwt_signing_key\"], "
                               "\"keys\": [{\"key\": \"org/acme/tls_*\", \"sensitive\": true}]}}";
    const struct store_conf *conf;

    (void)state;
    setenv("SIDESEAT_SECRETS_BACKEND", "env", 1);
    assert_int_equal(fixture_load_text(text), STORE_OK);
    conf = fixture_token(0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_true(store_conf_sensitive(conf, names[i]));
    assert_false(store_conf_sensitive(conf, "global/jwt_signing_keys"));
    assert_false(store_conf_sensitive(conf, "org/acme/tls"));
    setenv("SIDESEAT_SECRETS_BACKEND", "file", 1);
    assert_int_equal(fixture_load_text(text), STORE_OK);
    assert_true(store_conf_sensitive(fixture_token(0), "global/jwt_signing_key"));
    assert_false(store_conf_sensitive(fixture_token(0), "global/JWT-signing-key"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONF_TEST(a_setting_has_its_default),
        CONF_TEST(the_deadline_of_a_network_store_is_longer),
        CONF_TEST(an_unknown_setting_is_unset),
        CONF_TEST(each_name_of_a_sensitive_variable_is_sensitive),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
