/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/conf/conf_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Arguments over environment over file over default, for one setting of each type that has a
 * variable. Settings are taken from the most important place that gives them, each on its own.
 */
struct layered {
    const char *backend;
    const char *path;
    const char *variable;
    const char *argument; /* the three values, as text and as JSON */
    const char *environment;
    const char *file;
};

static const struct layered settings[] = {
    {"vault", "vault.mount", "SIDESEAT_SECRETS_VAULT_MOUNT", "arg", "var", "\"file\""},
    {"vault", "vault.ca_cert", "VAULT_CACERT", "/arg", "/var", "\"/file\""},
    {"vault", "vault.address", "VAULT_ADDR", "https://arg", "https://var", "\"https://file\""},
    {"vault", "vault.max_retries", "VAULT_MAX_RETRIES", "3", "4", "5"},
    {"vault", "vault.timeout", "VAULT_CLIENT_TIMEOUT", "3s", "4000ms", "5"},
    {"vault", "vault.skip_verify", "VAULT_SKIP_VERIFY", "true", "false", "true"},
    {"vault", "vault.token", "VAULT_TOKEN", "arg", "var", "\"file\""},
    {"aws", "aws.region", "AWS_REGION", "arg", "var", "\"file\""},
    {"env", "env.prefix", "SIDESEAT_SECRETS_ENV_PREFIX", "ARG_", "VAR_", "\"FILE_\""},
};

/* The value that applies, as the text it was given as, and its origin. */
struct found {
    const char *path;
    char value[64];
    char origin[600];
};

static void find_value(void *arg, const char *path, const char *value,
                       const struct store_secret *secret, const char *origin)
{
    struct found *found = arg;

    if (strcmp(path, found->path) != 0)
        return;
    if (secret != NULL)
        snprintf(found->value, sizeof found->value, "%.*s", (int)secret->len,
                 (const char *)secret->data);
    else
        snprintf(found->value, sizeof found->value, "%s", value);
    snprintf(found->origin, sizeof found->origin, "%s", origin);
}

static void assert_applies(const struct layered *s, const char *arguments, const char *value,
                           const char *origin)
{
    struct found found = {.path = s->path};

    assert_int_equal(fixture_load(arguments), STORE_OK);
    store_conf_each(fixture_token(0), find_value, &found);
    if (strncmp(found.origin, origin, strlen(origin)) != 0)
        fail_msg("%s comes from \"%s\", not \"%s\"", s->path, found.origin, origin);
    if (value[0] == '"')
        assert_memory_equal(found.value, value + 1, strlen(value) - 2);
    else
        assert_string_equal(found.value, value);
}

static void write_file_of(const struct layered *s)
{
    char text[256];
    const char *dot = strchr(s->path, '.');

    snprintf(text, sizeof text, "{\"secrets\": {\"backend\": \"%s\", \"%.*s\": {\"%s\": %s}}}",
             s->backend, (int)(dot - s->path), s->path, dot + 1, s->file);
    (void)fixture_file(HOME_FILE, 0600, text);
}

static void arguments_over_environment_over_file_over_default(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        const struct layered *s = &settings[i];
        const struct setting *setting = setting_find(s->path, strlen(s->path));
        char arguments[128];

        snprintf(arguments, sizeof arguments, "%s=%s", s->path, s->argument);
        write_file_of(s);
        assert_applies(s, NULL, s->file, "file ");
        setenv(s->variable, s->environment, 1);
        assert_applies(s, NULL, s->environment, "environment variable ");
        assert_applies(s, arguments, s->argument, "argument of C_Initialize");
        unsetenv(s->variable);
        assert_applies(s, arguments, s->argument, "argument of C_Initialize");
        snprintf(arguments, sizeof arguments, "backend=%s", s->backend);
        (void)fixture_file(HOME_FILE, 0600, "{}");
        if (setting->fallback != NULL)
            assert_applies(s, arguments, setting->fallback, "default");
    }
}

static void the_backend_is_chosen_by_the_same_order(void **state)
{
    (void)state;
    registry_has_secret_service = true;
    assert_int_equal(fixture_load(NULL), STORE_OK);
    assert_string_equal(store_conf_backend(fixture_token(0)), "file");
    assert_non_null(strstr(store_conf_backend_origin(fixture_token(0)), "platform: "));
    assert_true(store_conf_platform_chose(fixture_token(0)));
    (void)fixture_file(HOME_FILE, 0600, "{\"secrets\": {\"backend\": \"aws\"}}");
    assert_int_equal(fixture_load(NULL), STORE_OK);
    assert_string_equal(store_conf_backend(fixture_token(0)), "aws");
    assert_false(store_conf_platform_chose(fixture_token(0)));
    setenv("SIDESEAT_SECRETS_BACKEND", "env", 1);
    assert_int_equal(fixture_load(NULL), STORE_OK);
    assert_string_equal(store_conf_backend(fixture_token(0)), "env");
    assert_string_equal(store_conf_backend_origin(fixture_token(0)),
                        "environment variable SIDESEAT_SECRETS_BACKEND");
    assert_int_equal(fixture_load("backend=keyutils"), STORE_OK);
    assert_string_equal(store_conf_backend(fixture_token(0)), "keyutils");
    assert_string_equal(store_conf_backend_origin(fixture_token(0)), "argument of C_Initialize");
    setenv("SIDESEAT_SECRETS_BACKEND", "", 1);
    assert_int_equal(fixture_load(NULL), STORE_OK);
    assert_string_equal(store_conf_backend(fixture_token(0)), "aws");
}

