/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/conf/conf_fixture.h"

#include <stdio.h>
#include <string.h>

#define KEYS(text) "{\"secrets\": {\"backend\": \"env\"}, \"pkcs11\": {\"keys\": " text "}}"

static const struct store_conf_rule *rule_for(const char *key)
{
    return store_conf_rule_find(fixture_token(0), key);
}

static void without_a_setting_no_secret_is_a_key(void **state)
{
    (void)state;
    assert_int_equal(fixture_load("backend=env"), STORE_OK);
    assert_null(store_conf_rule_at(fixture_token(0), 0));
    assert_null(rule_for("global/tls"));
}

static void every_member_is_read(void **state)
{
    const struct store_conf_rule *rule;

    (void)state;
    assert_int_equal(
        fixture_load_text(KEYS("[{\"key\": \"tls\", \"label\": \"web\", \"id\": \"0aFF\","
                               "\"usage\": [\"decrypt\", \"raw\"], \"sensitive\": true, "
                               "\"always_authenticate\": true, \"passphrase\": \"pass\","
                               "\"certificate\": \"org/acme/chain\"}, \"user/*/ssh_key\"]")),
        STORE_OK);
    assert_string_equal(fixture_log, "");
    rule = rule_for("global/tls");
    assert_non_null(rule);
    assert_string_equal(rule->pattern, "global/tls");
    assert_string_equal(rule->label, "web");
    assert_int_equal(rule->id_len, 2);
    assert_memory_equal(rule->id, "\x0a\xff", 2);
    assert_int_equal(rule->usage, STORE_USAGE_DECRYPT | STORE_USAGE_RAW);
    assert_true(rule->always_authenticate);
    assert_string_equal(rule->passphrase, "global/pass");
    assert_string_equal(rule->certificate, "org/acme/chain");
    assert_true(store_conf_sensitive(fixture_token(0), "global/tls"));
    assert_false(store_conf_sensitive(fixture_token(0), "user/u1/ssh_key"));
    rule = rule_for("user/u1/ssh_key");
    assert_ptr_equal(rule, store_conf_rule_at(fixture_token(0), 1));
    assert_int_equal(rule->usage, STORE_USAGE_SIGN);
    assert_false(rule->always_authenticate);
    assert_string_equal(rule->label, "");
    assert_null(store_conf_rule_at(fixture_token(0), 2));
}

static void a_pattern_may_match_the_secret_with_its_certificates(void **state)
{
    (void)state;
    assert_int_equal(
        fixture_load_text(KEYS("[{\"key\": \"tls_*\", \"certificate\": \"tls_chain\"}]")),
        STORE_OK);
    assert_string_equal(rule_for("global/tls_chain")->certificate, "global/tls_chain");
}

/* A rule for an AES key is for one secret, and takes that from the patterns. */
static void a_secret_may_hold_an_aes_key(void **state)
{
    const struct store_conf_rule *rule;

    (void)state;
    assert_int_equal(fixture_load_text(KEYS(
                         "[\"global/d*\", {\"key\": \"dek\", \"type\": \"aes\"},"
                         "{\"key\": \"org/acme/dek\", \"type\": \"aes\", \"encoding\": \"raw\","
                         "\"usage\": [\"decrypt\", \"unwrap\"], \"sensitive\": true,"
                         "\"always_authenticate\": true}]")),
                     STORE_OK);
    rule = store_conf_aes_at(fixture_token(0), 0);
    assert_ptr_equal(rule, store_conf_aes_find(fixture_token(0), "global/dek"));
    assert_string_equal(rule->pattern, "global/dek");
    assert_string_equal(rule->encoding, "hex");
    assert_int_equal(rule->usage, STORE_USAGE_ENCRYPT | STORE_USAGE_DECRYPT);
    assert_null(rule_for("global/dek"));
    assert_ptr_equal(rule_for("global/dem"), store_conf_rule_at(fixture_token(0), 0));
    assert_null(store_conf_rule_at(fixture_token(0), 1));
    rule = store_conf_aes_find(fixture_token(0), "org/acme/dek");
    assert_string_equal(rule->encoding, "raw");
    assert_int_equal(rule->usage, STORE_USAGE_DECRYPT | STORE_USAGE_UNWRAP);
    assert_true(rule->always_authenticate);
    assert_true(store_conf_sensitive(fixture_token(0), "org/acme/dek"));
    assert_false(store_conf_sensitive(fixture_token(0), "global/dek"));
    assert_null(store_conf_aes_at(fixture_token(0), 2));
    assert_null(store_conf_aes_find(fixture_token(0), "global/dem"));
}

