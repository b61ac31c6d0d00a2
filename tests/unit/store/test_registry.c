/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "conf/conf.h"
#include "store/backend.h"
#include "store/log.h"

static void rows_are_whole_and_named_once(void **state)
{
    const struct store_registration *row;

    (void)state;
    for (size_t i = 0; (row = store_registry_at(i)) != NULL; i++) {
        assert_ptr_equal(store_registry_find(row->name), row);
        assert_true(strlen(row->description) > 0);
        if (row->side == STORE_IN_PROCESS && row->system == NULL)
            assert_non_null(row->backend);
        if (row->backend == NULL)
            continue;
        assert_int_equal(row->backend->write == NULL, row->read_only);
        assert_int_equal(row->backend->remove == NULL, row->read_only);
    }
    assert_null(store_registry_find(""));
    assert_null(store_registry_find("floppy"));
}

static void memory_is_there_only_when_built_for_tests(void **state)
{
    (void)state;
#if WITH_MEMORY_BACKEND
    assert_non_null(store_registry_find("memory"));
#else
    assert_null(store_registry_find("memory"));
#endif
}

static void open_refuses_an_unknown_backend_and_says_so(void **state)
{
    const struct store_conf conf = {.backend = "floppy"};
    struct store store;

    (void)state;
    assert_int_equal(store_open(&store, &conf), STORE_BAD_CONF);
    assert_null(store.backend);
    store_close(&store);
}

static void open_here_refuses_a_backend_of_another_program(void **state)
{
    const struct store_conf conf = {.backend = "vault"};
    struct store store;

    (void)state;
    assert_int_equal(store_open_at(&store, &conf, STORE_IN_PROCESS), STORE_BAD_CONF);
    assert_null(store.backend);
}

static char said[512];

static void keep_line(void *arg, enum store_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    snprintf(said, sizeof said, "%s", text);
}

static void open_names_the_system_that_has_the_backend(void **state)
{
    const struct store_registration *row;
    size_t count = 0;

    (void)state;
    store_log_redirect(keep_line, NULL);
    for (size_t i = 0; (row = store_registry_at(i)) != NULL; i++) {
        const struct store_conf_set set = {0};
        const struct store_conf conf = {.backend = row->name, .set = &set};
        struct store store;
        char expected[128];

        if (row->system == NULL || row->backend != NULL)
            continue;
        snprintf(expected, sizeof expected, "the backend %s is only on %s; name another", row->name,
                 row->system);
        assert_int_equal(store_open(&store, &conf), STORE_BAD_CONF);
        assert_null(store.backend);
        assert_non_null(strstr(said, expected));
        count++;
    }
    store_log_redirect(NULL, NULL);
    assert_int_equal(count, 3); /* two on macOS, one on Windows */
}

static void close_may_come_twice(void **state)
{
    struct store store = {0};
#if WITH_MEMORY_BACKEND
    const struct store_conf_set set = {0};
    const struct store_conf conf = {.backend = "memory", .set = &set};

    assert_int_equal(store_open(&store, &conf), STORE_OK);
    assert_string_equal(store.registration->name, "memory");
#endif
    (void)state;
    store_close(&store);
    store_close(&store);
    assert_null(store.ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_whole_and_named_once),
        cmocka_unit_test(memory_is_there_only_when_built_for_tests),
        cmocka_unit_test(open_refuses_an_unknown_backend_and_says_so),
        cmocka_unit_test(open_here_refuses_a_backend_of_another_program),
        cmocka_unit_test(open_names_the_system_that_has_the_backend),
        cmocka_unit_test(close_may_come_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
