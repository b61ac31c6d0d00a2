/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>

#include "conf/settings.h"
#include "store/backend.h"

/* Prints the table of settings and the registry as JSON, for settings.py. */

static const char *const types[] = {
    [SETTING_TEXT] = "text",         [SETTING_PATH] = "path",           [SETTING_URL] = "url",
    [SETTING_NUMBER] = "number",     [SETTING_DURATION] = "duration",   [SETTING_FLAG] = "flag",
    [SETTING_CHOICE] = "choice",     [SETTING_BACKEND] = "backend",     [SETTING_SECRET] = "secret",
    [SETTING_KEYS] = "keys",         [SETTING_HMAC_KEYS] = "hmac_keys", [SETTING_RULES] = "rules",
    [SETTING_PATTERNS] = "patterns", [SETTING_TARGET] = "target",       [SETTING_SOCKET] = "socket",
};

static json_t *setting_json(const struct setting *setting)
{
    json_t *environment = json_array();

    for (size_t i = 0; i < SETTING_ENVIRONMENT_MAX && setting->environment[i] != NULL; i++)
        json_array_append_new(environment, json_string(setting->environment[i]));
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:s*, s:s*, s:s*, s:s*, s:o, s:b, s:s}", "path",
                     setting->path, "section", setting_section(setting), "type",
                     types[setting->type], "min", (json_int_t)setting->min, "max",
                     (json_int_t)setting->max, "default", setting->fallback, "network_default",
                     setting->network_fallback, "choices", setting->choices, "backends",
                     setting->backends, "environment", environment, "may_be_empty",
                     (int)setting->may_be_empty, "help", setting->help);
}

static json_t *backend_json(const struct store_registration *row)
{
    return json_pack("{s:s, s:b, s:s*, s:s*}", "name", row->name, "read_only", row->read_only,
                     "program", row->program, "system", row->system);
}

int main(void)
{
    json_t *settings = json_array();
    json_t *backends = json_array();
    const struct setting *setting;
    const struct store_registration *row;
    json_t *root;

    for (size_t i = 0; (setting = setting_at(i)) != NULL; i++)
        json_array_append_new(settings, setting_json(setting));
    for (size_t i = 0; (row = store_registry_at(i)) != NULL; i++)
        json_array_append_new(backends, backend_json(row));
    root = json_pack("{s:o, s:o}", "settings", settings, "backends", backends);
    if (root == NULL || json_dumpf(root, stdout, JSON_INDENT(1)) != 0)
        return 1;
    json_decref(root);
    return 0;
}