static void a_star_is_any_text_without_a_slash(void **state)
{
    static const struct {
        const char *pattern;
        const char *key;
        bool matches;
    } cases[] = {
        {"global/tls", "global/tls", true},
        {"global/tls", "global/tls2", false},
        {"global/tls_*", "global/tls_", true},
        {"global/tls_*", "global/tls_a", true},
        {"global/tls_*", "global/tls", false},
        {"global/*", "global/anything", true},
        {"user/*/ssh_key", "user/u1/ssh_key", true},
        {"user/*/ssh_key", "user/u1/x/ssh_key", false},
        {"user/*/ssh_key", "user/u1/ssh_key2", false},
        {"user/*/*", "user/u1/a", true},
        {"user/*/*", "user/u1/a/b", false},
        {"org/acme/*_key*", "org/acme/my_key_keyring", true},
        {"org/acme/**b", "org/acme/aab", true},
        {"org/acme/*a*b", "org/acme/xaxbxb", true},
        {"org/acme/*a*b", "org/acme/xaxbxc", false},
    };
    char arguments[64];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(arguments, sizeof arguments, "backend=env keys=%s", cases[i].pattern);
        assert_int_equal(fixture_load(arguments), STORE_OK);
        assert_int_equal(rule_for(cases[i].key) != NULL, cases[i].matches);
    }
}

static void the_first_rule_that_matches_counts(void **state)
{
    (void)state;
    assert_int_equal(fixture_load("backend=env keys=tls_a keys=tls_* keys=global/*"), STORE_OK);
    assert_string_equal(rule_for("global/tls_a")->pattern, "global/tls_a");
    assert_string_equal(rule_for("global/tls_b")->pattern, "global/tls_*");
    assert_string_equal(rule_for("global/x")->pattern, "global/*");
    assert_int_equal(fixture_load_text(KEYS("[\"tls_a\", \"tls_*b\", \"tls_*\", \"*_tls\","
                                            "{\"key\": \"tls_k\", \"type\": \"aes\"}]")),
                     STORE_OK);
}

static void arguments_override_the_file(void **state)
{
    char arguments[128];

    (void)state;
    snprintf(arguments, sizeof arguments, "backend=env keys=mine config=%s",
             fixture_file("named.json", 0600, KEYS("[\"theirs\"]")));
    assert_int_equal(fixture_load(arguments), STORE_OK);
    assert_non_null(rule_for("global/mine"));
    assert_null(rule_for("global/theirs"));
    snprintf(arguments, sizeof arguments, "backend=env keys= config=%s",
             fixture_file("named.json", 0600, KEYS("[\"theirs\"]")));
    assert_int_equal(fixture_load(arguments), STORE_OK);
    assert_null(rule_for("global/theirs"));
}

static void assert_read_only(bool expected, const char *arguments, const char *key)
{
    assert_int_equal(fixture_load(arguments), STORE_OK);
    assert_int_equal(store_conf_read_only(fixture_token(0), key), expected);
}

static void a_token_or_some_keys_are_read_only(void **state)
{
    (void)state;
    assert_read_only(false, "backend=file", NULL);
    assert_read_only(false, "backend=file", "global/a");
    assert_read_only(true, "backend=file read_only=true", NULL);
    assert_read_only(true, "backend=file read_only=true", "global/a");
    assert_read_only(false, "backend=file read_only_keys=a", NULL);
    assert_read_only(true, "backend=file read_only_keys=a", "global/a");
    assert_read_only(false, "backend=file read_only_keys=a", "global/ab");
    assert_read_only(true, "backend=file read_only_keys='user/x/y org/acme/*'", "org/acme/b");
}

static void wrong_patterns_of_read_only_keys_are_refused(void **state)
{
    (void)state;
    assert_refused("backend=file read_only_keys='a no/such/b'",
                   "read_only_keys: must be scope keys", "such as");
    assert_refused("backend=file read_only_keys=' '", "read_only_keys: must be scope keys",
                   "such as");
    assert_refused("backend=file read_only=perhaps", "read_only: must be", "true or false");
    (void)fixture_file(HOME_FILE, 0600,
                       "{\"secrets\": {\"backend\": \"file\"}, \"pkcs11\": {\"tokens\": ["
                       "{\"label\": \"a\", \"read_only\": true}, {\"label\": \"b\","
                       "\"read_only_keys\": \"global/x\"}]}}");
    assert_int_equal(fixture_load(NULL), STORE_OK);
    assert_true(store_conf_read_only(fixture_token(0), NULL));
    assert_false(store_conf_read_only(fixture_token(1), "global/y"));
    assert_true(store_conf_read_only(fixture_token(1), "global/x"));
}

