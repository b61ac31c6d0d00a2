/* SPDX-License-Identifier: Apache-2.0 */
#include "store/time.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "platform/system.h"

#define NS_DIGITS 9

/* The end of the year 2261: later times may not fit an int64_t. */
#define LAST_SECOND INT64_C(9214646399)

/* Years start in March here, so that the leap day comes last; an era has 400 of them. */
void store_time_utc(int64_t ns, struct tm *out)
{
    int64_t seconds = ns / STORE_TIME_S;
    int64_t days = seconds / 86400 + 719468; /* since 0000-03-01 */
    int64_t in_era = days % 146097;
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * in_year + 2) / 153;
    bool turned = month >= 10; /* January and February are in the next year */

    *out = (struct tm){
        .tm_year = (int)(days / 146097 * 400 + year + turned - 1900),
        .tm_mon = (int)(turned ? month - 10 : month + 2),
        .tm_mday = (int)(in_year - (153 * month + 2) / 5 + 1),
        .tm_hour = (int)(seconds % 86400 / 3600),
        .tm_min = (int)(seconds % 3600 / 60),
        .tm_sec = (int)(seconds % 60),
    };
}

void store_time_format(int64_t ns, char out[STORE_TIME_TEXT_SIZE])
{
    int fraction = (int)(ns % STORE_TIME_S);
    int digits = NS_DIGITS;
    struct tm tm;
    int n;

    out[0] = '\0';
    if (ns <= 0)
        return;
    for (; digits > 0 && fraction % 1000 == 0; digits -= 3)
        fraction /= 1000;
    store_time_utc(ns, &tm);
    n = snprintf(out, STORE_TIME_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900,
                 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (digits > 0)
        n += snprintf(out + n, STORE_TIME_TEXT_SIZE - (size_t)n, ".%0*d", digits, fraction);
    out[n++] = 'Z';
    out[n] = '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads `count` digits; false if a character is not a digit. */
static bool read_digits(const char *text, int count, int *out)
{
    *out = 0;
    for (int i = 0; i < count; i++) {
        if (!is_digit(text[i]))
            return false;
        *out = *out * 10 + text[i] - '0';
    }
    return true;
}

/* True if the day exists. */
static bool is_day(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* The days from 1970-01-01 to a day of the Gregorian calendar. Years start in March here, so
 * that the leap day comes last. */
static int64_t days_since_1970(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return y * 365 + y / 4 - y / 100 + y / 400 + in_year - 719468;
}

/* Parses "2024-01-01T00:00:00" into seconds since 1970. strptime and timegm would take a sixth
 * of the time of listing a file of 10,000 secrets. */
static bool parse_seconds(const char *text, int64_t *out)
{
    int year;
    int month;
    int day;
    int hour;
    int minute;
    int second;

    if (text[4] != '-' || text[7] != '-' ||
        (text[10] != 'T' && text[10] != 't' && text[10] != ' ') || text[13] != ':' ||
        text[16] != ':')
        return false;
    if (!read_digits(text, 4, &year) || !read_digits(text + 5, 2, &month) ||
        !read_digits(text + 8, 2, &day) || !read_digits(text + 11, 2, &hour) ||
        !read_digits(text + 14, 2, &minute) || !read_digits(text + 17, 2, &second))
        return false;
    /* 60 is a leap second */
    if (!is_day(year, month, day) || hour > 23 || minute > 59 || second > 60)
        return false;
    *out = days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

/* Parses ".123456789" at `*text` and moves past it; nanoseconds, or -1 if it is malformed. */
static int64_t parse_fraction(const char **text, const char *end)
{
    int64_t ns = 0;
    int digits = 0;

    if (*text == end || **text != '.')
        return 0;
    (*text)++;
    if (*text == end || !is_digit(**text))
        return -1;
    for (; *text < end && is_digit(**text); (*text)++)
        if (digits < NS_DIGITS) {
            ns = ns * 10 + (**text - '0');
            digits++;
        }
    for (; digits < NS_DIGITS; digits++)
        ns *= 10;
    return ns;
}

/* Parses "Z" or "+01:00", which must end the text, into seconds east of UTC. */
static bool parse_offset(const char *text, size_t len, int64_t *out)
{
    int hours;
    int minutes;

    *out = 0;
    if (len == 1)
        return text[0] == 'Z' || text[0] == 'z';
    if (len != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':')
        return false;
    if (!read_digits(text + 1, 2, &hours) || !read_digits(text + 4, 2, &minutes) || hours > 23 ||
        minutes > 59)
        return false;
    *out = (text[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

int64_t store_time_parse(const char *text, size_t len)
{
    const char *end;
    const char *rest;
    int64_t fraction;
    int64_t offset;
    int64_t seconds;

    if (len < sizeof "2024-01-01T00:00:00" || !parse_seconds(text, &seconds))
        return 0;
    end = text + len;
    rest = text + sizeof "2024-01-01T00:00:00" - 1;
    fraction = parse_fraction(&rest, end);
    if (fraction < 0 || !parse_offset(rest, (size_t)(end - rest), &offset))
        return 0;
    seconds -= offset;
    if (seconds < 0 || seconds > LAST_SECOND)
        return 0;
    return seconds * STORE_TIME_S + fraction;
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    if (clock_gettime(clock, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * STORE_TIME_S + now.tv_nsec;
}

int64_t store_time_now(void)
{
    return clock_ns(CLOCK_REALTIME);
}

int64_t store_time_monotonic(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t store_time_coarse(void)
{
    return clock_ns(platform_coarse_clock);
}
