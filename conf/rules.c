/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/rules.h"

#include <stdlib.h>
#include <string.h>

#include "store/hex.h"

enum store_err conf_rule_pattern(struct store_conf_rule *rule, const char *text, size_t len)
{
    char key[STORE_KEY_MAX + 1];
    char checked[STORE_KEY_MAX + 1];

    if (len == 0 || len > STORE_KEY_MAX)
        return STORE_BAD_CONF;
    /* a pattern is a key once each star stands for a letter */
    for (size_t i = 0; i < len; i++)
        key[i] = text[i] == '*' ? 'x' : text[i];
    if (store_scope_complete(key, len, checked) != STORE_OK)
        return STORE_BAD_CONF;
    memcpy(rule->pattern, checked, strlen(checked) + 1);
    memcpy(rule->pattern + strlen(checked) - len, text, len);
    return STORE_OK;
}

/* Takes the next word of the list, from `*at` on; false at its end. BAD_CONF in `err` if it is
 * neither a key nor a pattern. */
static bool pattern_next(const char **at, struct store_conf_rule *rule, enum store_err *err)
{
    size_t len;

    *at += strspn(*at, " ");
    len = strcspn(*at, " ");
    if (len == 0)
        return false;
    *err = conf_rule_pattern(rule, *at, len);
    *at += len;
    return true;
}

bool conf_patterns_valid(const char *text)
{
    struct store_conf_rule rule = {0};
    enum store_err err = STORE_BAD_CONF;

    while (pattern_next(&text, &rule, &err) && err == STORE_OK)
        ;
    return err == STORE_OK;
}

enum store_err conf_rule_id(struct store_conf_rule *rule, const char *text)
{
    AUTO_SECRET id = {0};
    enum store_err err = store_hex_decode(text, strlen(text), &id);

    if (err == STORE_NO_MEMORY)
        return err;
    if (err != STORE_OK || id.len == 0 || id.len > sizeof rule->id)
        return STORE_BAD_CONF;
    memcpy(rule->id, id.data, id.len);
    rule->id_len = id.len;
    return STORE_OK;
}

enum store_err conf_rule_usage(struct store_conf_rule *rule, const char *word)
{
    static const struct {
        const char *word;
        unsigned usage;
    } words[] = {
        {"sign", STORE_USAGE_SIGN},
        {"decrypt", STORE_USAGE_DECRYPT},
        {"decrypt_pkcs1", STORE_USAGE_DECRYPT_PKCS1},
        {"raw", STORE_USAGE_RAW},
        {"derive", STORE_USAGE_DERIVE},
        {"encrypt", STORE_USAGE_ENCRYPT},
        {"wrap", STORE_USAGE_WRAP},
        {"unwrap", STORE_USAGE_UNWRAP},
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(word, words[i].word) == 0) {
            rule->usage |= words[i].usage;
            return STORE_OK;
        }
    }
    return STORE_BAD_CONF;
}

bool conf_rule_is_exact(const struct store_conf_rule *rule)
{
    return strchr(rule->pattern, '*') == NULL;
}

bool conf_rules_have(const struct conf_rules *rules, const char *pattern)
{
    for (size_t i = 0; i < rules->count; i++)
        if (strcmp(rules->rules[i].pattern, pattern) == 0)
            return true;
    return false;
}

const char *conf_rules_hide(const struct conf_rules *rules, const char *pattern)
{
    for (size_t i = 0; i < rules->count; i++)
        /* here a star in `pattern` is a plain character, which only a star matches */
        if (conf_pattern_matches(rules->rules[i].pattern, pattern))
            return rules->rules[i].pattern;
    return NULL;
}

enum store_err conf_rules_add(struct conf_rules *rules, const struct store_conf_rule *rule)
{
    struct store_conf_rule *grown;

    if (conf_rules_have(rules, rule->pattern) || rules->count == CONF_KEYS_MAX)
        return STORE_BAD_CONF;
    grown = reallocarray(rules->rules, rules->count + 1, sizeof *grown);
    if (grown == NULL)
        return STORE_NO_MEMORY;
    rules->rules = grown;
    rules->rules[rules->count++] = *rule;
    return STORE_OK;
}

enum store_err conf_rules_add_text(struct conf_rules *rules, const char *text, size_t len)
{
    struct store_conf_rule rule = {.usage = STORE_USAGE_SIGN};

    if (len == 0)
        return STORE_OK;
    TRY(conf_rule_pattern(&rule, text, len));
    return conf_rules_add(rules, &rule);
}

enum store_err conf_rules_begin(struct conf_rules *rules, const char *origin)
{
    conf_rules_free(rules);
    rules->origin = strdup(origin);
    return rules->origin == NULL ? STORE_NO_MEMORY : STORE_OK;
}

void conf_rules_free(struct conf_rules *rules)
{
    free(rules->rules);
    free(rules->origin);
    *rules = (struct conf_rules){0};
}

bool conf_pattern_matches(const char *pattern, const char *key)
{
    const char *star = NULL; /* the last star seen, and where its text ends now */
    const char *mark = NULL;

    while (*key != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            mark = key;
        } else if (*pattern == *key) {
            pattern++;
            key++;
        } else if (star != NULL && *mark != '/') {
            pattern = star + 1;
            key = ++mark;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

const struct store_conf_rule *store_conf_rule_at(const struct store_conf *conf, size_t index)
{
    const struct conf_rules *rules = &conf->set->rules;

    return index < rules->count ? &rules->rules[index] : NULL;
}

const struct store_conf_rule *store_conf_rule_find(const struct store_conf *conf, const char *key)
{
    const struct conf_rules *rules = &conf->set->rules;

    if (store_conf_aes_find(conf, key) != NULL)
        return NULL;
    for (size_t i = 0; i < rules->count; i++)
        if (conf_pattern_matches(rules->rules[i].pattern, key))
            return &rules->rules[i];
    return NULL;
}

const struct store_conf_rule *store_conf_aes_at(const struct store_conf *conf, size_t index)
{
    const struct conf_rules *rules = &conf->set->aes;

    return index < rules->count ? &rules->rules[index] : NULL;
}

const struct store_conf_rule *store_conf_aes_find(const struct store_conf *conf, const char *key)
{
    const struct store_conf_rule *rule;

    for (size_t i = 0; (rule = store_conf_aes_at(conf, i)) != NULL; i++)
        if (strcmp(rule->pattern, key) == 0)
            return rule;
    return NULL;
}

bool conf_patterns_match(const char *text, const char *key)
{
    struct store_conf_rule rule = {0};
    enum store_err err = STORE_OK;

    while (pattern_next(&text, &rule, &err))
        if (err == STORE_OK && conf_pattern_matches(rule.pattern, key))
            return true;
    return false;
}
