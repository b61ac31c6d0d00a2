/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/document.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/secret.h"
#include "conf/rule_document.h"
#include "conf/suggest.h"
#include "conf/syntax.h"
#include "conf/value.h"
#include "platform/remedy.h"

/* The current place in the file. */
struct place {
    struct conf_reader *reader;
    const char *file;
    bool exposed;        /* others can read the file */
    const char *section; /* "secrets" or "pkcs11" */
    char token[40];      /* "pkcs11.tokens[3]" in a token's own settings, else "" */
    char origin[512];    /* for the values found here */
};

/* A path as messages show it, with the section or the token in front. */
struct shown {
    char text[256];
};

static struct shown place_show(const struct place *place, const char *path)
{
    const char *front = place->token[0] != '\0' ? place->token : place->section;
    struct shown shown;

    snprintf(shown.text, sizeof shown.text, "%s%s%.180s", front, path[0] == '\0' ? "" : ".", path);
    return shown;
}

static const char *type_name(struct json_value json)
{
    int64_t whole;

    switch (json_type(json)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a text";
    case JSON_NUMBER:
        return json_whole(json, &whole) == STORE_OK ? "a number"
                                                    : "a number that is not whole, or too large";
    case JSON_BOOL:
        return "true or false";
    case JSON_NULL:
        return "null";
    case JSON_ABSENT:
    case JSON_DUPLICATE:
        break;
    }
    return "something else";
}

/* Converts the value to the text that arguments and environment would give. CORRUPT for a wrong
 * type. */
static enum store_err value_text(const struct setting *setting, struct json_value json,
                                 struct store_secret *text)
{
    bool takes_number = setting->type == SETTING_NUMBER || setting->type == SETTING_DURATION;
    bool takes_text = setting->type != SETTING_NUMBER && setting->type != SETTING_FLAG;
    char number[24];
    int64_t whole;
    bool flag;

    if (json_type(json) == JSON_STRING && takes_text)
        return json_bytes(json, text);
    if (takes_number && json_whole(json, &whole) == STORE_OK)
        snprintf(number, sizeof number, "%" PRId64, whole);
    else if (setting->type == SETTING_FLAG && json_flag(json, &flag) == STORE_OK)
        snprintf(number, sizeof number, "%s", flag ? "true" : "false");
    else
        return STORE_CORRUPT;
    return store_secret_set(text, number, strlen(number));
}

static void setting_read(struct place *place, struct conf_layer *layer,
                         const struct setting *setting, struct json_value json)
{
    struct conf_reader *reader = place->reader;
    AUTO_SECRET text = {0};
    struct platform_remedy remedy;
    char expected[512];
    enum store_err err = value_text(setting, json, &text);

    setting_describe(setting, expected, sizeof expected);
    if (err == STORE_CORRUPT) {
        conf_mistake(reader, "%s: %s: is %s; must be %s", place->file,
                     place_show(place, setting->path).text, type_name(json), expected);
        return;
    }
    if (err == STORE_OK)
        err = conf_value_make(reader->set, setting, text.len == 0 ? "" : (const char *)text.data,
                              text.len, place->origin, &layer->values[setting_index(setting)]);
    if (err == STORE_NO_MEMORY)
        conf_no_memory(reader);
    if (err == STORE_BAD_CONF) {
        suggest_value(setting, text.len == 0 ? "" : (const char *)text.data, text.len, expected,
                      sizeof expected);
        conf_mistake(reader, "%s: %s: must be %s", place->file,
                     place_show(place, setting->path).text, expected);
    }
    if (err == STORE_OK && setting->type == SETTING_SECRET && place->exposed)
        conf_warning(reader, false, "%s: holds %s and is readable by others; change that with: %s",
                     place->file, place_show(place, setting->path).text,
                     platform_remedy_rights(&remedy, "go-r", place->file));
}

/* A member's name for messages: its first bytes, up to a NUL. */
struct name {
    char text[121];
};

static struct name name_of(struct json_value member)
{
    AUTO_SECRET key = {0};
    struct name name = {""};

    if (json_key(member, &key) == STORE_OK && key.len > 0)
        snprintf(name.text, sizeof name.text, "%.*s", (int)(key.len < 120 ? key.len : 120),
                 (const char *)key.data);
    return name;
}

/* True if the paths of settings in the section begin with these `len` bytes, which end in '.'. */
static bool prefix_known(const char *section, const char *prefix, size_t len)
{
    const struct setting *setting;

    for (size_t i = 0; (setting = setting_at(i)) != NULL; i++)
        if (strcmp(setting_section(setting), section) == 0 &&
            strncmp(setting->path, prefix, len) == 0)
            return true;
    return false;
}

