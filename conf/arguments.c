/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/arguments.h"

#include <stdlib.h>
#include <string.h>

#include "platform/path.h"
#include "store/secret.h"
#include "store/utf8.h"
#include "conf/environment.h"
#include "conf/rules.h"
#include "conf/suggest.h"
#include "conf/value.h"

#define ORIGIN "argument of C_Initialize"

/* True if a backslash in front of `next` quotes it. */
static bool escapes(char quote, char next)
{
    if (next == '\0' || quote == '\'')
        return false;
    return quote == '\0' || next == '"' || next == '\\';
}

/* Copies the next word from `*at` to `out`, which has room for the rest of the text, and moves
 * `*at` past it. False if a quotation does not end. */
static bool word_next(const char **at, char *out, size_t *len)
{
    const char *s = *at;
    char quote = '\0';

    for (*len = 0; *s != '\0' && (quote != '\0' || !store_ascii_space(*s)); s++) {
        if (quote != '\0' ? *s == quote : *s == '\'' || *s == '"') {
            quote = quote == '\0' ? *s : '\0';
            continue;
        }
        if (*s == '\\' && escapes(quote, s[1]))
            s++;
        out[(*len)++] = *s;
    }
    out[*len] = '\0';
    *at = s;
    return quote == '\0';
}

static void config_set(struct conf_reader *reader, const char *path)
{
    if (reader->config != NULL) {
        conf_mistake(reader, "arguments: config: given twice; leave one");
        return;
    }
    if (!platform_path_is_absolute(path)) {
        conf_mistake(reader,
                     "arguments: config: must be %s: nothing is ever read from the current folder",
                     platform_path_form);
        return;
    }
    reader->config = strdup(path);
    if (reader->config == NULL)
        conf_no_memory(reader);
}

/* An element of a list. */
static void element_add(struct conf_reader *reader, const struct setting *setting,
                        struct conf_list *list, const char *value, size_t len)
{
    enum store_err err = STORE_OK;

    if (list->origin == NULL)
        err = conf_list_begin(list, ORIGIN);
    if (err == STORE_OK)
        err = conf_list_add_text(list, setting, value, len);
    if (err == STORE_NO_MEMORY)
        conf_no_memory(reader);
    if (err == STORE_BAD_CONF)
        conf_mistake(reader, "arguments: %s: not a scope key such as global/jwt_signing_key",
                     setting->path);
}

/* A rule of pkcs11.keys: here only its key or pattern. */
static void rule_add(struct conf_reader *reader, const char *value, size_t len)
{
    struct conf_rules *rules = &reader->set->rules;
    enum store_err err = STORE_OK;

    if (rules->origin == NULL)
        err = conf_rules_begin(rules, ORIGIN);
    if (err == STORE_OK)
        err = conf_rules_add_text(rules, value, len);
    if (err == STORE_NO_MEMORY)
        conf_no_memory(reader);
    if (err == STORE_BAD_CONF)
        conf_mistake(reader, "arguments: keys: not a scope key or pattern such as global/tls_*, or "
                             "given twice");
}

/* True if the value is a secret, or a URL that contains one. */
static bool holds_secret(const struct setting *setting, const char *value)
{
    const char *host = strstr(value, "://");

    if (setting->type == SETTING_SECRET)
        return true;
    if (setting->type == SETTING_KEYS || setting->type == SETTING_HMAC_KEYS ||
        setting->type == SETTING_RULES || host == NULL)
        return false;
    return memchr(host + 3, '@', strcspn(host + 3, "/?#")) != NULL;
}

/* The better place for a secret setting. */
static const char *secret_place(const struct setting *setting)
{
    return setting->environment[0] != NULL ? setting->environment[0] : "sideseat.json";
}

static void setting_set(struct conf_reader *reader, const struct setting *setting,
                        const char *value, size_t len)
{
    struct conf_list *list = conf_list_of(reader->set, setting);
    const struct conf_value **slot = &reader->arguments.values[setting_index(setting)];
    char expected[512];
    enum store_err err;

    if (reader->on_command_line && holds_secret(setting, value)) {
        conf_mistake(reader,
                     "arguments: %s: on a command line every user of the machine can read it; "
                     "revoke the one given there, and put the new one into %s",
                     setting->path, secret_place(setting));
        return;
    }
    if (list != NULL) {
        element_add(reader, setting, list, value, len);
        return;
    }
    if (setting->type == SETTING_RULES) {
        rule_add(reader, value, len);
        return;
    }
    if (*slot != NULL) {
        conf_mistake(reader, "arguments: %s: given twice; leave one", setting->path);
        return;
    }
    err = conf_value_make(reader->set, setting, value, len, ORIGIN, slot);
    if (err == STORE_NO_MEMORY)
        conf_no_memory(reader);
    if (err != STORE_BAD_CONF)
        return;
    suggest_value(setting, value, len, expected, sizeof expected);
    conf_mistake(reader, "arguments: %s: must be %s", setting->path, expected);
}

/* Reads one word, and changes `word`. Messages show its number if it does not have a key. */
static void word_parse(struct conf_reader *reader, char *word, size_t len, unsigned number)
{
    char *equals = memchr(word, '=', len);
    const struct setting *setting;
    char near[128];

    if (equals == NULL || equals == word) {
        /* without the word itself, which may be half a secret */
        conf_mistake(reader,
                     "arguments: word %u is not of the form key=value; a value with spaces needs "
                     "quotes: key='a value'",
                     number);
        return;
    }
    *equals = '\0';
    len -= (size_t)(equals + 1 - word);
    if (strcmp(word, CONF_FROM) == 0) {
        reader->on_command_line = strcmp(equals + 1, "command-line") == 0;
        if (!reader->on_command_line)
            conf_mistake(reader, "arguments: %s: must be command-line", CONF_FROM);
        return;
    }
    if (strcmp(word, "config") == 0) {
        config_set(reader, equals + 1);
        return;
    }
    setting = setting_find(word, strlen(word));
    if (setting != NULL) {
        setting_set(reader, setting, equals + 1, len);
        return;
    }
    suggest_path(word, near, sizeof near);
    conf_mistake(reader, "arguments: %.64s: no such setting%s", word, near);
}

void arguments_read(struct conf_reader *reader, const char *arguments)
{
    size_t size = arguments == NULL ? 0 : strlen(arguments) + 1;
    AUTO_SECRET copy = {0}; /* one may be a token */
    unsigned char *bytes;
    const char *at = arguments;
    size_t len;

    if (arguments == NULL)
        return;
    if (arguments[strspn(arguments, " \t\n\v\f\r")] != '\0' && environment_forbids_arguments()) {
        conf_mistake(reader, "arguments: SIDESEAT_PKCS11_ARGUMENTS forbids them; put the settings "
                             "into sideseat.json or the environment of this process");
        return;
    }
    if (store_secret_resize(&copy, size, &bytes) != STORE_OK) {
        conf_no_memory(reader);
        return;
    }
    for (unsigned number = 1;; number++) {
        while (store_ascii_space(*at))
            at++;
        if (*at == '\0')
            return;
        if (!word_next(&at, (char *)bytes, &len)) {
            conf_mistake(reader, "arguments: word %u has a quotation without an end", number);
            return;
        }
        word_parse(reader, (char *)bytes, len, number);
    }
}
