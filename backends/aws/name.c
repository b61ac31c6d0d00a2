/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/name.h"

#include <string.h>

#define PREFIX_MAX 200

static const char digits[] = "0123456789ABCDEF";

/* True for a character that AWS allows in names, in any locale. */
static bool char_allowed(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("/_+=.@-", c) != NULL);
}

static bool char_plain(unsigned char c)
{
    return char_allowed(c) && c != '=';
}

bool aws_name_prefix_valid(const char *prefix)
{
    size_t len = strlen(prefix);

    if (len == 0)
        return true;
    if (len > PREFIX_MAX || prefix[0] == '/' || prefix[len - 1] == '/' ||
        strstr(prefix, "//") != NULL)
        return false;
    for (size_t i = 0; i < len; i++)
        if (!char_allowed((unsigned char)prefix[i]))
            return false;
    return true;
}

/* Writes `c` at `at` if there is room, and counts it in any case. */
static void name_put(char out[AWS_NAME_MAX + 1], size_t *at, char c)
{
    if (*at < AWS_NAME_MAX)
        out[*at] = c;
    (*at)++;
}

enum store_err aws_name_encode(const char *prefix, const char *key, char out[AWS_NAME_MAX + 1],
                               size_t *len)
{
    size_t at = 0;

    for (const char *p = prefix; *p != '\0'; p++)
        name_put(out, &at, *p);
    if (at > 0)
        name_put(out, &at, '/');
    for (const char *p = key; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;

        if (char_plain(c)) {
            name_put(out, &at, *p);
            continue;
        }
        name_put(out, &at, '=');
        name_put(out, &at, digits[c >> 4]);
        name_put(out, &at, digits[c & 15]);
    }
    out[at <= AWS_NAME_MAX ? at : AWS_NAME_MAX] = '\0';
    if (len != NULL)
        *len = at;
    return at <= AWS_NAME_MAX ? STORE_OK : STORE_TOO_BIG;
}

/* The byte of two digits at `hex`; -1 if they are not digits, or if the byte needs no escape. */
static int escape_decode(const char *hex)
{
    const char *high = hex[0] == '\0' ? NULL : strchr(digits, hex[0]);
    const char *low = hex[1] == '\0' ? NULL : strchr(digits, hex[1]);
    int c;

    if (high == NULL || low == NULL)
        return -1;
    c = (int)((high - digits) << 4 | (low - digits));
    return char_plain((unsigned char)c) ? -1 : c;
}

bool aws_name_below(const char *prefix, const char *name)
{
    size_t len = strlen(prefix);

    return len > 0 && strncmp(name, prefix, len) == 0 && name[len] == '/';
}

bool aws_name_decode(const char *prefix, const char *name, size_t len, char out[STORE_KEY_MAX + 1])
{
    size_t skip = strlen(prefix);
    size_t at = 0;

    if (skip > 0 && (len <= skip || memcmp(name, prefix, skip) != 0 || name[skip++] != '/'))
        return false;
    for (size_t i = skip; i < len; i++) {
        int c = (unsigned char)name[i];

        if (at == STORE_KEY_MAX || !char_allowed((unsigned char)c))
            return false;
        if (c == '=') {
            if (len - i < 3 || (c = escape_decode(name + i + 1)) < 0)
                return false;
            i += 2;
        }
        out[at++] = (char)c;
    }
    out[at] = '\0';
    return store_scope_parse(out, at, NULL) == STORE_OK;
}
