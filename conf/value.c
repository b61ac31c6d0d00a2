/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/value.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/rules.h"
#include "platform/path.h"
#include "store/backend.h"
#include "store/utf8.h"

bool conf_text_valid(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return store_utf8_valid(text, len);
}

/* Parses a decimal number. Only with a `rest`, which gets the text after it, may more follow. */
static bool number_parse(const char *text, long *out, const char **rest)
{
    char *end;

    if (text[0] != '-' && (text[0] < '0' || text[0] > '9'))
        return false;
    errno = 0;
    *out = strtol(text, &end, 10);
    if (errno != 0 || end == text)
        return false;
    if (rest != NULL)
        *rest = end;
    return rest != NULL || *end == '\0';
}

/* Whole numbers with units, as in "1m30s"; a bare number is seconds. */
static bool duration_parse(const char *text, long *out)
{
    static const struct {
        const char *name;
        long ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    long total = 0;
    long n;

    if (number_parse(text, &n, NULL))
        return !__builtin_mul_overflow(n, 1000L, out);
    do {
        size_t len;
        size_t i = 0;
        if (!number_parse(text, &n, &text) || n < 0)
            return false;
        len = strcspn(text, "0123456789");
        while (i < 4 && (strlen(units[i].name) != len || memcmp(units[i].name, text, len) != 0))
            i++;
        if (i == 4 || __builtin_mul_overflow(n, units[i].ms, &n) ||
            __builtin_add_overflow(total, n, &total))
            return false;
        text += len;
    } while (*text != '\0');
    *out = total;
    return true;
}

static bool flag_parse(const char *text, long *out)
{
    static const char *const words[] = {"false", "true", "0",  "1", "no",
                                        "yes",   "off",  "on", "f", "t"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcasecmp(words[i], text) == 0) {
            *out = (long)(i % 2);
            return true;
        }
    }
    return false;
}

/* True for host or host:port, `len` bytes long, where the host may be an IPv6 address in brackets.
 */
static bool authority_valid(const char *text, size_t len)
{
    const char *end = text + len;
    const char *bracket = text[0] == '[' ? memchr(text, ']', len) : NULL;
    const char *host_end = bracket != NULL ? bracket + 1 : memchr(text, ':', len);
    const char *rest;
    long port;

    if (len == 0 || host_end == text || (text[0] == '[' && bracket == NULL))
        return false;
    if (host_end == NULL || host_end == end)
        return true;
    return *host_end == ':' && number_parse(host_end + 1, &port, &rest) && rest == end &&
           port >= 1 && port <= 65535;
}

/* Accepts only URLs that every client reads alike; the backend decides about http. */
static bool url_valid(const char *text)
{
    size_t scheme = strncasecmp(text, "https://", 8) == 0  ? 8
                    : strncasecmp(text, "http://", 7) == 0 ? 7
                                                           : 0;
    size_t host = strcspn(text + scheme, "/");

    return scheme != 0 && authority_valid(text + scheme, host) &&
           memchr(text + scheme, '@', host) == NULL && strpbrk(text, " \\?#") == NULL;
}

/* True if `text` is a value for the setting; `number` gets its number, if it has one. */
static bool value_valid(const struct setting *setting, const char *text, long *number)
{
    switch (setting->type) {
    case SETTING_PATH:
        return platform_path_is_absolute(text);
    case SETTING_SOCKET:
        return platform_path_is_socket(text);
    case SETTING_TARGET:
        return platform_path_is_absolute(text) || strcmp(text, "syslog") == 0 ||
               strcmp(text, "journal") == 0;
    case SETTING_URL:
        return url_valid(text);
    case SETTING_NUMBER:
        return number_parse(text, number, NULL) && *number >= setting->min &&
               *number <= setting->max;
    case SETTING_DURATION:
        return duration_parse(text, number) && *number >= setting->min && *number <= setting->max;
    case SETTING_FLAG:
        return flag_parse(text, number);
    case SETTING_CHOICE:
        return setting_word_in(setting->choices, text);
    case SETTING_BACKEND:
        return store_registry_find(text) != NULL;
    case SETTING_PATTERNS:
        return conf_patterns_valid(text);
    case SETTING_TEXT:
    case SETTING_SECRET:
        return true;
    case SETTING_KEYS:
    case SETTING_HMAC_KEYS:
    case SETTING_RULES:
        return false; /* lists have functions of their own */
    }
    return false;
}

