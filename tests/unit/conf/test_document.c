/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/conf/conf_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void every_type_is_read(void **state)
{
    const struct store_conf *conf;

    (void)state;
    assert_int_equal(fixture_load_text(
                         "{\"secrets\": {\"backend\": \"vault\", \"timeout_ms\": 1234, \"vault\": {"
                         "\"address\": \"https://h\", \"token\": \"hvs.1\", \"skip_verify\": true,"
                         "\"timeout\": 7, \"ca_cert\": \"/ca\", \"namespace\": \"\","
                         "\"auth\": {\"method\": \"cert\"}}},"
                         "\"pkcs11\": {\"cache\": {\"ttl_s\": 0}}}"),
                     STORE_OK);
    conf = fixture_token(0);
    assert_string_equal(store_conf_backend(conf), "vault");
    assert_string_equal(store_conf_text(conf, "vault.address"), "https://h");
    assert_string_equal(store_conf_text(conf, "vault.ca_cert"), "/ca");
    assert_string_equal(store_conf_text(conf, "vault.namespace"), "");
    assert_string_equal(store_conf_text(conf, "vault.auth.method"), "cert");
    assert_true(store_secret_equal(store_conf_secret(conf, "vault.token"), "hvs.1", 5));
    assert_true(store_conf_flag(conf, "vault.skip_verify"));
    assert_int_equal(store_conf_number(conf, "timeout_ms"), 1234);
    assert_int_equal(store_conf_number(conf, "vault.timeout"), 7000);
    assert_int_equal(store_conf_number(conf, "cache.ttl_s"), 0);
    assert_string_equal(fixture_log, "");
    assert_int_equal(fixture_load_text("{\"secrets\": {\"backend\": \"vault\","
                                       "\"vault\": {\"timeout\": \"1m\"}}}"),
                     STORE_OK);
    assert_int_equal(store_conf_number(fixture_token(0), "vault.timeout"), 60000);
}

static void a_byte_order_mark_is_skipped(void **state)
{
    (void)state;
    assert_int_equal(fixture_load_text("\xef\xbb\xbf{\"secrets\": {\"backend\": \"env\"}}"),
                     STORE_OK);
    assert_string_equal(store_conf_backend(fixture_token(0)), "env");
    assert_string_equal(fixture_log, "");
}

static void other_sections_are_left_alone(void **state)
{
    (void)state;
    assert_int_equal(fixture_load_text("{\"server\": {\"backend\": 3}, \"$schema\": \"x\","
                                       "\"secrets\": {\"backend\": \"file\"}, \"other\": null}"),
                     STORE_OK);
    assert_string_equal(fixture_log, "");
}

static void a_syntax_error_names_line_and_column_but_not_the_text(void **state)
{
    (void)state;
    assert_text_refused("{\"secrets\": {\n  \"vault\": {\"token\": \"hvs.1\" \"hvs.2\"}}}",
                        "named.json:2:", "syntax error");
    assert_not_logged("hvs");
    assert_text_refused("", "named.json:1:0", "not JSON");
    assert_text_refused("{", "named.json:1:1", "ends too early");
    assert_text_refused("{} x", "named.json:1:", "follows its end");
    assert_text_refused("{\"a\": \"\xff\"}", "named.json:1:", "UTF-8");
    assert_text_refused("{\"a\": 1, \"a\": 2}", "named.json:1:", "same key twice");
    assert_text_refused("[]", "named.json: is a list", "must be an object");
}

static void an_unknown_key_gets_the_nearest_known_one(void **state)
{
    (void)state;
    assert_text_refused("{\"secrets\": {\"backend\": \"vault\", \"vault\": {\"adress\": \"x\"}}}",
                        "named.json: secrets.vault.adress: no such setting",
                        "did you mean \"address\"?");
    assert_text_refused("{\"secrets\": {\"backend\": \"file\", \"secret-service\": {}}}",
                        "secrets.secret-service", "did you mean \"secret_service\"?");
    assert_text_refused("{\"secrets\": {\"backend\": \"file\", \"cache\": {}}}", "secrets.cache",
                        "known here are: \"backend\"");
    assert_text_refused("{\"secrets\": {\"backend\": \"file\"}, \"pkcs11\": {\"token\": []}}",
                        "pkcs11.token:", "did you mean \"tokens\"?");
    assert_text_refused("{\"secrets\": {\"backend\": \"file\", \"vault.address\": \"https://x\"}}",
                        "secrets.vault.address", "no such setting");
}

