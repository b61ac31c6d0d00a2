/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/number.h"

#include <string.h>

static const uint64_t seconds_most = (uint64_t)1000 * 365 * 24 * 60 * 60;

/* Reads the digits of at most `most`; NULL if there is none, else what follows them. */
static const char *read_digits(const char *text, uint64_t most, uint64_t *out)
{
    uint64_t number = 0;
    const char *at = text;

    for (; *at >= '0' && *at <= '9'; at++) {
        unsigned digit = (unsigned)(*at - '0');
        if (number > most / 10 || number * 10 > most - digit)
            return NULL;
        number = number * 10 + digit;
    }
    *out = number;
    return at == text ? NULL : at;
}

bool number_parse(const char *text, uint64_t most, uint64_t *out)
{
    const char *end = read_digits(text, most, out);

    return end != NULL && *end == '\0';
}

bool number_parse_time(const char *text, uint64_t *seconds)
{
    static const struct {
        char letter;
        uint64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 60 * 60}, {'d', 24 * 60 * 60}};
    const char *end = read_digits(text, seconds_most, seconds);

    if (end == NULL || *end == '\0')
        return end != NULL;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (*end != units[i].letter || end[1] != '\0')
            continue;
        if (*seconds > seconds_most / units[i].seconds)
            return false;
        *seconds *= units[i].seconds;
        return true;
    }
    return false;
}
