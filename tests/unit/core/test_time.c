/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "store/time.h"

#define S STORE_TIME_S

static int64_t parse(const char *text)
{
    return store_time_parse(text, strlen(text));
}

static void parse_reads_rfc_3339(void **state)
{
    static const struct {
        const char *text;
        int64_t ns;
    } cases[] = {
        {"1970-01-01T00:00:01Z", 1 * S},
        {"1970-01-01T00:00:00.000000001Z", 1},
        {"2024-01-01T00:00:00Z", 1704067200 * S},
        {"2024-01-01T00:00:00.123456789Z", 1704067200 * S + 123456789},
        {"2024-01-01T00:00:00.1Z", 1704067200 * S + 100000000},
        {"2024-01-01T00:00:00.1234567891234567891234567891234567899Z", 1704067200 * S + 123456789},
        {"2024-01-01t00:00:00z", 1704067200 * S},
        {"2024-01-01 00:00:00Z", 1704067200 * S},
        {"2024-01-01T01:00:00+01:00", 1704067200 * S},
        {"2023-12-31T18:30:00.5-05:30", 1704067200 * S + 500000000},
        {"2024-01-01T00:00:00-00:00", 1704067200 * S},
        {"2024-01-01T23:59:00+23:59", 1704067200 * S},
        {"2024-02-29T12:00:00Z", 1709208000 * S},
        {"2016-12-31T23:59:60Z",
         1483228800 * S}, /* a leap second: POSIX counts it as the next one */
        {"1969-12-31T23:59:59-01:00", 3599 * S},
        {"2261-12-31T23:59:59Z", 9214646399 * S},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (parse(cases[i].text) != cases[i].ns)
            fail_msg("%s gives %lld", cases[i].text, (long long)parse(cases[i].text));
}

static void parse_refuses_everything_else(void **state)
{
    static const char *const bad[] = {
        "",
        "2024",
        "2024-01-01",
        "2024-01-01T00:00:00",
        "2024-01-01T00:00Z",
        "2024-01-01T00:00:00ZZ",
        "2024-01-01T00:00:00 Z",
        "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00.123",
        "2024-01-01T00:00:00,5Z",
        "2024-01-01T00:00:00+0100",
        "2024-01-01T00:00:00+01",
        "2024-01-01T00:00:00+24:00",
        "2024-01-01T00:00:00+01:60",
        "2024-01-01T00:00:00+-1:00",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:61Z",
        "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z",
        "2024-01-00T00:00:00Z",
        "2024-01-32T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2024-02-30T00:00:00Z",
        "2024-04-31T00:00:00Z",
        "2024- 1-01T00:00:00Z",
        "2024-1-001T00:00:00Z",
        "+024-01-01T00:00:00Z",
        " 024-01-01T00:00:00Z",
        "2024/01/01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "2262-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "not a time, but long enough",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (parse(bad[i]) != 0)
            fail_msg("\"%s\" gives %lld", bad[i], (long long)parse(bad[i]));
}

static void parse_keeps_to_the_length_it_is_given(void **state)
{
    (void)state;
    assert_int_equal(store_time_parse("2024-01-01T00:00:00Z and more", 20), 1704067200 * S);
    assert_int_equal(store_time_parse("2024-01-01T00:00:00.9Z", 21), 0);
    assert_int_equal(store_time_parse(NULL, 0), 0);
    assert_int_equal(store_time_parse("2024-01-01T00:00:00Z\0", 21), 0);
    assert_int_equal(store_time_parse("2024-01-01T00:00:00+01:00", 22), 0);
}

static void format_writes_as_few_digits_as_say_it(void **state)
{
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {0, ""},
        {-1, ""},
        {INT64_MIN, ""},
        {1, "1970-01-01T00:00:00.000000001Z"},
        {1704067200 * S, "2024-01-01T00:00:00Z"},
        {1704067200 * S + 120000000, "2024-01-01T00:00:00.120Z"},
        {1704067200 * S + 123456000, "2024-01-01T00:00:00.123456Z"},
        {1704067200 * S + 123456780, "2024-01-01T00:00:00.123456780Z"},
        {INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
    };
    char text[STORE_TIME_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        store_time_format(cases[i].ns, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void a_formatted_time_parses_back(void **state)
{
    uint64_t random = 88172645463325252u;
    char text[STORE_TIME_TEXT_SIZE];

    (void)state;
    for (int i = 0; i < 20000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        int64_t ns = (int64_t)(random % (uint64_t)(9214646399 * S)) + 1;
        store_time_format(ns, text);
        assert_int_equal(parse(text), ns);
    }
}

static void clocks_go(void **state)
{
    int64_t before = store_time_monotonic();

    (void)state;
    assert_true(store_time_now() > 1704067200 * S);
    assert_true(before > 0);
    assert_true(store_time_monotonic() >= before);
}

/* Against the library's own calendar, at a different time of each day up to the end of 2261. */
static void every_day_agrees_with_the_calendar(void **state)
{
    (void)state;
    for (int64_t day = 1; day < 106650; day++) {
        time_t seconds = (time_t)(day * 86400 + day % 86400);
        char formatted[STORE_TIME_TEXT_SIZE];
        char text[32];
        struct tm tm;

        assert_non_null(gmtime_r(&seconds, &tm));
        assert_true(strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
        if (store_time_parse(text, strlen(text)) != (int64_t)seconds * S)
            fail_msg("%s gives %lld", text, (long long)parse(text));
        store_time_format((int64_t)seconds * S, formatted);
        assert_string_equal(formatted, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_agrees_with_the_calendar),
        cmocka_unit_test(parse_reads_rfc_3339),
        cmocka_unit_test(parse_refuses_everything_else),
        cmocka_unit_test(parse_keeps_to_the_length_it_is_given),
        cmocka_unit_test(format_writes_as_few_digits_as_say_it),
        cmocka_unit_test(a_formatted_time_parses_back),
        cmocka_unit_test(clocks_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
