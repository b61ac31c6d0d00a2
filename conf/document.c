/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mask.h"
#include "store/secret.h"
#include "store/utf8.h"
#include "suggest.h"
#include "value.h"

/* Where in which file the reading stands. */
struct place {
    struct conf_reader *reader;
    const char *file;
    bool exposed;            /* others can read the file */
    const struct mask *mask; /* with the secrets, which are not in the document */
    const char *section;     /* "secrets" or "pkcs11" */
    char token[40];          /* "pkcs11.tokens[3]" in a token's own settings, else "" */
    char origin[512];        /* for the values found here */
};

/* A path as messages show it: the section or the token in front. */
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

static const char *type_name(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
        return "a number";
    case JSON_REAL:
        return "a number that is not whole";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_NULL:
        return "null";
    }
    return "something else";
}

/* The value as the text that arguments and environment would give. False for a wrong type. */
static bool value_text(const struct setting *setting, const json_t *json, char number[24],
                       const char **text, size_t *len)
{
    bool takes_number = setting->type == SETTING_NUMBER || setting->type == SETTING_DURATION;
    bool takes_text = setting->type != SETTING_NUMBER && setting->type != SETTING_FLAG;

    if (json_is_string(json) && takes_text) {
        *text = json_string_value(json);
        *len = json_string_length(json);
        return true;
    }
    if (json_is_integer(json) && takes_number)
        snprintf(number, 24, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
    else if (json_is_boolean(json) && setting->type == SETTING_FLAG)
        snprintf(number, 24, "%s", json_is_true(json) ? "true" : "false");
    else
        return false;
    *text = number;
    *len = strlen(number);
    return true;
}

static void setting_read(struct place *place, struct conf_layer *layer,
                         const struct setting *setting, const json_t *json)
{
    struct conf_reader *reader = place->reader;
    const struct store_secret *secret;
    char expected[512];
    char number[24];
    const char *text;
    enum store_err err;
    size_t len;

    setting_describe(setting, expected, sizeof expected);
    if (!value_text(setting, json, number, &text, &len)) {
        conf_mistake(reader, "%s: %s: is %s; must be %s", place->file,
                     place_show(place, setting->path).text, type_name(json), expected);
        return;
    }
    if (setting->type == SETTING_SECRET && (secret = mask_find(place->mask, text)) != NULL) {
        text = (const char *)secret->data;
        len = secret->len;
    }
    err = conf_value_make(reader->set, setting, text, len, place->origin,
                          &layer->values[setting_index(setting)]);
    if (err == STORE_NO_MEMORY)
        conf_no_memory(reader);
    if (err == STORE_BAD_CONF)
        conf_mistake(reader, "%s: %s: must be %s", place->file,
                     place_show(place, setting->path).text, expected);
    if (err == STORE_OK && setting->type == SETTING_SECRET && place->exposed)
        conf_warning(reader, false,
                     "%s: holds %s and is readable by others; change that with: chmod go-r %s",
                     place->file, place_show(place, setting->path).text, place->file);
}

/* Whether settings of the section have `len` bytes of path, which end in '.', in front. */
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
static void settings_read(struct place *place, struct conf_layer *layer, json_t *object,
                          const char *prefix, const char *special)
{
    const char *name;
    json_t *json;

    json_object_foreach(object, name, json)
    {
        char path[192];
        char near[640];
        int len = snprintf(path, sizeof path, "%s%.120s.", prefix, name);
        size_t bare = (size_t)len - 1;
        bool flat = strchr(name, '.') == NULL; /* "vault.address" is no key, it is two */
        const struct setting *setting = flat ? setting_find(path, bare) : NULL;

        if (prefix[0] == '\0' && setting_word_in(special, name))
            continue;
        if (setting != NULL && strcmp(setting_section(setting), place->section) == 0) {
            setting_read(place, layer, setting, json);
            continue;
        }
        if (flat && prefix_known(place->section, path, (size_t)len)) {
            if (json_is_object(json)) {
                settings_read(place, layer, json, path, "");
                continue;
            }
            path[bare] = '\0';
            conf_mistake(place->reader, "%s: %s: is %s; must be an object", place->file,
                         place_show(place, path).text, type_name(json));
            continue;
        }
        path[bare] = '\0';
        suggest_member(place->section, prefix, name, special, near, sizeof near);
        conf_mistake(place->reader, "%s: %s: no such setting%s", place->file,
                     place_show(place, path).text, near);
    }
}

/* One element of a list of keys; `what` is its JSON path. */
static void key_read(struct place *place, struct conf_list *list, const struct setting *setting,
                     json_t *json, const char *what)
{
    bool hmac = setting->type == SETTING_HMAC_KEYS;
    json_t *key = hmac && json_is_object(json) ? json_object_get(json, "key") : json;
    json_t *encoding = hmac ? json_object_get(json, "encoding") : NULL;
    enum store_err err = STORE_BAD_CONF;
    char expected[256];
    const char *name;
    json_t *member;

    if (json_is_object(json))
        json_object_foreach(json, name, member)
        {
            if (hmac && !setting_word_in("key encoding", name))
                conf_mistake(place->reader,
                             "%s: pkcs11.%s.%.64s: no such member; known here are: \"key\", "
                             "\"encoding\"",
                             place->file, what, name);
        }
    if (json_is_string(key) && (encoding == NULL || json_is_string(encoding)))
        err = conf_list_add(list, json_string_value(key), json_string_length(key),
                            encoding != NULL ? json_string_value(encoding) : (hmac ? "hex" : NULL));
    if (err == STORE_NO_MEMORY)
        conf_no_memory(place->reader);
    if (err != STORE_BAD_CONF)
        return;
    setting_describe(setting, expected, sizeof expected);
    conf_mistake(place->reader, "%s: pkcs11.%s: the list must be %s", place->file, what, expected);
}

/* A list of keys. What the arguments gave is more important and stays. */
static void keys_read(struct place *place, const struct setting *setting, bool from_arguments,
                      json_t *json)
{
    struct conf_list *list = conf_list_of(place->reader->set, setting);
    struct conf_list checked = {0}; /* what does not apply is checked nevertheless */
    struct conf_list *into = from_arguments ? &checked : list;
    char what[64];

    if (!json_is_array(json)) {
        char expected[256];
        setting_describe(setting, expected, sizeof expected);
        conf_mistake(place->reader, "%s: pkcs11.%s: is %s; must be %s", place->file, setting->path,
                     type_name(json), expected);
        return;
    }
    if (conf_list_begin(into, place->origin) != STORE_OK)
        conf_no_memory(place->reader);
    for (size_t i = 0; i < json_array_size(json); i++) {
        snprintf(what, sizeof what, "%s[%zu]", setting->path, i);
        key_read(place, into, setting, json_array_get(json, i), what);
    }
    conf_list_free(&checked);
}

/* Whether another token than the one at `index` has its label. */
static bool label_taken(const struct store_conf_set *set, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(set->tokens[i]->label, set->tokens[index]->label) == 0)
            return true;
    return false;
}

