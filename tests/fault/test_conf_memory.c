/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/fault/short_memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/document.h"
#include "conf/load.h"
#include "store/log.h"

/*
 * Memory runs out at the first allocation of reading a configuration, at the second, and so on:
 * each time the answer is NO_MEMORY, is logged, and nothing is left behind (which the sanitizers
 * see).
 */

static size_t lines;

static void count_line(void *arg, enum store_log_level level, const char *text)
{
    (void)arg;
    if (level == STORE_LOG_ERROR && strstr(text, "out of memory") != NULL)
        lines++;
}

/* Runs `step` with every allocation failing in turn, until it needs no more. */
static void sweep(enum store_err (*step)(void))
{
    enum store_err err = STORE_NO_MEMORY;
    unsigned long n = 0;

    store_log_redirect(count_line, NULL);
    while (err != STORE_OK) {
        short_memory_at = ++n;
        lines = 0;
        err = step();
        if (short_memory_at != 0) { /* it was not reached */
            short_memory_at = 0;
            assert_int_equal(err, STORE_OK);
            break;
        }
        assert_int_equal(err, STORE_NO_MEMORY);
        assert_int_equal(lines, 1);
        assert_true(n < 10000);
    }
    assert_true(n > 5);
    store_log_redirect(NULL, NULL);
}

static enum store_err load_arguments(void)
{
    struct store_conf_set *set = NULL;
    enum store_err err = conf_load(&set,
                                   "backend=file timeout_ms=100 sensitive=a sensitive=org/b/c "
                                   "hmac_keys=k:raw data_dir=/x",
                                   "/nonexistent/sideseat.json");

    assert_int_equal(set != NULL, err == STORE_OK);
    store_conf_free(set);
    return err;
}

static enum store_err read_document(void)
{
    static const char text[] =
        "{\"secrets\": {\"backend\": \"file\", \"timeout_ms\": 100, \"vault\": {\"token\": \"t\"}},"
        "\"pkcs11\": {\"sensitive\": [\"a\"], \"hmac_keys\": [{\"key\": \"b\"}],"
        "\"tokens\": [{\"label\": \"1\"}, {\"label\": \"2\", \"backend\": \"env\"}]}}";
    unsigned long at = short_memory_at;
    struct conf_reader reader = {.set = NULL};
    AUTO_SECRET document = {0};

    short_memory_at = 0;
    assert_int_equal(store_secret_set(&document, text, strlen(text)), STORE_OK);
    reader.set = calloc(1, sizeof *reader.set);
    assert_non_null(reader.set);
    short_memory_at = at;
    document_read(&reader, "FILE", false, &document);
    store_conf_free(reader.set);
    return reader.err;
}

static enum store_err hand_over(void)
{
    struct store_conf_set *set = NULL;
    enum store_err err = store_conf_begin(&set, "t", "env");

    if (err == STORE_OK)
        err = store_conf_put(set, "env.prefix", "A_", 2, "x");
    if (err == STORE_OK)
        err = store_conf_put(set, "sensitive", "a", 1, "x");
    if (err == STORE_OK)
        err = store_conf_put(set, "hmac_keys", "a:raw", 5, "x");
    store_conf_free(set);
    return err;
}

static void loading_runs_out_of_memory(void **state)
{
    (void)state;
    setenv("HOME", "/nonexistent", 1);
    unsetenv("SIDESEAT_CONFIG");
    sweep(load_arguments);
}

static void reading_a_file_runs_out_of_memory(void **state)
{
    (void)state;
    sweep(read_document);
}

static void handing_over_runs_out_of_memory(void **state)
{
    (void)state;
    sweep(hand_over);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loading_runs_out_of_memory),
        cmocka_unit_test(reading_a_file_runs_out_of_memory),
        cmocka_unit_test(handing_over_runs_out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
