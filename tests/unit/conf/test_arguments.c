/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/conf/conf_fixture.h"

#include <stdlib.h>
#include <string.h>

static void assert_prefix(const char *arguments, const char *prefix)
{
    assert_int_equal(fixture_load(arguments), STORE_OK);
    assert_string_equal(store_conf_text(fixture_token(0), "vault.prefix"), prefix);
}

static void words_are_quoted_as_in_a_shell(void **state)
{
    (void)state;
    assert_prefix("backend=vault vault.prefix=plain", "plain");
    assert_prefix(" \t\n backend=vault\r\n vault.prefix=a\\ b ", "a b");
    assert_prefix("backend=vault vault.prefix='it is \\ \" so'", "it is \\ \" so");
    assert_prefix("backend=vault vault.prefix=\"a \\\"b\\\" \\c \\\\ 'd'\"", "a \"b\" \\c \\ 'd'");
    assert_prefix("backend=vault 'vault.prefix=whole word'", "whole word");
    assert_prefix("backend=vault vault.prefix=a' b '\"c d\"e", "a b c de");
    assert_prefix("backend=vault vault.prefix=''", "");
    assert_prefix("backend=vault vault.prefix=", "");
    assert_prefix("backend=vault vault.prefix=a=b=c", "a=b=c");
    assert_prefix("backend=vault vault.prefix=x\\", "x\\");
}

static void secrets_are_refused_on_a_command_line(void **state)
{
    (void)state;
    assert_int_equal(fixture_load("backend=vault vault.token=x"), STORE_OK);
    assert_refused("from=command-line backend=vault vault.token=x",
                   "vault.token: on a command line",
                   "put the new one into SIDESEAT_SECRETS_VAULT_TOKEN");
    assert_refused("from=command-line backend=vault vault.auth.secret_id=x",
                   "vault.auth.secret_id: on a command line", "into sideseat.json");
    assert_refused("from=command-line backend=vault vault.proxy=http://me:x@proxy:1/",
                   "vault.proxy: on a command line", "VAULT_PROXY_ADDR");
    assert_int_equal(fixture_load("from=command-line backend=vault vault.proxy=http://proxy/a@b"),
                     STORE_OK);
    assert_refused("from=elsewhere", "from: must be command-line", "");
}

static void nothing_is_not_wrong(void **state)
{
    (void)state;
    setenv("SIDESEAT_SECRETS_BACKEND", "file", 1);
    assert_int_equal(fixture_load(NULL), STORE_OK);
    assert_int_equal(fixture_load(""), STORE_OK);
    assert_int_equal(fixture_load("  \n"), STORE_OK);
    assert_string_equal(fixture_log, "");
}

static void the_environment_forbids_them(void **state)
{
    (void)state;
    setenv("SIDESEAT_SECRETS_BACKEND", "file", 1);
    setenv("SIDESEAT_PKCS11_ARGUMENTS", "refuse", 1);
    assert_int_equal(fixture_load(NULL), STORE_OK);
    assert_int_equal(fixture_load(" \t"), STORE_OK);
    assert_refused("timeout_ms=900", "SIDESEAT_PKCS11_ARGUMENTS forbids them", "sideseat.json");
    assert_refused("config=/nowhere/else.json", "SIDESEAT_PKCS11_ARGUMENTS forbids them", "");
    setenv("SIDESEAT_PKCS11_ARGUMENTS", "misspelt", 1);
    assert_refused("timeout_ms=900", "SIDESEAT_PKCS11_ARGUMENTS forbids them", "");
    for (int allowed = 0; allowed < 2; allowed++) {
        setenv("SIDESEAT_PKCS11_ARGUMENTS", allowed ? "allow" : "", 1);
        assert_int_equal(fixture_load("timeout_ms=900"), STORE_OK);
    }
    unsetenv("SIDESEAT_PKCS11_ARGUMENTS");
}

static void a_word_that_is_not_a_setting_is_shown_by_number_only(void **state)
{
    (void)state;
    assert_refused("backend=file hvs.tokentokentoken", "word 2", "key=value");
    assert_not_logged("hvs");
    assert_refused("=hvs.tokentokentoken", "word 1", "key='a value'");
    assert_not_logged("hvs");
    assert_refused("backend='file", "word 1", "quotation without an end");
    assert_refused("backend=\"file\\\"", "word 1", "quotation without an end");
}

