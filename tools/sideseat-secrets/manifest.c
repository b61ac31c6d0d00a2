/* SPDX-License-Identifier: Apache-2.0 */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "platform/system.h"
#include "store/scope.h"
#include "store/user.h"
#include "tools/sideseat-secrets/config_file.h"
#include "tools/sideseat-secrets/input.h"
#include "tools/sideseat-secrets/json_fault.h"
#include "tools/sideseat-secrets/requirement.h"

/* A fault of the file, which is printed. */
static enum outcome refuse(const char *path, const char *key, const char *fault)
{
    outcome_print("%s: %s: %s", path, key, fault);
    return OUTCOME_USAGE;
}

/* NULL, or the fault. */
static const char *take_form(const json_t *value, struct requirement *out)
{
    static const char *const names[] = {"any", "hex", "base64", "text"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!json_is_string(value) || strcmp(json_string_value(value), names[i]) != 0)
            continue;
        out->form = (enum requirement_form)i;
        return NULL;
    }
    return "form is hex, base64, text or any";
}

/* 64, or [32, 64] */
static const char *take_length(const json_t *value, struct requirement *out)
{
    const json_t *least = json_is_array(value) ? json_array_get(value, 0) : value;
    const json_t *most = json_is_array(value) ? json_array_get(value, 1) : value;

    if (!json_is_integer(least) || !json_is_integer(most) || json_integer_value(least) < 1 ||
        json_integer_value(most) < json_integer_value(least) ||
        (json_is_array(value) && json_array_size(value) != 2))
        return "length is a number of bytes, or two: [least, most]";
    out->least = (size_t)json_integer_value(least);
    out->most = (size_t)json_integer_value(most);
    return NULL;
}

static const char *take_pattern(const json_t *value, struct requirement *out)
{
    regex_t regex;

    if (!json_is_string(value) ||
        regcomp(&regex, json_string_value(value), REG_EXTENDED | REG_NOSUB) != 0)
        return "pattern is not a POSIX extended regular expression";
    regfree(&regex);
    out->pattern = json_string_value(value);
    return NULL;
}

/* The bytes of a value of so many characters, or words with '-' between them. */
static size_t bytes_of(const struct random_alphabet *alphabet, size_t length)
{
    return alphabet->characters != NULL ? length : 6 * length - 1;
}

/* The usual length, or the nearest one that the member "length" allows. Characters are of whole
 * bytes then: two make one in hexadecimal, four make three in base64. */
static size_t fitting_length(const struct requirement *requirement)
{
    const struct random_alphabet *alphabet = requirement->alphabet;
    size_t step = requirement->form == REQUIREMENT_HEX      ? 2
                  : requirement->form == REQUIREMENT_BASE64 ? 4
                                                            : 1;
    size_t length = alphabet->usual;

    if (bytes_of(alphabet, length) > requirement->most)
        length = alphabet->characters != NULL ? requirement->most / step * step
                                              : (requirement->most + 1) / 6;
    else if (bytes_of(alphabet, length) < requirement->least)
        length = alphabet->characters != NULL ? (requirement->least + step - 1) / step * step
                                              : (requirement->least + 6) / 6;
    return bytes_of(alphabet, length == 0 ? 1 : length) < requirement->least ? requirement->least
                                                                             : length;
}

/* true, or {"alphabet": "alnum", "length": 32}; what it leaves out follows the other members. */
static const char *take_generate(json_t *value, struct requirement *out)
{
    const char *alphabet = out->form == REQUIREMENT_BASE64 ? "base64" : "hex";
    json_int_t length = 0;

    if (json_is_object(value) &&
        json_unpack(value, "{s?s, s?I !}", "alphabet", &alphabet, "length", &length) != 0)
        return "generate has an alphabet and a length, and nothing else";
    if (!json_is_object(value) && !json_is_true(value))
        return "generate is true, or has an alphabet and a length";
    out->alphabet = random_find(alphabet);
    if (out->alphabet == NULL)
        return "alphabet is hex, base64, base64url, alnum or words";
    out->length = length == 0 ? fitting_length(out) : (size_t)length;
    if (length == 0 && (out->length < out->alphabet->least || out->length > out->alphabet->most))
        return "generate and length contradict each other, since the alphabet has other lengths, "
               "see sideseat-secrets(1)";
    if (length < 0 || out->length < out->alphabet->least || out->length > out->alphabet->most)
        return "length does not fit the alphabet, see sideseat-secrets(1)";
    return NULL;
}

