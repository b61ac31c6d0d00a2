/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/user.h"
#include "conf/suggest.h"
#include "conf/value.h"

static void variable_read(struct conf_reader *reader, const struct setting *setting,
                          const char *name, const char *text)
{
    char origin[128];
    char expected[512];
    enum store_err err;

    snprintf(origin, sizeof origin, "environment variable %s", name);
    err = conf_value_make(reader->set, setting, text, strlen(text), origin,
                          &reader->environment.values[setting_index(setting)]);
    if (err == STORE_NO_MEMORY)
        conf_no_memory(reader);
    if (err != STORE_BAD_CONF)
        return;
    suggest_value(setting, text, strlen(text), expected, sizeof expected);
    conf_mistake(reader, "environment variable %s (%s.%s): must be %s", name,
                 setting_section(setting), setting->path, expected);
}

const struct conf_value *environment_get(struct conf_reader *reader, const struct setting *setting)
{
    size_t index = setting_index(setting);

    if (reader->environment_seen[index])
        return reader->environment.values[index];
    reader->environment_seen[index] = true;
    for (size_t i = 0; i < SETTING_ENVIRONMENT_MAX && setting->environment[i] != NULL; i++) {
        const char *text = store_env(setting->environment[i]);
        if (text == NULL)
            continue;
        variable_read(reader, setting, setting->environment[i], text);
        break;
    }
    return reader->environment.values[index];
}

bool environment_forbids_arguments(void)
{
    const char *text = store_env("SIDESEAT_PKCS11_ARGUMENTS");

    return text != NULL && strcmp(text, "allow") != 0;
}

const char *store_conf_log_level(void)
{
    return store_env("SIDESEAT_PKCS11_LOG");
}

const char *store_conf_log_file(void)
{
    return store_env("SIDESEAT_PKCS11_LOG_FILE");
}