static void an_unknown_key_gets_the_nearest_known_one(void **state)
{
    (void)state;
    assert_refused("backend=vault vault.adress=x", "vault.adress: no such setting",
                   "did you mean \"vault.address\"?");
    assert_refused("backedn=file", "backedn", "did you mean \"backend\"?");
    assert_refused("floppy.drive_letter=a", "floppy.drive_letter", "sideseat.json(5)");
    assert_refused("secrets.backend=file", "secrets.backend", "sideseat.json(5)");
    assert_refused("backend=vualt", "backend: must be one of", "did you mean \"vault\"?");
    assert_refused("backend=vault vault.auth.method=aprole", "vault.auth.method: must be one of",
                   "did you mean \"approle\"?");
}

static void every_mistake_is_reported(void **state)
{
    (void)state;
    assert_int_equal(fixture_load("a=1 timeout_ms=x vault.auth.method=magic backend=floppy b"),
                     STORE_BAD_CONF);
    assert_logged("arguments: a: no such setting");
    assert_logged("arguments: timeout_ms: must be a whole number from 50 to 3600000");
    assert_logged("arguments: vault.auth.method: must be one of token, approle, kubernetes, cert");
    assert_logged("arguments: backend: must be one of file, env, keyutils, vault, aws");
    assert_logged("arguments: word 5");
}

static void a_key_comes_once(void **state)
{
    (void)state;
    assert_refused("backend=file backend=env", "backend: given twice", "leave one");
    assert_int_equal(fixture_load("backend=file config=/a config=/b"), STORE_BAD_CONF);
    assert_logged("arguments: config: given twice; leave one");
}

static void a_relative_config_is_refused(void **state)
{
    (void)state;
    assert_int_equal(fixture_load("config=sideseat.json backend=file"), STORE_BAD_CONF);
    assert_logged("arguments: config: must be an absolute path");
    assert_int_equal(fixture_load("config= backend=file"), STORE_BAD_CONF);
}

static void lists_take_their_keys_one_by_one(void **state)
{
    const char *encoding = NULL;

    (void)state;
    assert_int_equal(fixture_load("backend=file sensitive=global/a 'sensitive=org/b c/d,e' "
                                  "sensitive=bare sensitive=global/a sensitive=user/*/tls_* "
                                  "hmac_keys=k hmac_keys=user/u/r:raw hmac_keys=x:y:base64"),
                     STORE_OK);
    assert_true(store_conf_sensitive(fixture_token(0), "global/a"));
    assert_true(store_conf_sensitive(fixture_token(0), "org/b c/d,e"));
    assert_true(store_conf_sensitive(fixture_token(0), "global/bare"));
    assert_true(store_conf_sensitive(fixture_token(0), "user/u1/tls_a"));
    assert_false(store_conf_sensitive(fixture_token(0), "user/u1/tls"));
    assert_false(store_conf_sensitive(fixture_token(0), "user/u1/tls_a/b"));
    assert_string_equal(store_conf_hmac_key(fixture_token(0), 0, &encoding), "global/k");
    assert_string_equal(encoding, "hex");
    assert_string_equal(store_conf_hmac_key(fixture_token(0), 1, &encoding), "user/u/r");
    assert_string_equal(encoding, "raw");
    assert_string_equal(store_conf_hmac_key(fixture_token(0), 2, &encoding), "global/x:y");
    assert_string_equal(encoding, "base64");
    assert_null(store_conf_hmac_key(fixture_token(0), 3, NULL));
    assert_int_equal(fixture_load("backend=file hmac_keys="), STORE_OK);
    assert_null(store_conf_hmac_key(fixture_token(0), 0, NULL));
    assert_refused("backend=file sensitive=other/a/b", "sensitive", "scope key");
    assert_refused("backend=file hmac_keys=a:hex hmac_keys=a:raw", "hmac_keys", "scope key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONF_TEST(words_are_quoted_as_in_a_shell),
        CONF_TEST(secrets_are_refused_on_a_command_line),
        CONF_TEST(nothing_is_not_wrong),
        CONF_TEST(the_environment_forbids_them),
        CONF_TEST(a_word_that_is_not_a_setting_is_shown_by_number_only),
        CONF_TEST(an_unknown_key_gets_the_nearest_known_one),
        CONF_TEST(every_mistake_is_reported),
        CONF_TEST(a_key_comes_once),
        CONF_TEST(a_relative_config_is_refused),
        CONF_TEST(lists_take_their_keys_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