static void label_read(struct place *place, struct store_conf *token, json_t *json)
{
    const char *label = json_string_value(json);
    size_t len = json_string_length(json);

    if (label == NULL || len == 0 || len > CONF_LABEL_MAX || !conf_text_valid(label, len)) {
        conf_mistake(place->reader,
                     "%s: %s.label: must be a text of 1 to %d bytes without control characters",
                     place->file, place->token, CONF_LABEL_MAX);
        return;
    }
    memcpy(token->label, label, len + 1);
}

/* Adds one element of pkcs11.tokens to the set, which has room for it. */
static void token_read(struct place *place, json_t *json)
{
    struct store_conf_set *set = place->reader->set;
    struct store_conf *token = calloc(1, sizeof *token);

    if (token == NULL) {
        conf_no_memory(place->reader);
        return;
    }
    token->set = set;
    set->tokens[set->count++] = token;
    if (!json_is_object(json)) {
        conf_mistake(place->reader,
                     "%s: %s: is %s; must be an object such as "
                     "{\"label\": \"laptop\", \"backend\": \"file\"}",
                     place->file, place->token, type_name(json));
        return;
    }
    label_read(place, token, json_object_get(json, "label"));
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

static void tokens_read(struct place *outer, json_t *json)
{
    struct place place = *outer;
    size_t count = json_array_size(json);

    if (!json_is_array(json) || count == 0 || count > CONF_TOKENS_MAX) {
        conf_mistake(place.reader, "%s: pkcs11.tokens: must be a list of 1 to %d objects",
                     place.file, CONF_TOKENS_MAX);
        return;
    }
    tokens_clear(place.reader->set);
    place.section = "secrets";
    for (size_t i = 0; i < count; i++) {
        snprintf(place.token, sizeof place.token, "pkcs11.tokens[%zu]", i);
        token_read(&place, json_array_get(json, i));
    }
}

/* The section's object; NULL if it is not there or none. */
static json_t *section_find(struct place *place, json_t *root, const char *section)
{
    json_t *json = json_object_get(root, section);

    place->section = section;
    if (json == NULL || json_is_object(json))
        return json;
    conf_mistake(place->reader, "%s: %s: is %s; must be an object", place->file, section,
                 type_name(json));
    return NULL;
}

static void root_read(struct place *place, const bool from_arguments[2], json_t *root)
{
    static const char *const lists[] = {"hmac_keys", "sensitive"};
    json_t *section = section_find(place, root, "secrets");
    json_t *json;

    if (section != NULL)
        settings_read(place, &place->reader->files, section, "", "");
    section = section_find(place, root, "pkcs11");
    if (section == NULL)
        return;
    settings_read(place, &place->reader->files, section, "", "tokens hmac_keys sensitive");
    for (size_t i = 0; i < 2; i++)
        if ((json = json_object_get(section, lists[i])) != NULL)
            keys_read(place, setting_find(lists[i], strlen(lists[i])), from_arguments[i], json);
    if ((json = json_object_get(section, "tokens")) != NULL)
        tokens_read(place, json);
}

/* Overwrites every text of a document: a secret may be in a wrong place, where it is not masked. */
static void texts_wipe(json_t *json)
{
    const char *name;
    json_t *member;
    size_t i;

    if (json_is_string(json))
        store_wipe((void *)(uintptr_t)json_string_value(json), json_string_length(json));
    json_array_foreach(json, i, member) texts_wipe(member);
    json_object_foreach(json, name, member) texts_wipe(member);
}

/* What is wrong with the text. jansson's own words quote it, and it may hold tokens. */
static const char *error_describe(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_premature_end_of_input:
        return "it ends too early; close what was opened";
    case json_error_end_of_input_expected:
        return "something follows its end; remove that";
    case json_error_invalid_utf8:
        return "a text is not UTF-8; save the file as UTF-8";
    case json_error_duplicate_key:
        return "an object has the same key twice; leave one";
    case json_error_numeric_overflow:
        return "a number is too large";
    case json_error_stack_overflow:
        return "it is nested too deeply";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a text holds a NUL";
    default:
        return "a syntax error; look for a missing comma or quotation mark";
    }
}