static void a_named_backend_never_falls_back(void **state)
{
    (void)state;
    setenv("SIDESEAT_SECRETS_BACKEND", "floppy", 1);
    assert_refused(NULL, "SIDESEAT_SECRETS_BACKEND (secrets.backend)", "must be one of file, env");
    setenv("SIDESEAT_SECRETS_BACKEND", "secret-service", 1);
    assert_int_equal(fixture_load(NULL), STORE_OK);
    assert_string_equal(store_conf_backend(fixture_token(0)), "secret-service");
    assert_string_equal(fixture_log, "");
}

static void the_platforms_file_is_warned_of_once(void **state)
{
    (void)state;
    (void)fixture_file(HOME_FILE, 0600,
                       "{\"pkcs11\": {\"tokens\": [{\"label\": \"a\"}, {\"label\": \"b\"}]}}");
    assert_int_equal(fixture_load(NULL), STORE_OK);
    assert_string_equal(fixture_log, ""); /* before a token is used */
    for (size_t i = 0; i < 2; i++)
        store_conf_warn(fixture_token(i));
    assert_int_equal(fixture_log_lines(), 1);
    assert_logged("no D-Bus session bus");
    assert_logged("SIDESEAT_SECRETS_BACKEND");
    (void)fixture_file(HOME_FILE, 0600,
                       "{\"pkcs11\": {\"tokens\": [{\"label\": \"a\", \"backend\": \"file\"}, "
                       "{\"label\": \"b\"}]}}");
    assert_int_equal(fixture_load(NULL), STORE_OK);
    store_conf_warn(fixture_token(0));
    assert_string_equal(fixture_log, "");
}

static void a_tokens_own_setting_wins(void **state)
{
    (void)state;
    (void)fixture_file(HOME_FILE, 0600,
                       "{\"pkcs11\": {\"tokens\": [{\"label\": \"own\", \"backend\": \"vault\","
                       "\"vault\": {\"address\": \"https://own\"}}, {\"label\": \"other\"}]}}");
    setenv("VAULT_ADDR", "https://variable", 1);
    assert_int_equal(fixture_load("backend=vault vault.address=https://argument"), STORE_OK);
    assert_string_equal(store_conf_text(fixture_token(0), "vault.address"), "https://own");
    assert_string_equal(store_conf_text(fixture_token(1), "vault.address"), "https://argument");
    assert_int_equal(fixture_load("backend=env"), STORE_OK);
    assert_string_equal(store_conf_backend(fixture_token(0)), "vault");
    assert_string_equal(store_conf_backend(fixture_token(1)), "env");
}

static void a_command_line_means_every_token(void **state)
{
    (void)state;
    (void)fixture_file(HOME_FILE, 0600,
                       "{\"pkcs11\": {\"tokens\": [{\"label\": \"own\", \"backend\": \"vault\","
                       "\"vault\": {\"address\": \"https://own\", \"mount\": \"kv\"}},"
                       "{\"label\": \"other\"}]}}");
    assert_int_equal(fixture_load("from=command-line backend=env"), STORE_OK);
    assert_string_equal(store_conf_backend(fixture_token(0)), "env");
    assert_string_equal(store_conf_backend(fixture_token(1)), "env");
    assert_int_equal(fixture_load("from=command-line vault.address=https://argument"), STORE_OK);
    assert_string_equal(store_conf_text(fixture_token(0), "vault.address"), "https://argument");
    assert_string_equal(store_conf_text(fixture_token(0), "vault.mount"), "kv");
}

static void assert_data_dir(const char *expected)
{
    assert_int_equal(fixture_load("backend=file"), STORE_OK);
    assert_string_equal(store_conf_data_dir(fixture_token(0)), expected);
}

static void the_data_folder_follows_the_environment(void **state)
{
    (void)state;
    assert_data_dir(fixture_path("home/.local/share/sideseat"));
    setenv("XDG_DATA_HOME", "relative", 1);
    assert_data_dir(fixture_path("home/.local/share/sideseat"));
    setenv("XDG_DATA_HOME", "/x", 1);
    assert_data_dir("/x/sideseat");
    setenv("SIDESEAT_DATA_DIR", "/data", 1);
    assert_data_dir("/data");
    setenv("SIDESEAT_DATA_DIR", "data", 1);
    assert_refused("backend=file", "SIDESEAT_DATA_DIR (secrets.data_dir)", "absolute path");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONF_TEST(arguments_over_environment_over_file_over_default),
        CONF_TEST(the_backend_is_chosen_by_the_same_order),
        CONF_TEST(a_named_backend_never_falls_back),
        CONF_TEST(the_platforms_file_is_warned_of_once),
        CONF_TEST(a_tokens_own_setting_wins),
        CONF_TEST(a_command_line_means_every_token),
        CONF_TEST(the_data_folder_follows_the_environment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
