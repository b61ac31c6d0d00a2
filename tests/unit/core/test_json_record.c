/* SPDX-License-Identifier: Apache-2.0 */
/* core/json_record.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/json_record.h"
#include "store/time.h"

static enum store_err read_text(const char *text, struct store_record *out)
{
    AUTO_SECRET secret = {0};
    AUTO_JSON document = NULL;

    assert_int_equal(store_secret_set(&secret, text, strlen(text)), STORE_OK);
    store_record_clear(out);
    TRY(json_read(&document, &secret, NULL));
    return record_parse(json_root(document), out);
}

/* Writes a record over the old text (NULL: none) and compares the whole of it. */
static void expect_written(const char *old, const void *value, size_t len, const char *expected)
{
    AUTO_SECRET text = {0};
    AUTO_SECRET secret = {0};
    AUTO_SECRET out = {0};
    AUTO_JSON document = NULL;
    struct json_value root = {0};

    if (old != NULL) {
        assert_int_equal(store_secret_set(&text, old, strlen(old)), STORE_OK);
        assert_int_equal(json_read(&document, &text, NULL), STORE_OK);
        root = json_root(document);
    }
    assert_int_equal(store_secret_set(&secret, value, len), STORE_OK);
    assert_int_equal(record_text(root, &secret, INT64_C(1704067200000000000),
                                 INT64_C(1704067200123456789), &out),
                     STORE_OK);
    assert_int_equal(out.len, strlen(expected));
    assert_memory_equal(out.data, expected, out.len);
}

#define TIMES                                                                                      \
    "\"created_at\":\"2024-01-01T00:00:00Z\",\"updated_at\":\"2024-01-01T00:00:00.123456789Z\""

static void text_is_written_as_it_is(void **state)
{
    (void)state;
    expect_written(NULL, "s\xc3\xa9same\n\"", 9,
                   "{\"value\":\"s\xc3\xa9same\\n\\\"\",\"metadata\":{" TIMES "}}");
}

static void other_bytes_are_written_as_base64(void **state)
{
    (void)state;
    expect_written(NULL, "a\0b", 3,
                   "{\"value\":\"YQBi\",\"encoding\":\"base64\",\"metadata\":{" TIMES "}}");
    expect_written(NULL, "\xff", 1,
                   "{\"value\":\"/w==\",\"encoding\":\"base64\",\"metadata\":{" TIMES "}}");
}

static void foreign_members_survive_a_rewrite(void **state)
{
    (void)state;
    expect_written("{\"note\": {\"a\" : 1.0}, \"value\": \"old\", \"encoding\": \"base64\","
                   "\"metadata\": {\"by\": \"them\", \"updated_at\": \"x\"}, \"\\u0041\": [ ]}",
                   "new", 3,
                   "{\"value\":\"new\",\"metadata\":{" TIMES
                   ",\"by\":\"them\"},\"note\":{\"a\" : 1.0},\"A\":[ ]}");
    expect_written("\"a plain string\"", "new", 3, "{\"value\":\"new\",\"metadata\":{" TIMES "}}");
}

static void read_gives_value_times_and_version(void **state)
{
    AUTO_RECORD record = {0};

    (void)state;
    assert_int_equal(read_text("{\"value\":\"sesame\",\"metadata\":{" TIMES "}}", &record),
                     STORE_OK);
    assert_true(store_secret_equal(&record.value, "sesame", 6));
    assert_int_equal(record.created_ns, INT64_C(1704067200000000000));
    assert_int_equal(record.updated_ns, INT64_C(1704067200123456789));
    assert_string_equal(record.version, "1704067200123456789");
    assert_int_equal(read_text("{\"value\":\"v\",\"metadata\":{"
                               "\"updated_at\":\"2024-01-01T00:00:00Z\","
                               "\"created_at\":\"2024-01-01T00:00:00Z\"}}",
                               &record),
                     STORE_OK);
    assert_int_equal(record.created_ns, INT64_C(1704067200000000000));
    assert_int_equal(record.updated_ns, INT64_C(1704067200000000000));
    assert_int_equal(read_text("{\"value\":\"YQBi\",\"encoding\":\"base64\"}", &record), STORE_OK);
    assert_true(store_secret_equal(&record.value, "a\0b", 3));
    assert_int_equal(record.created_ns, 0);
    assert_string_equal(record.version, "1");
    assert_int_equal(read_text("{\"value\":\"\\u0059QBi\",\"encoding\":\"base64\"}", &record),
                     STORE_OK);
    assert_true(store_secret_equal(&record.value, "a\0b", 3));
    assert_int_equal(
        read_text("{\"value\":\"v\",\"metadata\":{\"updated_at\":\"yesterday\"}}", &record),
        STORE_OK);
    assert_int_equal(record.updated_ns, 0);
}

static void damaged_records_are_corrupt_and_leave_nothing(void **state)
{
    static const char *const damaged[] = {
        "7",
        "\"value\"",
        "{}",
        "{\"value\":null}",
        "{\"value\":\"\"}",
        "{\"value\":\"a\",\"value\":\"b\"}",
        "{\"value\":\"\\ud800\"}",
        "{\"value\":\"a\",\"encoding\":\"rot13\"}",
        "{\"value\":\"a\",\"encoding\":null}",
        "{\"value\":\"!!!!\",\"encoding\":\"base64\"}",
        "{\"value\":\"=\",\"encoding\":\"base64\"}",
        "{\"value\":\"a\",\"metadata\":[]}",
        "{\"value\":\"a\",\"metadata\":{},\"metadata\":{}}",
        "{\"value\":\"a\",\"metadata\":{\"created_at\":7}}",
        "{\"value\":\"a\"",
    };
    AUTO_RECORD record = {0};

    (void)state;
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        assert_int_equal(read_text("{\"value\":\"before\"}", &record), STORE_OK);
        assert_int_equal(read_text(damaged[i], &record), STORE_CORRUPT);
        assert_int_equal(record.value.len, 0);
        assert_string_equal(record.version, "");
    }
}

static void next_time_goes_forward_when_the_clock_does_not(void **state)
{
    int64_t future = store_time_now() + INT64_C(3600000000000);
    int64_t before = store_time_now();

    (void)state;
    assert_true(record_next_time(0) >= before);
    assert_int_equal(record_next_time(future), future + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_written_as_it_is),
        cmocka_unit_test(other_bytes_are_written_as_base64),
        cmocka_unit_test(foreign_members_survive_a_rewrite),
        cmocka_unit_test(read_gives_value_times_and_version),
        cmocka_unit_test(damaged_records_are_corrupt_and_leave_nothing),
        cmocka_unit_test(next_time_goes_forward_when_the_clock_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
