/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/conf.h"

#include <stdlib.h>
#include <string.h>

#include "conf/rules.h"
#include "conf/value.h"
#include "store/case.h"
#include "store/log.h"

/* The questions that a finished configuration answers. */

void store_conf_free(struct store_conf_set *set)
{
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->count; i++)
        free(set->tokens[i]);
    conf_values_free(set);
    conf_warnings_free(set);
    conf_list_free(&set->hmac_keys);
    conf_list_free(&set->sensitive);
    conf_rules_free(&set->rules);
    conf_rules_free(&set->aes);
    free(set);
}

size_t store_conf_count(const struct store_conf_set *set)
{
    return set->count;
}

const struct store_conf *store_conf_at(const struct store_conf_set *set, size_t index)
{
    return set->tokens[index];
}

const char *store_conf_label(const struct store_conf *conf)
{
    return conf->label;
}

const char *store_conf_backend(const struct store_conf *conf)
{
    return conf->backend;
}

const char *store_conf_backend_origin(const struct store_conf *conf)
{
    return conf->backend_origin;
}

bool store_conf_platform_chose(const struct store_conf *conf)
{
    return conf->backend_origin != NULL &&
           strncmp(conf->backend_origin, CONF_PLATFORM, strlen(CONF_PLATFORM)) == 0;
}

void store_conf_warn(const struct store_conf *conf)
{
    bool chosen = store_conf_platform_chose(conf);

    for (struct conf_warning *warning = conf->set->warnings; warning != NULL;
         warning = warning->next)
        if ((chosen || !warning->platform_only) && !atomic_exchange(&warning->said, true))
            store_log(STORE_LOG_WARNING, "conf: %s", warning->text);
}

/* The value given for a path, or NULL. */
static const struct conf_value *value_given(const struct store_conf *conf,
                                            const struct setting *setting)
{
    return setting == NULL ? NULL : conf->layer.values[setting_index(setting)];
}

const char *store_conf_text(const struct store_conf *conf, const char *path)
{
    const struct setting *setting = setting_find(path, strlen(path));
    const struct conf_value *value = value_given(conf, setting);

    if (value != NULL)
        return value->text;
    return setting == NULL ? NULL : setting_default(setting, conf->backend);
}

long store_conf_number(const struct store_conf *conf, const char *path)
{
    const struct setting *setting = setting_find(path, strlen(path));
    const struct conf_value *value = value_given(conf, setting);
    const char *text;

    if (value != NULL)
        return value->number;
    text = setting == NULL ? NULL : setting_default(setting, conf->backend);
    return text == NULL ? 0 : strtol(text, NULL, 10);
}

bool store_conf_flag(const struct store_conf *conf, const char *path)
{
    const struct setting *setting = setting_find(path, strlen(path));
    const struct conf_value *value = value_given(conf, setting);
    const char *text;

    if (value != NULL)
        return value->number != 0;
    text = setting == NULL ? NULL : setting_default(setting, conf->backend);
    return text != NULL && strcmp(text, "true") == 0;
}

const struct store_secret *store_conf_secret(const struct store_conf *conf, const char *path)
{
    static const struct store_secret empty;
    const struct conf_value *value = value_given(conf, setting_find(path, strlen(path)));

    return value == NULL ? &empty : &value->secret;
}

const char *store_conf_data_dir(const struct store_conf *conf)
{
    return store_conf_text(conf, "data_dir");
}

const char *store_conf_hmac_key(const struct store_conf *conf, size_t index, const char **encoding)
{
    const struct conf_list *list = &conf->set->hmac_keys;

    if (index >= list->count)
        return NULL;
    if (encoding != NULL)
        *encoding = list->keys[index].encoding;
    return list->keys[index].key;
}

/* True if the variable of the key is one that the pattern names. Patterns match more of a variable
 * than of a key, since a '_' may be a '/': that protects too much rather than too little. */
static bool names_variable(const char *pattern, const char *variable)
{
    char folded[3 * STORE_KEY_MAX + 1];

    return store_case_variable(pattern, folded, sizeof folded) &&
           conf_pattern_matches(folded, variable);
}

/* True if a rule of the list makes the variable sensitive. */
static bool rules_protect(const struct conf_rules *rules, const char *variable)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->rules[i].sensitive && names_variable(rules->rules[i].pattern, variable))
            return true;
    return false;
}

/* In the environment, several keys name one secret: each of them is as sensitive as the others. */
static bool is_sensitive_variable(const struct store_conf *conf, const char *key)
{
    const struct conf_list *list = &conf->set->sensitive;
    char variable[3 * STORE_KEY_MAX + 1];

    if (strcmp(conf->backend, "env") != 0 || !store_case_variable(key, variable, sizeof variable))
        return false;
    for (size_t i = 0; i < list->count; i++)
        if (names_variable(list->keys[i].key, variable))
            return true;
    return rules_protect(&conf->set->rules, variable) || rules_protect(&conf->set->aes, variable);
}

bool store_conf_sensitive(const struct store_conf *conf, const char *key)
{
    const struct conf_list *list = &conf->set->sensitive;
    const struct store_conf_rule *aes = store_conf_aes_find(conf, key);
    const struct store_conf_rule *rule = aes != NULL ? aes : store_conf_rule_find(conf, key);

    for (size_t i = 0; i < list->count; i++)
        if (conf_pattern_matches(list->keys[i].key, key))
            return true;
    return (rule != NULL && rule->sensitive) || is_sensitive_variable(conf, key);
}

bool store_conf_some_read_only(const struct store_conf *conf)
{
    return store_conf_text(conf, "read_only_keys") != NULL;
}

bool store_conf_read_only(const struct store_conf *conf, const char *key)
{
    const char *patterns = store_conf_text(conf, "read_only_keys");

    if (store_conf_flag(conf, "read_only"))
        return true;
    return key != NULL && patterns != NULL && conf_patterns_match(patterns, key);
}
