/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/credential-manager/target.h"

#include <stdio.h>
#include <string.h>

#define SECRET "sideseat:"
#define PART "sideseat.part:"

/* %xx for each byte of the longest key, and the rest of a part's name */
_Static_assert(sizeof PART + 3 * STORE_KEY_MAX + 2 * TARGET_REVISION_SIZE < TARGET_SIZE,
               "a name has room");

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("/-_.@+=", c) != NULL);
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void append_key(const char *key, char out[TARGET_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    size_t len = strlen(out);

    for (; *key != '\0'; key++) {
        unsigned char byte = (unsigned char)*key;

        if (is_plain(*key)) {
            out[len++] = *key;
            continue;
        }
        out[len++] = '%';
        out[len++] = digits[byte >> 4];
        out[len++] = digits[byte & 15];
    }
    out[len] = '\0';
}

void target_format(const char *key, char out[TARGET_SIZE])
{
    snprintf(out, TARGET_SIZE, SECRET);
    append_key(key, out);
}

void target_format_parts(const char *key, char out[TARGET_SIZE])
{
    snprintf(out, TARGET_SIZE, PART);
    if (key == NULL)
        return;
    append_key(key, out);
    out[strlen(out) + 1] = '\0';
    out[strlen(out)] = ':';
}

void target_format_part(const char *key, const char revision[TARGET_REVISION_SIZE], unsigned number,
                        char out[TARGET_SIZE])
{
    size_t len;

    target_format_parts(key, out);
    len = strlen(out);
    snprintf(out + len, TARGET_SIZE - len, "%s:%u", revision, number);
}

/* Decodes text that append_key wrote. */
static bool decode(const char *text, size_t len, char key[STORE_KEY_MAX + 1])
{
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        int high = i + 2 < len ? digit(text[i + 1]) : -1;
        int low = i + 2 < len ? digit(text[i + 2]) : -1;
        char c = text[i];

        if (c == '%' && high >= 0 && low >= 0) {
            c = (char)(high << 4 | low);
            i += 2;
            if (is_plain(c))
                return false;
        } else if (!is_plain(c)) {
            return false;
        }
        if (used == STORE_KEY_MAX)
            return false;
        key[used++] = c;
    }
    key[used] = '\0';
    return store_scope_parse(key, used, NULL) == STORE_OK;
}

/* Copies the rest of a name after its beginning, in small letters. */
static bool copy_rest(const char *target, const char *begin, char out[TARGET_SIZE])
{
    size_t skip = strlen(begin);
    size_t len = strlen(target);

    if (len < skip || len >= TARGET_SIZE)
        return false;
    for (size_t i = 0; i <= len; i++)
        out[i] = (char)(target[i] >= 'A' && target[i] <= 'Z' ? target[i] | 0x20 : target[i]);
    if (memcmp(out, begin, skip) != 0)
        return false;
    memmove(out, out + skip, len - skip + 1);
    return true;
}

bool target_parse(const char *target, char key[STORE_KEY_MAX + 1])
{
    char rest[TARGET_SIZE];

    return copy_rest(target, SECRET, rest) && decode(rest, strlen(rest), key);
}

bool target_is_revision(const char *text)
{
    size_t len = strspn(text, "0123456789abcdef");

    return len == TARGET_REVISION_SIZE - 1 && text[len] == '\0';
}

bool target_parse_part(const char *target, char key[STORE_KEY_MAX + 1],
                       char revision[TARGET_REVISION_SIZE])
{
    char rest[TARGET_SIZE];
    char *after_key;
    char *number;

    if (!copy_rest(target, PART, rest) || (after_key = strchr(rest, ':')) == NULL ||
        (number = strchr(after_key + 1, ':')) == NULL)
        return false;
    *number++ = '\0';
    if (!target_is_revision(after_key + 1) || number[0] == '\0' ||
        number[strspn(number, "0123456789")] != '\0')
        return false;
    memcpy(revision, after_key + 1, TARGET_REVISION_SIZE);
    return decode(rest, (size_t)(after_key - rest), key);
}
