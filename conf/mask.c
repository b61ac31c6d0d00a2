/* SPDX-License-Identifier: Apache-2.0 */
#include "mask.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings.h"

/* A text being gone through. */
struct scan {
    const char *text;
    size_t len;
    size_t copied; /* so much of it is in the masked text, or replaced there */
};

/* Four hexadecimal digits; -1 if they are none. */
static long hex4_parse(const char *s, const char *end)
{
    long value = 0;

    if (end - s < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char lower = (char)(s[i] | 0x20);
        if (s[i] >= '0' && s[i] <= '9')
            value = value << 4 | (s[i] - '0');
        else if (lower >= 'a' && lower <= 'f')
            value = value << 4 | (lower - 'a' + 10);
        else
            return -1;
    }
    return value;
}

static enum store_err utf8_append(struct store_secret *out, unsigned long c)
{
    unsigned char bytes[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    enum store_err err;

    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        bytes[i] = (unsigned char)(0x80 | (c & 0x3f));
    bytes[0] = (unsigned char)(n == 1 ? c : (0xf00u >> n & 0xf0u) | c);
    err = store_secret_append(out, bytes, n);
    store_wipe(bytes, sizeof bytes);
    return err;
}

/* Undoes the escape at `*at`, behind its backslash, and moves `*at` behind it. BAD_VALUE for one
 * that jansson would not take either. */
static enum store_err escape_decode(const char **at, const char *end, struct store_secret *out)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    const char *simple = *at < end && **at != '\0' ? strchr(from, **at) : NULL;
    long c;
    long low;

    if (simple != NULL) {
        ++*at;
        return store_secret_append(out, &to[simple - from], 1);
    }
    if (*at == end || **at != 'u' || (c = hex4_parse(*at + 1, end)) <= 0)
        return STORE_BAD_VALUE;
    *at += 5;
    if (c < 0xd800 || c > 0xdfff)
        return utf8_append(out, (unsigned long)c);
    if (c > 0xdbff || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
        return STORE_BAD_VALUE;
    low = hex4_parse(*at + 2, end);
    if (low < 0xdc00 || low > 0xdfff)
        return STORE_BAD_VALUE;
    *at += 6;
    return utf8_append(out, 0x10000ul + ((unsigned long)(c - 0xd800) << 10) +
                                (unsigned long)(low - 0xdc00));
}

/* The value of what stands between a JSON text's quotation marks. */
static enum store_err text_decode(const char *raw, size_t len, struct store_secret *out)
{
    const char *end = raw + len;

    while (raw < end) {
        const char *backslash = memchr(raw, '\\', (size_t)(end - raw));
        size_t plain = (size_t)((backslash == NULL ? end : backslash) - raw);
        TRY(store_secret_append(out, raw, plain));
        raw += plain;
        if (raw == end)
            break;
        raw++;
        TRY(escape_decode(&raw, end, out));
    }
    return STORE_OK;
}

/* Whether a key, between its quotation marks, is that of some secret setting. */
static enum store_err key_secret(const char *raw, size_t len, bool *secret)
{
    AUTO_SECRET key = {0};
    enum store_err err = text_decode(raw, len, &key);
    const struct setting *setting;

    *secret = false;
    if (err != STORE_OK)
        return err == STORE_BAD_VALUE ? STORE_OK : err;
    for (size_t i = 0; (setting = setting_at(i)) != NULL && !*secret; i++) {
        const char *dot = strrchr(setting->path, '.');
        const char *name = dot == NULL ? setting->path : dot + 1;
        *secret = setting->type == SETTING_SECRET && store_secret_equal(&key, name, strlen(name));
    }
    return STORE_OK;
}

/* Where the text that begins at `at`, with its quotation mark, has its other one; scan->len if it
 * has none. */
static size_t text_end(const struct scan *scan, size_t at)
{
    for (at++; at < scan->len && scan->text[at] != '"'; at++)
        if (scan->text[at] == '\\')
            at++;
    return at < scan->len ? at : scan->len;
}

static size_t space_end(const struct scan *scan, size_t at)
{
    while (at < scan->len && memchr(" \t\r\n", scan->text[at], 4) != NULL)
        at++;
    return at;
}

/* Adds a secret to the list; `*value` becomes empty. */
static enum store_err secret_add(struct mask *mask, struct store_secret *value)
{
    struct store_secret *grown =
        reallocarray(mask->secrets, mask->count + 1, sizeof *mask->secrets);

    if (grown == NULL)
        return STORE_NO_MEMORY;
    mask->secrets = grown;
    mask->secrets[mask->count] = (struct store_secret){0};
    store_secret_move(&mask->secrets[mask->count++], value);
    return STORE_OK;
}

/* Masks the text from `at` to its other quotation mark at `end`. */
static enum store_err value_mask(struct mask *mask, struct scan *scan, size_t at, size_t end)
{
    AUTO_SECRET value = {0};
    enum store_err err = text_decode(scan->text + at + 1, end - at - 1, &value);
    char index[32];
    size_t len;

    if (err == STORE_BAD_VALUE || value.len == 0)
        return err == STORE_BAD_VALUE ? STORE_OK : err;
    TRY(err);
    len = (size_t)snprintf(index, sizeof index, "\"%zu\"", mask->count);
    TRY(secret_add(mask, &value));
    TRY(store_secret_append(&mask->text, scan->text + scan->copied, at - scan->copied));
    TRY(store_secret_append(&mask->text, index, len));
    for (; len < end + 1 - at; len++)
        TRY(store_secret_append(&mask->text, " ", 1));
    scan->copied = end + 1;
    return STORE_OK;
}

static enum store_err scan_run(struct mask *mask, struct scan *scan)
{
    size_t at = 0;

    while (at < scan->len) {
        size_t end;
        size_t value;
        bool secret = false;
        if (scan->text[at] != '"') {
            at++;
            continue;
        }
        end = text_end(scan, at);
        value = space_end(scan, end == scan->len ? end : end + 1);
        if (value < scan->len && scan->text[value] == ':')
            TRY(key_secret(scan->text + at + 1, end - at - 1, &secret));
        at = end + 1;
        if (!secret)
            continue;
        at = space_end(scan, value + 1);
        if (at == scan->len || scan->text[at] != '"' || (end = text_end(scan, at)) == scan->len)
            continue;
        TRY(value_mask(mask, scan, at, end));
        at = end + 1;
    }
    return store_secret_append(&mask->text, scan->text + scan->copied, scan->len - scan->copied);
}

enum store_err mask_make(struct mask *out, const char *text, size_t len)
{
    struct scan scan = {.text = text, .len = len};
    enum store_err err;

    *out = (struct mask){0};
    if (len == 0)
        return STORE_OK;
    err = scan_run(out, &scan);
    if (err != STORE_OK)
        mask_free(out);
    return err;
}

const struct store_secret *mask_find(const struct mask *mask, const char *masked)
{
    char *end;
    unsigned long index = strtoul(masked, &end, 10);

    return end == masked || *end != '\0' || index >= mask->count ? NULL : &mask->secrets[index];
}

void mask_free(struct mask *mask)
{
    for (size_t i = 0; i < mask->count; i++)
        store_secret_wipe(&mask->secrets[i]);
    free(mask->secrets);
    store_secret_wipe(&mask->text);
    *mask = (struct mask){0};
}