static void a_mistake_is_named(void **state)
{
    static const char *const bad[][2] = {
        {KEYS("{}"), "pkcs11.keys: must be a list"},
        {KEYS("[3]"), "pkcs11.keys[0]: must be a text"},
        {KEYS("[\"a\", \"\"]"), "pkcs11.keys[1]: must be a text"},
        {KEYS("[\"*/a\"]"), "pkcs11.keys[0]: must be a scope key or a pattern"},
        {KEYS("[{}]"), "pkcs11.keys[0]: needs a \"key\""},
        {KEYS("[{\"key\": \"a\", \"kind\": 1}]"), "known here are: \"key\", \"label\""},
        {KEYS("[{\"key\": \"a\", \"id\": \"\"}]"), "pkcs11.keys[0].id: must be"},
        {KEYS("[{\"key\": \"a\", \"id\": \"0g\"}]"), "pkcs11.keys[0].id: must be"},
        {KEYS("[{\"key\": \"a\", \"usage\": \"sign\"}]"), "pkcs11.keys[0].usage: must be a list"},
        {KEYS("[{\"key\": \"a\", \"usage\": []}]"), "pkcs11.keys[0].usage: must be a list"},
        {KEYS("[{\"key\": \"a\", \"usage\": [\"sing\"]}]"), "pkcs11.keys[0].usage: must be"},
        {KEYS("[{\"key\": \"a\", \"usage\": [\"sign\", \"wrap\"]}]"), "need \"type\": \"aes\""},
        {KEYS("[{\"key\": \"a\", \"encoding\": \"hex\"}]"), "needs \"type\": \"aes\""},
        {KEYS("[{\"key\": \"a\", \"type\": \"des\"}]"), "pkcs11.keys[0].type: must be \"aes\""},
        {KEYS("[{\"key\": \"a\", \"type\": \"aes\", \"encoding\": \"he\"}]"), ".encoding: must be"},
        {KEYS("[{\"key\": \"a\", \"type\": \"aes\", \"usage\": [\"sign\"]}]"), ".usage: must be"},
        {KEYS("[{\"key\": \"a*\", \"type\": \"aes\"}]"), ".key: must be a key, not a pattern"},
        {KEYS("[{\"key\": \"a\", \"type\": \"aes\", \"id\": \"01\"}]"), "an AES key has no"},
        {KEYS("[{\"key\": \"a\", \"type\": \"aes\"}, \"a\"]"), "an earlier rule has the same key"},
        {KEYS("[\"a\", {\"key\": \"a\", \"type\": \"aes\"}]"), "an earlier rule has the same key"},
        {KEYS("[{\"key\": \"jwt_signing_key\", \"type\": \"aes\"}]"),
         "is in pkcs11.hmac_keys, too"},
        {KEYS("[{\"key\": \"a\", \"label\": \"\\u0001\"}]"), "pkcs11.keys[0].label: must be"},
        {KEYS("[{\"key\": \"a\", \"passphrase\": \"x/y\"}]"), "pkcs11.keys[0].passphrase: must"},
        {KEYS("[{\"key\": \"a\", \"passphrase\": \"x*\"}]"),
         "pkcs11.keys[0].passphrase: must be a scope key such as"},
        {KEYS("[{\"key\": \"a\", \"certificate\": \"global/*\"}]"),
         "pkcs11.keys[0].certificate: must be a scope key such as"},
        {KEYS("[{\"certificate\": \"global/a\", \"key\": \"a\"}]"),
         "pkcs11.keys[0].certificate: names the rule's own secret"},
        {KEYS("[{\"key\": \"global/a\", \"passphrase\": \"a\"}]"),
         "pkcs11.keys[0].passphrase: names the rule's own secret"},
        {KEYS("[{\"key\": \"a\", \"sensitive\": 1}]"), "pkcs11.keys[0].sensitive: must be"},
        {KEYS("[{\"key\": \"a\", \"certificate\": 1}]"), "pkcs11.keys[0].certificate: must"},
        {KEYS("[{\"key\": \"a*\", \"label\": \"x\"}]"), "several objects cannot share a \"label\""},
        {KEYS("[{\"key\": \"a*\", \"id\": \"01\"}]"), "several objects cannot share a \"label\""},
        {KEYS("[\"a\", \"global/a\"]"), "pkcs11.keys[1]: an earlier rule has the same key"},
        {KEYS("[\"tls_*\", {\"key\": \"tls_a\", \"sensitive\": true}]"),
         "pkcs11.keys[1]: the rule for \"global/tls_a\" never counts, since \"global/tls_*\" "
         "before "
         "it matches the same; put the rule for \"global/tls_a\" first"},
        {KEYS("[\"org/*/a\", \"global/*\", \"org/x/a\"]"), "since \"org/*/a\" before it"},
        {KEYS("[\"global/*\", \"tls_*_a\"]"), "since \"global/*\" before it"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_text_refused(bad[i][0], "named.json", bad[i][1]);
    assert_refused("backend=env keys=*/a", "keys", "pattern");
    assert_refused("backend=env keys=a keys=a", "keys", "twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONF_TEST(without_a_setting_no_secret_is_a_key),
        CONF_TEST(every_member_is_read),
        CONF_TEST(a_pattern_may_match_the_secret_with_its_certificates),
        CONF_TEST(a_secret_may_hold_an_aes_key),
        CONF_TEST(a_star_is_any_text_without_a_slash),
        CONF_TEST(the_first_rule_that_matches_counts),
        CONF_TEST(arguments_override_the_file),
        CONF_TEST(a_token_or_some_keys_are_read_only),
        CONF_TEST(wrong_patterns_of_read_only_keys_are_refused),
        CONF_TEST(a_mistake_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
