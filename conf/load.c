/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/arguments.h"
#include "conf/environment.h"
#include "conf/file.h"
#include "conf/choice.h"
#include "conf/rules.h"
#include "platform/path.h"
#include "platform/system.h"
#include "store/backend.h"
#include "store/log.h"
#include "store/user.h"
#include "conf/value.h"

enum store_err conf_lists_default(struct store_conf_set *set)
{
    const struct setting *setting;

    for (size_t i = 0; (setting = setting_at(i)) != NULL; i++) {
        struct conf_list *list = conf_list_of(set, setting);
        const char *at = setting->fallback;
        if (list == NULL || list->origin != NULL)
            continue;
        TRY(conf_list_begin(list, "default"));
        while (at != NULL && *at != '\0') {
            size_t len = strcspn(at, " ");
            TRY(conf_list_add_text(list, setting, at, len));
            at += len + strspn(at + len, " ");
        }
    }
    return STORE_OK;
}

/* The one token of a configuration without a list of tokens. */
static void token_default(struct conf_reader *reader)
{
    struct store_conf *token = calloc(1, sizeof *token);

    if (token == NULL) {
        conf_no_memory(reader);
        return;
    }
    memcpy(token->label, CONF_DEFAULT_LABEL, sizeof CONF_DEFAULT_LABEL);
    token->set = reader->set;
    reader->set->tokens[reader->set->count++] = token;
}

/* The most important value that does not come from a token's own settings, or NULL. */
static const struct conf_value *value_select(struct conf_reader *reader,
                                             const struct setting *setting)
{
    size_t index = setting_index(setting);
    const struct conf_value *value = reader->arguments.values[index];

    if (value == NULL)
        value = environment_get(reader, setting);
    return value != NULL ? value : reader->files.values[index];
}

/* Lets the platform choose, once for all tokens. */
static void platform_select(struct conf_reader *reader)
{
    struct store_conf_set *set = reader->set;
    char why[192];

    set->platform_backend = choice_find(&choice_this_system, why, sizeof why);
    snprintf(set->platform_origin, sizeof set->platform_origin, CONF_PLATFORM "%s, so %s", why,
             set->platform_backend);
    if (strcmp(set->platform_backend, "file") == 0)
        conf_warning(reader, true,
                     "no backend is configured and %s, so secrets are kept in a file in plain "
                     "text; start a session bus with a Secret Service, or name a backend with "
                     "SIDESEAT_SECRETS_BACKEND or secrets.backend in sideseat.json",
                     why);
}

/* The value that the token's own element gives; but a person at a command line, who names a setting
 * for one run, means this token, too. */
static const struct conf_value *value_of_token(struct conf_reader *reader,
                                               const struct store_conf *token,
                                               const struct setting *setting)
{
    size_t index = setting_index(setting);

    if (reader->on_command_line && reader->arguments.values[index] != NULL)
        return reader->arguments.values[index];
    return token->layer.values[index];
}

static void backend_select(struct conf_reader *reader, struct store_conf *token,
                           const struct setting *setting)
{
    const struct conf_value *value = value_of_token(reader, token, setting);
    const struct store_registration *row;

    if (value == NULL)
        value = value_select(reader, setting);
    token->layer.values[setting_index(setting)] = value;
    if (value == NULL && reader->err != STORE_OK)
        return; /* the file that could not be read may name a backend: do not warn of the
                   platform's choice */
    if (value == NULL && reader->set->platform_backend == NULL)
        platform_select(reader);
    token->backend_origin = value != NULL ? value->origin : reader->set->platform_origin;
    row = store_registry_find(value != NULL ? value->text : reader->set->platform_backend);
    if (row != NULL)
        token->backend = row->name;
    else
        conf_mistake(reader,
                     "this build has no backend \"%s\", which the platform would choose; "
                     "name another with secrets.backend",
                     reader->set->platform_backend);
}