static void a_wrong_type_is_named_and_the_right_one(void **state)
{
    (void)state;
    assert_text_refused("{\"secrets\": {\"backend\": \"aws\", \"timeout_ms\": \"99\"}}",
                        "secrets.timeout_ms: is a text", "must be a whole number from 50");
    assert_text_refused("{\"secrets\": {\"backend\": \"aws\", \"timeout_ms\": 99.5}}",
                        "is a number that is not whole", "must be a whole number");
    assert_text_refused("{\"secrets\": {\"backend\": \"vault\", \"vault\": \"x\"}}",
                        "secrets.vault: is a text", "must be an object");
    assert_text_refused("{\"secrets\": {\"backend\": \"vualt\"}}",
                        "secrets.backend: must be one of", "did you mean \"vault\"?");
    assert_text_refused("{\"secrets\": {\"backend\": null}}", "secrets.backend: is null",
                        "must be one of file");
    assert_text_refused("{\"secrets\": {\"backend\": \"vault\", \"vault\": {\"skip_verify\": 1}}}",
                        "secrets.vault.skip_verify: is a number", "true or false");
    assert_text_refused("{\"secrets\": [{\"backend\": \"file\"}]}", "secrets: is a list",
                        "must be an object");
}

static void every_mistake_is_reported_without_the_value(void **state)
{
    (void)state;
    assert_int_equal(
        fixture_load_text("{\"secrets\": {\"backend\": \"hunter1\", \"vault\": {"
                          "\"address\": \"hunter2\", \"token\": 3}, \"x\": \"hunter3\"},"
                          "\"pkcs11\": {\"cache\": {\"ttl_s\": -1}, \"sensitive\": [\"\", 4],"
                          "\"hmac_keys\": [{\"key\": \"a/b\", \"encodin\": \"hex\"}],"
                          "\"tokens\": [{\"label\": \"\"}]}}"),
        STORE_BAD_CONF);
    assert_logged("secrets.backend: must be one of");
    assert_logged("secrets.vault.address: must be a URL");
    assert_logged("secrets.vault.token: is a number");
    assert_logged("secrets.x: no such setting");
    assert_logged("pkcs11.cache.ttl_s: must be a whole number from 0 to 86400");
    assert_logged("pkcs11.sensitive[0]: ");
    assert_logged("pkcs11.sensitive[1]: ");
    assert_logged("pkcs11.hmac_keys[0]: ");
    assert_logged("pkcs11.hmac_keys[0].encodin: ");
    assert_logged("pkcs11.tokens[0].label: ");
    assert_not_logged("hunter");
}

static void lists_are_read_in_order(void **state)
{
    const char *encoding = NULL;

    (void)state;
    assert_int_equal(
        fixture_load_text("{\"secrets\": {\"backend\": \"file\"}, \"pkcs11\": {"
                          "\"hmac_keys\": [{\"key\": \"b\", \"encoding\": \"base64\"},"
                          "{\"key\": \"org/acme/a\"}], \"sensitive\": [\"jwt\", \"user/u/t\"]}}"),
        STORE_OK);
    assert_string_equal(store_conf_hmac_key(fixture_token(0), 0, &encoding), "global/b");
    assert_string_equal(encoding, "base64");
    assert_string_equal(store_conf_hmac_key(fixture_token(0), 1, &encoding), "org/acme/a");
    assert_string_equal(encoding, "hex");
    assert_null(store_conf_hmac_key(fixture_token(0), 2, &encoding));
    assert_true(store_conf_sensitive(fixture_token(0), "global/jwt"));
    assert_true(store_conf_sensitive(fixture_token(0), "user/u/t"));
    assert_false(store_conf_sensitive(fixture_token(0), "user/u/tt"));
    assert_text_refused("{\"secrets\": {\"backend\": \"file\"}, \"pkcs11\": {\"sensitive\": {}}}",
                        "pkcs11.sensitive: is an object", "a list of scope keys");
}

static void the_arguments_lists_win_and_the_files_are_checked(void **state)
{
    char arguments[512];

    (void)state;
    snprintf(arguments, sizeof arguments, "config=%s sensitive=mine hmac_keys= ",
             fixture_file("a.json", 0600,
                          "{\"secrets\": {\"backend\": \"file\"}, \"pkcs11\": {"
                          "\"sensitive\": [\"theirs\"], \"hmac_keys\": [{\"key\": \"theirs\"}]}}"));
    assert_int_equal(fixture_load(arguments), STORE_OK);
    assert_true(store_conf_sensitive(fixture_token(0), "global/mine"));
    assert_false(store_conf_sensitive(fixture_token(0), "global/theirs"));
    assert_null(store_conf_hmac_key(fixture_token(0), 0, NULL));
    (void)fixture_file("a.json", 0600,
                       "{\"secrets\": {\"backend\": \"file\"}, \"pkcs11\": {\"sensitive\": [1]}}");
    assert_refused(arguments, "pkcs11.sensitive[0]", "scope keys");
}

