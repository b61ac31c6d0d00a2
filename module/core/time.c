/* SPDX-License-Identifier: Apache-2.0 */
#include "store/time.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)

/* The last second whose nanoseconds fit an int64_t, with some room for an offset. */
#define LAST_SECOND (INT64_MAX / NS_PER_S - 86400)

void store_time_format(int64_t ns, char out[STORE_TIME_TEXT_SIZE])
{
    struct tm tm;
    time_t seconds = (time_t)(ns / NS_PER_S);
    int fraction = (int)(ns % NS_PER_S);
    char day[24];

    out[0] = '\0';
    if (ns <= 0 || gmtime_r(&seconds, &tm) == NULL ||
        strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
        return;
    if (fraction == 0)
        snprintf(out, STORE_TIME_TEXT_SIZE, "%sZ", day);
    else if (fraction % 1000000 == 0)
        snprintf(out, STORE_TIME_TEXT_SIZE, "%s.%03dZ", day, fraction / 1000000);
    else if (fraction % 1000 == 0)
        snprintf(out, STORE_TIME_TEXT_SIZE, "%s.%06dZ", day, fraction / 1000);
    else
        snprintf(out, STORE_TIME_TEXT_SIZE, "%s.%09dZ", day, fraction);
}

/* Reads ".123456789" at `*text`, moving past it; nanoseconds, or -1 if it is not well formed. */
static int64_t parse_fraction(const char **text)
{
    int64_t ns = 0;
    int64_t unit = NS_PER_S / 10;

    if (**text != '.')
        return 0;
    (*text)++;
    if (!isdigit((unsigned char)**text))
        return -1;
    for (; isdigit((unsigned char)**text); (*text)++) {
        ns += (**text - '0') * unit;
        unit /= 10;
    }
    return ns;
}

/* Reads "Z" or "+01:00", which must end the text; seconds east of UTC in `out`. */
static int parse_offset(const char *text, int64_t *out)
{
    int sign = text[0] == '-' ? -1 : 1;

    *out = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
        return 1;
    if ((text[0] != '+' && text[0] != '-') || strlen(text) != 6 || text[3] != ':' ||
        strspn(text + 1, "0123456789") != 2 || strspn(text + 4, "0123456789") != 2)
        return 0;
    *out = sign * (((text[1] - '0') * 10 + text[2] - '0') * 3600 +
                   ((text[4] - '0') * 10 + text[5] - '0') * 60);
    return 1;
}

int64_t store_time_parse(const char *text, size_t len)
{
    struct tm tm = {0};
    char copy[48];
    const char *rest;
    int64_t fraction;
    int64_t offset;
    int64_t seconds;

    if (len < sizeof "2024-01-01T00:00:00" || len >= sizeof copy)
        return 0;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (copy[10] == 't' || copy[10] == ' ')
        copy[10] = 'T';
    rest = strptime(copy, "%Y-%m-%dT%H:%M:%S", &tm);
    if (rest != copy + 19)
        return 0;
    fraction = parse_fraction(&rest);
    if (fraction < 0 || !parse_offset(rest, &offset))
        return 0;
    seconds = (int64_t)timegm(&tm) - offset;
    if (seconds < 0 || seconds > LAST_SECOND)
        return 0;
    return seconds * NS_PER_S + fraction;
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    if (clock_gettime(clock, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t store_time_now(void)
{
    return clock_ns(CLOCK_REALTIME);
}

int64_t store_time_monotonic(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}