/* Gives the token the settings of its backend. */
static void token_resolve(struct conf_reader *reader, struct store_conf *token)
{
    const struct setting *backend = setting_find("backend", strlen("backend"));
    const struct setting *setting;

    backend_select(reader, token, backend);
    if (token->backend == NULL)
        return;
    for (size_t i = 0; (setting = setting_at(i)) != NULL; i++) {
        const struct conf_value **slot = &token->layer.values[i];
        *slot = value_of_token(reader, token, setting);
        if (!setting_applies(setting, token->backend))
            *slot = NULL;
        else if (*slot == NULL && conf_list_of(reader->set, setting) == NULL && setting != backend)
            *slot = value_select(reader, setting);
    }
}

/* The default of data_dir, NULL without a home, and its origin. */
static enum store_err data_dir_find(char **path, const char **origin)
{
    const char *named = platform_data_variable == NULL ? NULL : store_env(platform_data_variable);
    char *home = NULL;
    int len = 0;

    *path = NULL;
    *origin = "default";
    if (named != NULL && platform_path_is_absolute(named)) {
        *origin = platform_data_origin;
        len = asprintf(path, "%s/%s", named, platform_data_name);
    } else {
        TRY(store_home(&home));
        if (home != NULL)
            len = asprintf(path, "%s/%s/%s", home, platform_data_folder, platform_data_name);
        free(home);
    }
    if (len >= 0)
        return STORE_OK;
    *path = NULL; /* asprintf leaves it undefined */
    return STORE_NO_MEMORY;
}

/* The default of data_dir depends on the environment, so it is a value for all tokens without one.
 */
static void data_dir_default(struct conf_reader *reader)
{
    const struct setting *setting = setting_find("data_dir", strlen("data_dir"));
    const struct conf_value **slot = &reader->files.values[setting_index(setting)];
    const char *origin;
    char *path;
    enum store_err err;

    if (*slot != NULL)
        return;
    err = data_dir_find(&path, &origin);
    if (err == STORE_OK && path != NULL)
        err = conf_value_make(reader->set, setting, path, strlen(path), origin, slot);
    if (err == STORE_NO_MEMORY) /* a home whose name is not UTF-8 counts as none */
        conf_no_memory(reader);
    free(path);
}

/* Refuses a secret that would be a key for HMAC and for AES. */
static void aes_check(struct conf_reader *reader)
{
    const struct conf_list *hmac_keys = &reader->set->hmac_keys;
    const struct conf_rules *aes = &reader->set->aes;

    for (size_t i = 0; i < hmac_keys->count; i++)
        if (conf_rules_have(aes, hmac_keys->keys[i].key))
            conf_mistake(reader,
                         "%s: pkcs11.keys: %s is in pkcs11.hmac_keys, too; use a secret of its own "
                         "for each",
                         aes->origin, hmac_keys->keys[i].key);
}

static void read_all(struct conf_reader *reader, const char *arguments, const char *system_file)
{
    struct store_conf_set *set = reader->set;

    arguments_read(reader, arguments);
    reader->hmac_keys_given = set->hmac_keys.origin != NULL;
    reader->sensitive_given = set->sensitive.origin != NULL;
    reader->rules_given = set->rules.origin != NULL;
    files_read(reader, system_file);
    data_dir_default(reader);
    if (set->count == 0)
        token_default(reader);
    for (size_t i = 0; i < set->count; i++)
        token_resolve(reader, set->tokens[i]);
    if (reader->err == STORE_OK && conf_lists_default(set) != STORE_OK)
        conf_no_memory(reader);
    aes_check(reader);
}

enum store_err conf_load(struct store_conf_set **out, const char *arguments,
                         const char *system_file)
{
    struct conf_reader *reader = calloc(1, sizeof *reader); /* too large for a guest's stack */
    enum store_err err;
    struct store_conf_set *set = NULL;

    *out = NULL;
    if (reader != NULL)
        set = reader->set = calloc(1, sizeof *set);
    if (set != NULL) {
        read_all(reader, arguments, system_file);
        err = reader->err;
    } else {
        err = store_no_memory("conf");
    }
    if (err == STORE_OK)
        *out = set;
    else
        store_conf_free(set);
    if (reader != NULL)
        free(reader->config);
    free(reader);
    return err;
}

enum store_err store_conf_load(struct store_conf_set **out, const char *arguments)
{
    char system_file[512];

    return conf_load(out, arguments, platform_system_file(system_file, sizeof system_file));
}
