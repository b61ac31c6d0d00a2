/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/load.h"
#include "conf/rules.h"
#include "store/backend.h"
#include "store/log.h"
#include "conf/value.h"

/* Takes a configuration apart, and puts it together again in another process. */

/* A list, one call per element; an empty one is a call with "". */
static void list_each(const struct setting *setting, const struct conf_list *list,
                      store_conf_each_fn *each, void *arg)
{
    char text[STORE_KEY_MAX + 16];

    if (list->count == 0 && list->origin != NULL && strcmp(list->origin, "default") != 0)
        each(arg, setting->path, "", NULL, list->origin);
    for (size_t i = 0; i < list->count; i++) {
        const struct conf_key *key = &list->keys[i];
        snprintf(text, sizeof text, "%s%s%s", key->key, key->encoding == NULL ? "" : ":",
                 key->encoding == NULL ? "" : key->encoding);
        each(arg, setting->path, text, NULL, list->origin);
    }
}

static void rules_each(const struct setting *setting, const struct store_conf_set *set,
                       store_conf_each_fn *each, void *arg)
{
    if (set->rules.count + set->aes.count == 0 && set->rules.origin != NULL)
        each(arg, setting->path, "", NULL, set->rules.origin);
    for (size_t i = 0; i < set->rules.count; i++)
        each(arg, setting->path, set->rules.rules[i].pattern, NULL, set->rules.origin);
    for (size_t i = 0; i < set->aes.count; i++)
        each(arg, setting->path, set->aes.rules[i].pattern, NULL, set->aes.origin);
}

void store_conf_each(const struct store_conf *conf, store_conf_each_fn *each, void *arg)
{
    const struct setting *setting;

    for (size_t i = 0; (setting = setting_at(i)) != NULL; i++) {
        const struct conf_value *value = conf->layer.values[i];
        const char *fallback = setting_default(setting, conf->backend);

        if (setting->type == SETTING_BACKEND)
            each(arg, setting->path, conf->backend, NULL, conf->backend_origin);
        else if (setting->type == SETTING_HMAC_KEYS)
            list_each(setting, &conf->set->hmac_keys, each, arg);
        else if (setting->type == SETTING_KEYS)
            list_each(setting, &conf->set->sensitive, each, arg);
        else if (setting->type == SETTING_RULES)
            rules_each(setting, conf->set, each, arg);
        else if (value != NULL)
            each(arg, setting->path, value->text, value->text == NULL ? &value->secret : NULL,
                 value->origin);
        else if (fallback != NULL && setting_applies(setting, conf->backend))
            each(arg, setting->path, fallback, NULL, "default");
    }
}

enum store_err store_conf_begin(struct store_conf_set **out, const char *label, const char *backend)
{
    const struct store_registration *row = store_registry_find(backend);
    struct store_conf_set *set;
    struct store_conf *token;
    size_t len = strlen(label);

    *out = NULL;
    if (row == NULL || len == 0 || len > CONF_LABEL_MAX || !conf_text_valid(label, len)) {
        store_log(STORE_LOG_ERROR, "conf: a token with a wrong label or an unknown backend was "
                                   "handed over; are module and sideseat-store of one version?");
        return STORE_BAD_CONF;
    }
    set = calloc(1, sizeof *set);
    token = calloc(1, sizeof *token);
    if (set == NULL || token == NULL) {
        free(set);
        free(token);
        return store_no_memory("conf");
    }
    memcpy(token->label, label, len + 1);
    token->backend = row->name;
    token->backend_origin = set->platform_origin;
    token->set = set;
    set->tokens[set->count++] = token;
    *out = set;
    return STORE_OK;
}

/* Adds the origin of the choice of backend; the choice itself was made at the beginning. */
static enum store_err backend_put(struct store_conf_set *set, const char *value, size_t len,
                                  const char *origin)
{
    const char *backend = set->tokens[0]->backend;

    if (strlen(backend) != len || memcmp(backend, value, len) != 0)
        return STORE_BAD_CONF;
    snprintf(set->platform_origin, sizeof set->platform_origin, "%s", origin);
    return STORE_OK;
}

static enum store_err setting_put(struct store_conf_set *set, const struct setting *setting,
                                  const char *value, size_t len, const char *origin)
{
    struct store_conf *token = set->tokens[0];
    struct conf_list *list = conf_list_of(set, setting);

    if (setting->type == SETTING_BACKEND)
        return backend_put(set, value, len, origin);
    if (list != NULL) {
        if (list->origin == NULL)
            TRY(conf_list_begin(list, origin));
        return conf_list_add_text(list, setting, value, len);
    }
    if (setting->type == SETTING_RULES) {
        if (set->rules.origin == NULL)
            TRY(conf_rules_begin(&set->rules, origin));
        return conf_rules_add_text(&set->rules, value, len);
    }
    if (!setting_applies(setting, token->backend))
        return STORE_BAD_CONF;
    return conf_value_make(set, setting, value, len, origin,
                           &token->layer.values[setting_index(setting)]);
}

enum store_err store_conf_put(struct store_conf_set *set, const char *path, const void *value,
                              size_t len, const char *origin)
{
    const struct setting *setting = setting_find(path, strlen(path));
    enum store_err err =
        setting == NULL ? STORE_BAD_CONF : setting_put(set, setting, value, len, origin);

    if (err == STORE_BAD_CONF)
        store_log(STORE_LOG_ERROR,
                  "conf: the setting %.64s was handed over with a wrong value or is not known "
                  "here; are module and sideseat-store of one version?",
                  path);
    return err == STORE_NO_MEMORY ? store_no_memory("conf") : err;
}
