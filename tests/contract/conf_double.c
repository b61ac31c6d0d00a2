/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration as the suite's tests need it: one token with the settings that were put, none
 * of them checked. For tests of a backend without the code that reads files and environment.
 */
#include "store/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct setting {
    char path[64];
    char text[512];
    struct store_secret secret;
};

struct store_conf {
    char label[33];
    char backend[33];
    struct setting settings[16];
    size_t count;
};

struct store_conf_set {
    struct store_conf conf;
};

enum store_err store_conf_begin(struct store_conf_set **out, const char *label, const char *backend)
{
    struct store_conf_set *set = calloc(1, sizeof *set);

    if (set == NULL)
        return STORE_NO_MEMORY;
    snprintf(set->conf.label, sizeof set->conf.label, "%s", label);
    snprintf(set->conf.backend, sizeof set->conf.backend, "%s", backend);
    *out = set;
    return STORE_OK;
}

enum store_err store_conf_put(struct store_conf_set *set, const char *path, const void *value,
                              size_t len, const char *origin)
{
    struct setting *setting = &set->conf.settings[set->conf.count];

    (void)origin;
    if (set->conf.count == sizeof set->conf.settings / sizeof set->conf.settings[0] ||
        strlen(path) >= sizeof setting->path || len >= sizeof setting->text)
        return STORE_BAD_CONF;
    memcpy(setting->path, path, strlen(path) + 1);
    memcpy(setting->text, value, len);
    set->conf.count++;
    return store_secret_set(&setting->secret, value, len);
}

void store_conf_free(struct store_conf_set *set)
{
    for (size_t i = 0; set != NULL && i < set->conf.count; i++)
        store_secret_wipe(&set->conf.settings[i].secret);
    free(set);
}

size_t store_conf_count(const struct store_conf_set *set)
{
    (void)set;
    return 1;
}

const struct store_conf *store_conf_at(const struct store_conf_set *set, size_t index)
{
    (void)index;
    return &set->conf;
}

const char *store_conf_label(const struct store_conf *conf)
{
    return conf->label;
}

const char *store_conf_backend(const struct store_conf *conf)
{
    return conf->backend;
}

static const struct setting *setting_find(const struct store_conf *conf, const char *path)
{
    for (size_t i = 0; i < conf->count; i++)
        if (strcmp(conf->settings[i].path, path) == 0)
            return &conf->settings[i];
    return NULL;
}

const char *store_conf_text(const struct store_conf *conf, const char *path)
{
    const struct setting *setting = setting_find(conf, path);

    return setting == NULL ? NULL : setting->text;
}

long store_conf_number(const struct store_conf *conf, const char *path)
{
    const struct setting *setting = setting_find(conf, path);

    return setting == NULL ? 0 : strtol(setting->text, NULL, 10);
}

bool store_conf_flag(const struct store_conf *conf, const char *path)
{
    const struct setting *setting = setting_find(conf, path);

    return setting != NULL && strcmp(setting->text, "true") == 0;
}

const struct store_secret *store_conf_secret(const struct store_conf *conf, const char *path)
{
    static const struct store_secret none;
    const struct setting *setting = setting_find(conf, path);

    return setting == NULL ? &none : &setting->secret;
}

const char *store_conf_data_dir(const struct store_conf *conf)
{
    return store_conf_text(conf, "data_dir");
}
