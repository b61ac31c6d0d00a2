/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/env/env.h"

/* A store whose prefix is `prefix`. */
struct opened {
    struct store_conf_set *set;
    struct store_ctx *ctx;
};

static enum store_err open_with(struct opened *opened, const char *prefix)
{
    assert_int_equal(store_conf_begin(&opened->set, "test", "env"), STORE_OK);
    if (prefix != NULL)
        assert_int_equal(store_conf_put(opened->set, "env.prefix", prefix, strlen(prefix), "test"),
                         STORE_OK);
    return env_backend.open(&opened->ctx, store_conf_at(opened->set, 0));
}

static void close_all(struct opened *opened)
{
    env_backend.close(opened->ctx);
    store_conf_free(opened->set);
}

static void assert_value(const struct opened *opened, const char *key, const char *value)
{
    AUTO_RECORD record = {0};

    assert_int_equal(env_backend.read(opened->ctx, key, &record), STORE_OK);
    assert_true(store_secret_equal(&record.value, value, strlen(value)));
}

static void assert_absent(const struct opened *opened, const char *key)
{
    AUTO_RECORD record = {0};

    assert_int_equal(env_backend.read(opened->ctx, key, &record), STORE_NOT_FOUND);
    assert_int_equal(record.value.len, 0);
}

static enum store_err count_keys(void *arg, const char *key, enum store_err err,
                                 const struct store_record *record)
{
    (void)key;
    assert_int_equal(err, STORE_OK);
    assert_true(record->value.len > 0);
    ++*(size_t *)arg;
    return STORE_OK;
}

static size_t listed(const struct opened *opened, const char *prefix)
{
    uint64_t generation = 7;
    size_t count = 0;

    assert_int_equal(env_backend.list(opened->ctx, prefix, &generation, count_keys, &count),
                     STORE_OK);
    assert_int_equal(generation, 0);
    return count;
}

static void the_default_prefix_is_that_of_sideseat(void **state)
{
    struct opened opened = {0};

    (void)state;
    setenv("SIDESEAT_SECRET_ORG_MY_ORG_X_Y", "value", 1);
    assert_int_equal(open_with(&opened, NULL), STORE_OK);
    assert_value(&opened, "org/my-org/x_y", "value");
    assert_absent(&opened, "org/my-org/x_z");
    close_all(&opened);
    unsetenv("SIDESEAT_SECRET_ORG_MY_ORG_X_Y");
}

static void a_prefix_is_taken_as_it_is(void **state)
{
    struct opened opened = {0};

    (void)state;
    setenv("my.prefix-GLOBAL_A", "1", 1);
    setenv("MY_PREFIX_GLOBAL_B", "2", 1);
    assert_int_equal(open_with(&opened, "my.prefix-"), STORE_OK);
    assert_value(&opened, "global/a", "1");
    assert_absent(&opened, "global/b");
    assert_int_equal(listed(&opened, ""), 1);
    close_all(&opened);
    unsetenv("my.prefix-GLOBAL_A");
    unsetenv("MY_PREFIX_GLOBAL_B");
}

static void an_empty_variable_is_not_a_secret(void **state)
{
    struct opened opened = {0};

    (void)state;
    setenv("T1_GLOBAL_EMPTY", "", 1);
    setenv("T1_GLOBAL_FULL", "x", 1);
    assert_int_equal(open_with(&opened, "T1_"), STORE_OK);
    assert_absent(&opened, "global/empty");
    assert_int_equal(listed(&opened, ""), 1);
    close_all(&opened);
    unsetenv("T1_GLOBAL_EMPTY");
    unsetenv("T1_GLOBAL_FULL");
}

static void a_key_that_no_name_can_hold_is_not_there(void **state)
{
    struct opened opened = {0};

    (void)state;
    setenv("T2_GLOBAL_A.B", "dot", 1);
    assert_int_equal(open_with(&opened, "T2_"), STORE_OK);
    assert_absent(&opened, "global/a=b");
    assert_value(&opened, "global/a.b", "dot");
    close_all(&opened);
    unsetenv("T2_GLOBAL_A.B");
}

static void of_two_variables_with_one_name_the_first_counts(void **state)
{
    char first[] = "T3_GLOBAL_A=first";
    char second[] = "T3_GLOBAL_A=second";
    char nameless[] = "T3_NO_EQUALS";
    char other[] = "T3_ORG_A_B=x";
    char *twice[] = {first, second, nameless, other, NULL};
    char **saved = environ;
    struct opened opened = {0};

    (void)state;
    assert_int_equal(open_with(&opened, "T3_"), STORE_OK);
    environ = twice;
    assert_value(&opened, "global/a", "first");
    assert_int_equal(listed(&opened, ""), 2);
    assert_int_equal(listed(&opened, "org/a/"), 1);
    environ = NULL; /* as after clearenv() */
    assert_int_equal(listed(&opened, ""), 0);
    environ = saved;
    close_all(&opened);
}

static void a_prefix_that_cannot_be_is_refused(void **state)
{
    char longest[130];
    struct opened opened = {0};

    (void)state;
    assert_int_equal(open_with(&opened, "A=B"), STORE_BAD_CONF);
    assert_null(opened.ctx);
    close_all(&opened);
    memset(longest, 'P', sizeof longest);
    longest[129] = '\0';
    assert_int_equal(open_with(&opened, longest), STORE_BAD_CONF);
    close_all(&opened);
    longest[128] = '\0';
    assert_int_equal(open_with(&opened, longest), STORE_OK);
    assert_absent(&opened, "global/a");
    close_all(&opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_prefix_is_that_of_sideseat),
        cmocka_unit_test(a_prefix_is_taken_as_it_is),
        cmocka_unit_test(an_empty_variable_is_not_a_secret),
        cmocka_unit_test(a_key_that_no_name_can_hold_is_not_there),
        cmocka_unit_test(of_two_variables_with_one_name_the_first_counts),
        cmocka_unit_test(a_prefix_that_cannot_be_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