/* Reads the members of an object of settings. `prefix` is its path in the section, with a '.' at
 * the end, or "". `special` are names, with a space between, that the caller reads itself. */
static void settings_read(struct place *place, struct conf_layer *layer, struct json_value object,
                          const char *prefix, const char *special)
{
    for (struct json_value json = json_first(object); json.document != NULL;
         json = json_next(json)) {
        struct name name = name_of(json);
        char path[192];
        char near[640];
        int len = snprintf(path, sizeof path, "%s%s.", prefix, name.text);
        size_t bare = (size_t)len - 1;
        bool flat = strchr(name.text, '.') == NULL; /* "vault.address" is not a key, it is two */
        const struct setting *setting = flat ? setting_find(path, bare) : NULL;

        if (prefix[0] == '\0' && setting_word_in(special, name.text))
            continue;
        if (setting != NULL && strcmp(setting_section(setting), place->section) == 0) {
            setting_read(place, layer, setting, json);
            continue;
        }
        if (flat && prefix_known(place->section, path, (size_t)len)) {
            if (json_type(json) == JSON_OBJECT) {
                settings_read(place, layer, json, path, "");
                continue;
            }
            path[bare] = '\0';
            conf_mistake(place->reader, "%s: %s: is %s; must be an object", place->file,
                         place_show(place, path).text, type_name(json));
            continue;
        }
        path[bare] = '\0';
        suggest_member(place->section, prefix, name.text, special, near, sizeof near);
        conf_mistake(place->reader, "%s: %s: no such setting%s", place->file,
                     place_show(place, path).text, near);
    }
}

/* One element of a list of keys; `what` is its JSON path. */
static void key_read(struct place *place, struct conf_list *list, const struct setting *setting,
                     struct json_value json, const char *what)
{
    bool object = setting->type == SETTING_HMAC_KEYS && json_type(json) == JSON_OBJECT;
    struct json_value encoding = object ? json_member(json, "encoding") : (struct json_value){0};
    char name[8] = "hex"; /* the longest encoding is "base64" */
    AUTO_SECRET key = {0};
    enum store_err err;
    char expected[256];

    for (struct json_value member = object ? json_first(json) : (struct json_value){0};
         member.document != NULL; member = json_next(member))
        if (!json_key_is(member, "key") && !json_key_is(member, "encoding"))
            conf_mistake(place->reader,
                         "%s: pkcs11.%s.%.64s: no such member; known here are: \"key\", "
                         "\"encoding\"",
                         place->file, what, name_of(member).text);
    err = json_bytes(object ? json_member(json, "key") : json, &key);
    if (err == STORE_OK && json_type(encoding) != JSON_ABSENT)
        err = json_text(encoding, name, sizeof name);
    if (err == STORE_OK)
        err = conf_list_add(list, key.len == 0 ? "" : (const char *)key.data, key.len,
                            setting->type == SETTING_HMAC_KEYS ? name : NULL);
    if (err == STORE_NO_MEMORY)
        conf_no_memory(place->reader);
    if (err == STORE_OK || err == STORE_NO_MEMORY)
        return;
    setting_describe(setting, expected, sizeof expected);
    conf_mistake(place->reader, "%s: pkcs11.%s: the list must be %s", place->file, what, expected);
}

/* A list of keys. One from the arguments is more important and stays. */
static void keys_read(struct place *place, const struct setting *setting, bool from_arguments,
                      struct json_value json)
{
    struct conf_list *list = conf_list_of(place->reader->set, setting);
    struct conf_list checked = {0}; /* a list that does not apply is checked, too */
    struct conf_list *into = from_arguments ? &checked : list;
    char what[64];
    size_t i = 0;

    if (json_type(json) != JSON_ARRAY) {
        char expected[256];
        setting_describe(setting, expected, sizeof expected);
        conf_mistake(place->reader, "%s: pkcs11.%s: is %s; must be %s", place->file, setting->path,
                     type_name(json), expected);
        return;
    }
    if (conf_list_begin(into, place->origin) != STORE_OK)
        conf_no_memory(place->reader);
    for (struct json_value key = json_first(json); key.document != NULL; key = json_next(key)) {
        snprintf(what, sizeof what, "%s[%zu]", setting->path, i++);
        key_read(place, into, setting, key, what);
    }
    conf_list_free(&checked);
}