static void tokens_have_labels_backends_and_settings(void **state)
{
    (void)state;
    assert_int_equal(
        fixture_load_text(
            "{\"secrets\": {\"backend\": \"vault\", \"vault\": {\"address\": \"https://a\","
            "\"mount\": \"kv\"}}, \"pkcs11\": {\"tokens\": [{\"label\": \"one\"},"
            "{\"label\": \"two\", \"vault\": {\"address\": \"https://b\"}},"
            "{\"label\": \"gr\xc3\xbcn\", \"backend\": \"file\", \"data_dir\": \"/d\"}]}}"),
        STORE_OK);
    assert_int_equal(store_conf_count(fixture_set), 3);
    assert_string_equal(store_conf_label(fixture_token(0)), "one");
    assert_string_equal(store_conf_backend(fixture_token(0)), "vault");
    assert_string_equal(store_conf_text(fixture_token(0), "vault.address"), "https://a");
    assert_string_equal(store_conf_text(fixture_token(1), "vault.address"), "https://b");
    assert_string_equal(store_conf_text(fixture_token(1), "vault.mount"), "kv");
    assert_string_equal(store_conf_label(fixture_token(2)), "gr\xc3\xbcn");
    assert_string_equal(store_conf_backend(fixture_token(2)), "file");
    assert_string_equal(store_conf_data_dir(fixture_token(2)), "/d");
}

static void assert_tokens_refused(const char *tokens, const char *text, const char *remedy)
{
    char file[8192];

    snprintf(file, sizeof file,
             "{\"secrets\": {\"backend\": \"file\"}, \"pkcs11\": "
             "{\"tokens\": %s}}",
             tokens);
    assert_text_refused(file, text, remedy);
}

static void a_wrong_token_is_named_by_its_place(void **state)
{
    char many[4096] = "[";

    (void)state;
    assert_tokens_refused("{}", "pkcs11.tokens", "a list of 1 to 48");
    assert_tokens_refused("[]", "pkcs11.tokens", "a list of 1 to 48");
    assert_tokens_refused("[7]", "pkcs11.tokens[0]: is a number", "must be an object");
    assert_tokens_refused("[{}]", "pkcs11.tokens[0].label", "1 to 32 bytes");
    assert_tokens_refused("[{\"label\": \"123456789012345678901234567890123\"}]",
                          "pkcs11.tokens[0].label", "1 to 32 bytes");
    assert_tokens_refused("[{\"label\": \"a\"}, {\"label\": \"a\"}]", "pkcs11.tokens[1].label",
                          "give each its own");
    assert_tokens_refused("[{\"label\": \"a\", \"lable\": 1}]", "pkcs11.tokens[0].lable",
                          "did you mean \"label\"?");
    assert_tokens_refused("[{\"label\": \"a\", \"backend\": \"floppy\"}]",
                          "pkcs11.tokens[0].backend", "must be one of file");
    assert_tokens_refused("[{\"label\": \"a\", \"vault\": {\"mount\": 1}}]",
                          "pkcs11.tokens[0].vault.mount: is a number", "a text");
    for (int i = 0; i < 49; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "%s{\"label\": \"%d\"}",
                 i == 0 ? "" : ",", i);
    strcat(many, "]");
    assert_tokens_refused(many, "pkcs11.tokens", "a list of 1 to 48");
}

static void forty_eight_tokens_with_the_longest_labels_are_taken(void **state)
{
    char file[8192] = "{\"secrets\": {\"backend\": \"file\"}, \"pkcs11\": {\"tokens\": [";

    (void)state;
    for (int i = 0; i < 48; i++)
        snprintf(file + strlen(file), sizeof file - strlen(file), "%s{\"label\": \"%032d\"}",
                 i == 0 ? "" : ",", i);
    strcat(file, "]}}");
    assert_int_equal(fixture_load_text(file), STORE_OK);
    assert_int_equal(store_conf_count(fixture_set), 48);
}

static void the_example_is_taken_as_it_is(void **state)
{
    char text[16384];
    FILE *file = fopen(EXAMPLE, "re");
    size_t len;

    (void)state;
    assert_non_null(file);
    len = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[len] = '\0';
    assert_int_equal(fixture_load_text(text), STORE_OK);
    assert_string_equal(fixture_log, "");
    assert_int_equal(store_conf_count(fixture_set), 3);
    assert_string_equal(store_conf_text(fixture_token(1), "aws.region"), "eu-central-1");
    assert_int_equal(store_conf_number(fixture_token(1), "aws.recovery_window_days"), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONF_TEST(every_type_is_read),
        CONF_TEST(a_byte_order_mark_is_skipped),
        CONF_TEST(other_sections_are_left_alone),
        CONF_TEST(a_syntax_error_names_line_and_column_but_not_the_text),
        CONF_TEST(an_unknown_key_gets_the_nearest_known_one),
        CONF_TEST(a_wrong_type_is_named_and_the_right_one),
        CONF_TEST(every_mistake_is_reported_without_the_value),
        CONF_TEST(lists_are_read_in_order),
        CONF_TEST(the_arguments_lists_win_and_the_files_are_checked),
        CONF_TEST(tokens_have_labels_backends_and_settings),
        CONF_TEST(a_wrong_token_is_named_by_its_place),
        CONF_TEST(the_example_is_taken_as_it_is),
        CONF_TEST(forty_eight_tokens_with_the_longest_labels_are_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