/* Fills in a fresh value. */
static enum store_err value_fill(struct conf_value *value, const struct setting *setting,
                                 const char *text, size_t len)
{
    if (setting->type == SETTING_SECRET)
        return store_secret_set(&value->secret, text, len);
    value->text = strndup(text, len);
    if (value->text == NULL)
        return STORE_NO_MEMORY;
    return value_valid(setting, value->text, &value->number) ? STORE_OK : STORE_BAD_CONF;
}

static void value_free(struct conf_value *value)
{
    store_secret_wipe(&value->secret);
    free(value->text);
    free(value);
}

enum store_err conf_value_make(struct store_conf_set *set, const struct setting *setting,
                               const char *text, size_t len, const char *origin,
                               const struct conf_value **out)
{
    size_t size = strlen(origin) + 1;
    struct conf_value *value;
    enum store_err err;

    if ((len == 0 && !setting->may_be_empty) || !conf_text_valid(text, len))
        return STORE_BAD_CONF;
    value = calloc(1, sizeof *value + size);
    if (value == NULL)
        return STORE_NO_MEMORY;
    memcpy(value->origin, origin, size);
    err = value_fill(value, setting, text, len);
    if (err != STORE_OK) {
        value_free(value);
        return err;
    }
    value->next = set->values;
    set->values = value;
    *out = value;
    return STORE_OK;
}

void conf_values_free(struct store_conf_set *set)
{
    while (set->values != NULL) {
        struct conf_value *value = set->values;
        set->values = value->next;
        value_free(value);
    }
}

struct conf_list *conf_list_of(struct store_conf_set *set, const struct setting *setting)
{
    if (setting->type == SETTING_HMAC_KEYS)
        return &set->hmac_keys;
    return setting->type == SETTING_KEYS ? &set->sensitive : NULL;
}

const char *conf_encoding_find(const char *name, size_t len)
{
    static const char *const names[] = {"hex", "base64", "raw"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return names[i];
    return NULL;
}

enum store_err conf_list_add(struct conf_list *list, const char *key, size_t len,
                             const char *encoding)
{
    struct conf_key added = {0};
    struct conf_key *grown;

    if (encoding != NULL) {
        added.encoding = conf_encoding_find(encoding, strlen(encoding));
        if (added.encoding == NULL)
            return STORE_BAD_CONF;
    }
    if (store_scope_complete(key, len, added.key) != STORE_OK)
        return STORE_BAD_CONF;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->keys[i].key, added.key) == 0)
            return list->keys[i].encoding == added.encoding ? STORE_OK : STORE_BAD_CONF;
    if (list->count == CONF_KEYS_MAX)
        return STORE_BAD_CONF;
    grown = reallocarray(list->keys, list->count + 1, sizeof *grown);
    if (grown == NULL)
        return STORE_NO_MEMORY;
    list->keys = grown;
    list->keys[list->count++] = added;
    return STORE_OK;
}

enum store_err conf_list_add_text(struct conf_list *list, const struct setting *setting,
                                  const char *text, size_t len)
{
    const char *encoding = NULL;
    const char *colon = memrchr(text, ':', len);

    if (len == 0)
        return STORE_OK;
    if (setting->type != SETTING_HMAC_KEYS)
        return conf_list_add(list, text, len, NULL);
    if (colon != NULL)
        encoding = conf_encoding_find(colon + 1, len - (size_t)(colon + 1 - text));
    if (encoding == NULL)
        return conf_list_add(list, text, len, "hex");
    return conf_list_add(list, text, (size_t)(colon - text), encoding);
}

enum store_err conf_list_begin(struct conf_list *list, const char *origin)
{
    conf_list_free(list);
    list->origin = strdup(origin);
    return list->origin == NULL ? STORE_NO_MEMORY : STORE_OK;
}

void conf_list_free(struct conf_list *list)
{
    free(list->keys);
    free(list->origin);
    *list = (struct conf_list){0};
}
