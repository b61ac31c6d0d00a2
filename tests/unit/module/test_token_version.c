/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include "module/token_version.h"
#include "store/log.h"

#define KEY "global/a"
#define LINE "memory: the store keeps no old versions"

static struct store_conf_set *set;
static struct token token;
static unsigned lines;

static void count_line(void *arg, enum store_log_level level, const char *text)
{
    (void)arg;
    if (level == STORE_LOG_INFO && strcmp(text, LINE) == 0)
        lines++;
}

static int with_token(void **state)
{
    (void)state;
    store_log_open("info", NULL);
    store_log_redirect(count_line, NULL);
    token = (struct token){0};
    return store_conf_begin(&set, "token", "memory") == STORE_OK &&
                   token_init(&token, 0, store_conf_at(set, 0))
               ? 0
               : -1;
}

static int without_token(void **state)
{
    (void)state;
    token.store = (struct store){0}; /* the test's own */
    token_free(&token);
    store_conf_free(set);
    store_log_redirect(NULL, NULL);
    store_log_close();
    return 0;
}

static enum store_err write_nothing(struct store_ctx *ctx, const char *key,
                                    const struct store_secret *value, const char *if_version,
                                    struct store_record *out)
{
    (void)ctx;
    (void)key;
    (void)value;
    (void)if_version;
    (void)out;
    return STORE_FAILED;
}

static enum store_err no_versions(struct store_ctx *ctx, const char *key,
                                  struct store_versions *out)
{
    (void)ctx;
    (void)key;
    (void)out;
    return STORE_UNSUPPORTED;
}

static enum store_err no_version(struct store_ctx *ctx, const char *key, const char *id,
                                 struct store_record *out)
{
    (void)ctx;
    (void)key;
    (void)id;
    (void)out;
    return STORE_UNSUPPORTED;
}

static enum store_err no_change(struct store_ctx *ctx, const char *key)
{
    (void)ctx;
    (void)key;
    return STORE_UNSUPPORTED;
}

static enum store_err no_restore(struct store_ctx *ctx, const char *key, const char *id)
{
    (void)ctx;
    (void)key;
    (void)id;
    return STORE_UNSUPPORTED;
}

/* Makes each call on this backend. */
static void assert_unsupported(const struct store_backend *backend)
{
    AUTO_RECORD record = {0};
    AUTO_VERSIONS versions = {0};

    token.store.backend = backend;
    atomic_store(&token.opened, true);
    lines = 0;
    assert_int_equal(token_versions(&token, KEY, &versions), STORE_UNSUPPORTED);
    assert_int_equal(lines, 1);
    assert_int_equal(token_read_version(&token, KEY, "1", &record), STORE_UNSUPPORTED);
    assert_int_equal(lines, 2);
    assert_int_equal(token_retire(&token, KEY), STORE_UNSUPPORTED);
    assert_int_equal(lines, 3);
    assert_int_equal(token_restore(&token, KEY, "1"), STORE_UNSUPPORTED);
    assert_int_equal(lines, 4);
    assert_int_equal(token_destroy(&token, KEY), STORE_UNSUPPORTED);
    assert_int_equal(lines, 5);
}

static void a_backend_without_versions_is_named(void **state)
{
    static const struct store_backend backend = {.write = write_nothing};

    (void)state;
    assert_unsupported(&backend);
}

/* As a store process does. */
static void a_store_that_answers_so_is_named(void **state)
{
    static const struct store_backend backend = {.write = write_nothing,
                                                 .versions = no_versions,
                                                 .read_version = no_version,
                                                 .retire = no_change,
                                                 .restore = no_restore,
                                                 .destroy = no_change};

    (void)state;
    assert_unsupported(&backend);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_backend_without_versions_is_named, with_token,
                                        without_token),
        cmocka_unit_test_setup_teardown(a_store_that_answers_so_is_named, with_token,
                                        without_token),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
