/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json.h"

#include <ctype.h>

#include "core/json_document.h"

/* The parts of a number's text. */
struct decimal {
    bool negative;
    const unsigned char *digits; /* as in the text, perhaps with a point among them */
    const unsigned char *end;
    long point; /* the number of digits before the decimal point, exponent included */
};

/* Parses the exponent and limits it to a bound that no number in range reaches. */
static long parse_exponent(const unsigned char *at, const unsigned char *end)
{
    bool negative = at < end && *at == '-';
    long exponent = 0;

    if (at < end && (*at == '-' || *at == '+'))
        at++;
    for (; at < end; at++)
        if (exponent < 100000)
            exponent = exponent * 10 + (*at - '0');
    return negative ? -exponent : exponent;
}

/* json_read has checked the grammar: */
static struct decimal parse_decimal(const unsigned char *at, const unsigned char *end)
{
    struct decimal d = {.negative = *at == '-'};

    d.digits = d.negative ? at + 1 : at;
    for (d.end = d.digits; d.end < end && isdigit(*d.end); d.end++)
        d.point++;
    if (d.end < end && *d.end == '.')
        for (d.end++; d.end < end && isdigit(*d.end);)
            d.end++;
    if (d.end < end)
        d.point += parse_exponent(d.end + 1, end);
    return d;
}

/* The number times 10 to the `scale`; `exact` becomes false if it drops digits past that. */
static enum store_err scaled(struct json_value value, long scale, int64_t *out, bool *exact)
{
    struct json_span span = json_span(value);
    const unsigned char *text;
    struct decimal d;
    int64_t result = 0;
    long left;

    if (json_type(value) != JSON_NUMBER)
        return STORE_CORRUPT;
    text = value.document->text.data + span.start;
    d = parse_decimal(text, text + span.len);
    left = d.point + scale; /* the number of digits that count */
    *exact = true;
    for (const unsigned char *c = d.digits; c < d.end; c++) {
        if (*c == '.')
            continue;
        if (left-- <= 0)
            *exact = *exact && *c == '0';
        else if (__builtin_mul_overflow(result, 10, &result) ||
                 __builtin_sub_overflow(result, *c - '0', &result))
            return STORE_CORRUPT; /* downwards, since INT64_MIN has no positive */
    }
    for (; left > 0 && result != 0; left--)
        if (__builtin_mul_overflow(result, 10, &result))
            return STORE_CORRUPT;
    if (!d.negative && __builtin_sub_overflow(0, result, &result))
        return STORE_CORRUPT;
    *out = result;
    return STORE_OK;
}

enum store_err json_whole(struct json_value value, int64_t *out)
{
    int64_t result;
    bool exact;

    TRY(scaled(value, 0, &result, &exact));
    if (!exact)
        return STORE_CORRUPT;
    *out = result;
    return STORE_OK;
}

enum store_err json_seconds(struct json_value value, int64_t *ns)
{
    bool exact;

    return scaled(value, 9, ns, &exact);
}