/* Takes one member; NULL, or the fault. */
static const char *take_member(const char *name, json_t *value, struct requirement *out)
{
    if (strcmp(name, "form") == 0)
        return take_form(value, out);
    if (strcmp(name, "length") == 0)
        return take_length(value, out);
    if (strcmp(name, "pattern") == 0)
        return take_pattern(value, out);
    if (strcmp(name, "generate") == 0)
        return NULL; /* after the others */
    if (strcmp(name, "optional") == 0) {
        out->optional = json_is_true(value);
        return json_is_boolean(value) ? NULL : "optional is true or false";
    }
    if (strcmp(name, "description") != 0)
        return "a member is not description, form, length, pattern, generate or optional";
    out->description = json_string_value(value);
    return json_is_string(value) ? NULL : "description is a text";
}

/* Refuses a secret of which no value that is made has the form. */
static enum outcome try_generate(const char *path, const struct requirement *requirement)
{
    AUTO_SECRET value = {0};
    const char *member = NULL;
    enum outcome outcome = requirement_draw(requirement, &value, &member);

    if (member != NULL)
        outcome_print("%s: %s: generate and %s contradict each other: no value that is made fits",
                      path, requirement->key, member);
    return outcome;
}

static enum outcome take_secret(const char *path, const char *key, json_t *from,
                                struct requirement *out)
{
    char full[STORE_KEY_MAX + 1];
    const char *fault = NULL;
    const char *name;
    json_t *value;

    *out = (struct requirement){.key = key, .most = SIZE_MAX};
    if (uri_is(key))
        return refuse(path, key, "a manifest has keys, not URIs");
    if (store_scope_complete(key, strlen(key), full) != STORE_OK)
        return refuse(path, key, "not a key; a key is " REQUEST_KEY_FORMS);
    if (!json_is_object(from))
        return refuse(path, key, "not an object");
    json_object_foreach(from, name, value)
    {
        fault = take_member(name, value, out);
        if (fault != NULL)
            return refuse(path, key, fault);
    }
    value = json_object_get(from, "generate");
    fault = value == NULL ? NULL : take_generate(value, out);
    if (fault != NULL)
        return refuse(path, key, fault);
    return value == NULL ? OUTCOME_OK : try_generate(path, out);
}

enum outcome requirement_read(struct requirements *out, const char *path)
{
    AUTO_SECRET text = {0};
    json_error_t error;
    json_t *required;
    const char *key;
    json_t *one;

    STEP(input_read_file(path, &text));
    out->document = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &error);
    if (out->document == NULL) {
        outcome_print("%s: line %d: %s", path, error.line, json_fault(&error));
        return OUTCOME_USAGE;
    }
    required = json_object_get(out->document, "required");
    if (!json_is_object(required))
        return refuse(path, "required", "there is not such an object with the keys");
    out->all = calloc(json_object_size(required) + 1, sizeof *out->all);
    if (out->all == NULL)
        return outcome_no_memory();
    json_object_foreach(required, key, one)
    {
        STEP(take_secret(path, key, one, &out->all[out->count]));
        out->count++;
    }
    return OUTCOME_OK;
}

/* True if the file is JSON and has the member; the module tells about a file that is not. */
static bool has_manifest(const char *path)
{
    json_t *document = json_load_file(path, 0, NULL);
    bool has = json_object_get(document, "required") != NULL;

    json_decref(document);
    return has;
}

enum outcome requirement_find(struct requirements *out)
{
    char *own = config_file_find();
    const char *given = store_env(CONFIG_FILE_VARIABLE);
    char all_users[512];
    const char *system = platform_system_file(all_users, sizeof all_users);
    enum outcome outcome = OUTCOME_OK;

    if (own != NULL && has_manifest(own))
        outcome = requirement_read(out, own);
    else if (given == NULL && has_manifest(system))
        outcome = requirement_read(out, system);
    free(own);
    return outcome;
}