/* Reads a text whose secrets are masked. */
static void masked_read(struct place *place, const struct store_secret *text)
{
    const bool from_arguments[] = {place->reader->hmac_keys_given, place->reader->sensitive_given};
    const char *bytes = text->len == 0 ? "" : (const char *)text->data;
    json_error_t error;
    json_t *root = json_loadb(bytes, text->len, JSON_REJECT_DUPLICATES, &error);

    if (root == NULL && json_error_code(&error) == json_error_out_of_memory) {
        conf_no_memory(place->reader);
        return;
    }
    if (root == NULL) {
        conf_mistake(place->reader, "%s:%d:%d: not JSON: %s", place->file, error.line, error.column,
                     error_describe(&error));
        return;
    }
    if (json_is_object(root))
        root_read(place, from_arguments, root);
    else
        conf_mistake(place->reader, "%s: is %s; must be an object", place->file, type_name(root));
    texts_wipe(root);
    json_decref(root);
}

void document_read(struct conf_reader *reader, const char *file, bool exposed, const char *text,
                   size_t len)
{
    struct mask mask;
    struct place place = {
        .reader = reader, .file = file, .exposed = exposed, .mask = &mask, .section = "secrets"};
    size_t mark = store_utf8_mark(text, len);

    if (mask_make(&mask, text + mark, len - mark) != STORE_OK) {
        conf_no_memory(reader);
        return;
    }
    snprintf(place.origin, sizeof place.origin, "file %s", file);
    masked_read(&place, &mask.text);
    mask_free(&mask);
}