/* True if another token has the label of the token at `index`. */
static bool label_taken(const struct store_conf_set *set, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(set->tokens[i]->label, set->tokens[index]->label) == 0)
            return true;
    return false;
}

static void label_read(struct place *place, struct store_conf *token, struct json_value json)
{
    char label[sizeof token->label];

    if (json_text(json, label, sizeof label) != STORE_OK || label[0] == '\0' ||
        !conf_text_valid(label, strlen(label))) {
        conf_mistake(place->reader,
                     "%s: %s.label: must be a text of 1 to %d bytes without control characters",
                     place->file, place->token, CONF_LABEL_MAX);
        return;
    }
    memcpy(token->label, label, sizeof label);
}

/* Adds one element of pkcs11.tokens to the set, which has room. */
static void token_read(struct place *place, struct json_value json)
{
    struct store_conf_set *set = place->reader->set;
    struct store_conf *token = calloc(1, sizeof *token);

    if (token == NULL) {
        conf_no_memory(place->reader);
        return;
    }
    token->set = set;
    set->tokens[set->count++] = token;
    if (json_type(json) != JSON_OBJECT) {
        conf_mistake(place->reader,
                     "%s: %s: is %s; must be an object such as "
                     "{\"label\": \"laptop\", \"backend\": \"file\"}",
                     place->file, place->token, type_name(json));
        return;
    }
    label_read(place, token, json_member(json, "label"));
    if (token->label[0] != '\0' && label_taken(set, set->count - 1))
        conf_mistake(place->reader, "%s: %s.label: an earlier token has it; give each its own",
                     place->file, place->token);
    settings_read(place, &token->layer, json, "", "label");
}

static void tokens_clear(struct store_conf_set *set)
{
    while (set->count > 0)
        free(set->tokens[--set->count]);
}

static void tokens_read(struct place *outer, struct json_value json)
{
    struct place place = *outer;
    size_t count = json_count(json);
    size_t i = 0;

    if (json_type(json) != JSON_ARRAY || count == 0 || count > CONF_TOKENS_MAX) {
        conf_mistake(place.reader, "%s: pkcs11.tokens: must be a list of 1 to %d objects",
                     place.file, CONF_TOKENS_MAX);
        return;
    }
    tokens_clear(place.reader->set);
    place.section = "secrets";
    for (struct json_value token = json_first(json); token.document != NULL;
         token = json_next(token)) {
        snprintf(place.token, sizeof place.token, "pkcs11.tokens[%zu]", i++);
        token_read(&place, token);
    }
}

/* The section's object; absent if the file does not have the section. */
static struct json_value section_find(struct place *place, struct json_value root,
                                      const char *section)
{
    struct json_value json = json_member(root, section);

    place->section = section;
    if (json_type(json) == JSON_ABSENT || json_type(json) == JSON_OBJECT)
        return json;
    conf_mistake(place->reader, "%s: %s: is %s; must be an object", place->file, section,
                 type_name(json));
    return (struct json_value){0};
}

static void root_read(struct place *place, struct json_value root)
{
    static const char *const lists[] = {"hmac_keys", "sensitive"};
    const bool from_arguments[] = {place->reader->hmac_keys_given, place->reader->sensitive_given};
    struct json_value section = section_find(place, root, "secrets");
    struct json_value json;

    settings_read(place, &place->reader->files, section, "", "");
    section = section_find(place, root, "pkcs11");
    settings_read(place, &place->reader->files, section, "", "tokens hmac_keys sensitive keys");
    for (size_t i = 0; i < 2; i++)
        if ((json = json_member(section, lists[i])).document != NULL)
            keys_read(place, setting_find(lists[i], strlen(lists[i])), from_arguments[i], json);
    if ((json = json_member(section, "keys")).document != NULL)
        rules_read(place->reader, place->file, place->origin, json);
    if ((json = json_member(section, "tokens")).document != NULL)
        tokens_read(place, json);
}

void document_read(struct conf_reader *reader, const char *file, bool exposed,
                   const struct store_secret *text)
{
    struct place place = {.reader = reader, .file = file, .exposed = exposed, .section = "secrets"};
    AUTO_JSON document = syntax_read(reader, file, text);

    if (document == NULL)
        return;
    snprintf(place.origin, sizeof place.origin, "file %s", file);
    if (json_type(json_root(document)) == JSON_OBJECT)
        root_read(&place, json_root(document));
    else
        conf_mistake(reader, "%s: is %s; must be an object", file, type_name(json_root(document)));
}
