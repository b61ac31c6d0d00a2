/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/sources.h"

#include <stdio.h>
#include <string.h>

#include "store/time.h"

/* Parses `count` digits at `*at` and moves past them; -1 if they are not digits. */
static int digits_parse(const char **at, int count)
{
    int number = 0;

    for (int i = 0; i < count; i++) {
        char c = (*at)[i];

        if (c < '0' || c > '9')
            return -1;
        number = number * 10 + (c - '0');
    }
    *at += count;
    return number;
}

/* Moves past `c` if it is next. */
static bool past(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

/* Parses the offset at the end as in RFC 3339; without one the time is UTC. False if it is invalid.
 */
static bool zone_parse(const char *at, char out[8])
{
    char sign = *at;
    int hours;
    int minutes = 0;

    (void)snprintf(out, 8, "Z");
    if (strcmp(at, "") == 0 || strcmp(at, "Z") == 0 || strcmp(at, "z") == 0 ||
        strcmp(at, "UTC") == 0 || strcmp(at, " UTC") == 0)
        return true;
    if (sign != '+' && sign != '-')
        return false;
    at++;
    hours = digits_parse(&at, 2);
    if (*at != '\0') {
        (void)past(&at, ':');
        minutes = digits_parse(&at, 2);
    }
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || *at != '\0')
        return false;
    (void)snprintf(out, 8, "%c%02d:%02d", sign, hours, minutes);
    return true;
}

int64_t aws_time_parse(const char *text, size_t len)
{
    char given[STORE_TIME_TEXT_SIZE + 8];
    char exact[2 * sizeof given];
    char zone[8];
    const char *at = given;
    size_t fraction = 0;
    int part[6] = {0};

    if (len == 0 || len >= sizeof given || memchr(text, '\0', len) != NULL)
        return 0;
    memcpy(given, text, len);
    given[len] = '\0';
    part[0] = digits_parse(&at, 4);
    for (int i = 1; i < 6; i++) {
        if (i == 3 && !past(&at, 'T') && !past(&at, 't') && !past(&at, ' '))
            return 0;
        if (i != 3)
            (void)past(&at, i < 3 ? '-' : ':');
        part[i] = digits_parse(&at, 2);
    }
    for (int i = 0; i < 6; i++)
        if (part[i] < 0)
            return 0;
    if (*at == '.' || *at == ',')
        fraction = strspn(at + 1, "0123456789");
    if ((*at == '.' || *at == ',') && fraction == 0)
        return 0;
    if (!zone_parse(at + (fraction > 0 ? fraction + 1 : 0), zone))
        return 0;
    (void)snprintf(exact, sizeof exact, "%04d-%02d-%02dT%02d:%02d:%02d%s%.*s%s",
                   part[0] < 1971 || part[0] > 2260 ? 2000 : part[0], part[1], part[2], part[3],
                   part[4], part[5], fraction > 0 ? "." : "", (int)fraction,
                   fraction > 0 ? at + 1 : "", zone);
    if (store_time_parse(exact, strlen(exact)) == 0)
        return 0;
    /* a time outside the range of ours is long past, or never */
    if (part[0] < 1971)
        return 1;
    return part[0] > 2260 ? INT64_MAX : store_time_parse(exact, strlen(exact));
}

enum store_err aws_keys_from_json(struct json_value object, const char *token, struct aws_keys *out)
{
    char id[AWS_KEY_ID_SIZE];
    char expiration[STORE_TIME_TEXT_SIZE + 8];
    enum json_type expires = json_type(json_member(object, "Expiration"));

    if (json_text(json_member(object, "AccessKeyId"), id, sizeof id) != STORE_OK ||
        aws_keys_set_id(out, id, strlen(id)) != STORE_OK ||
        json_bytes(json_member(object, "SecretAccessKey"), &out->secret) != STORE_OK ||
        out->secret.len == 0)
        return STORE_AUTH;
    if (json_type(json_member(object, token)) == JSON_STRING)
        TRY(json_bytes(json_member(object, token), &out->token));
    if (!aws_keys_clean(&out->secret) || !aws_keys_clean(&out->token))
        return STORE_AUTH;
    out->expires_ns = 0;
    if (expires != JSON_ABSENT && expires != JSON_NULL) {
        if (json_text(json_member(object, "Expiration"), expiration, sizeof expiration) != STORE_OK)
            return STORE_AUTH;
        out->expires_ns = aws_time_parse(expiration, strlen(expiration));
        if (out->expires_ns == 0)
            return STORE_AUTH;
    }
    return STORE_OK;
}
