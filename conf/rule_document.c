/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/rule_document.h"

#include <stdio.h>
#include <string.h>

#include "conf/rules.h"
#include "conf/value.h"

#define KNOWN                                                                                      \
    "\"key\", \"label\", \"id\", \"usage\", \"sensitive\", \"always_authenticate\", "              \
    "\"passphrase\", \"certificate\""

/* The rule that is being read, and its place for messages. */
struct reading {
    struct conf_reader *reader;
    const char *file;
    size_t index;
    struct store_conf_rule rule;
    bool sound; /* false after a mistake */
};

static void mistake(struct reading *reading, const char *member, const char *expected)
{
    conf_mistake(reading->reader, "%s: pkcs11.keys[%zu]%s: %s", reading->file, reading->index,
                 member, expected);
    reading->sound = false;
}

/* Reads a text of less than `size` bytes; false, and a mistake, if it is none. */
static bool text_read(struct reading *reading, struct json_value json, const char *member,
                      char *out, size_t size)
{
    if (json_text(json, out, size) == STORE_OK && out[0] != '\0' &&
        conf_text_valid(out, strlen(out)))
        return true;
    mistake(reading, member, "must be a text without control characters, which is not too long");
    return false;
}

static void key_read(struct reading *reading, struct json_value json, const char *member,
                     char out[STORE_KEY_MAX + 1])
{
    char text[STORE_KEY_MAX + 1];

    if (text_read(reading, json, member, text, sizeof text) &&
        store_scope_complete(text, strlen(text), out) != STORE_OK)
        mistake(reading, member, "must be a scope key such as \"global/tls_chain\"");
}

static void pattern_read(struct reading *reading, struct json_value json, const char *member)
{
    char text[STORE_KEY_MAX + 1];

    if (text_read(reading, json, member, text, sizeof text) &&
        conf_rule_pattern(&reading->rule, text, strlen(text)) != STORE_OK)
        mistake(reading, member, "must be a scope key or a pattern such as \"global/tls_*\"");
}

static void id_read(struct reading *reading, struct json_value json)
{
    char text[2 * STORE_RULE_ID_MAX + 1];

    if (json_text(json, text, sizeof text) != STORE_OK ||
        conf_rule_id(&reading->rule, text) != STORE_OK)
        mistake(reading, ".id", "must be 1 to 64 bytes in hexadecimal digits");
}

static void usage_read(struct reading *reading, struct json_value json)
{
    bool right = json_type(json) == JSON_ARRAY && json_count(json) > 0;
    char word[16];

    reading->rule.usage = 0;
    for (struct json_value one = right ? json_first(json) : (struct json_value){0};
         one.document != NULL && right; one = json_next(one))
        right = json_text(one, word, sizeof word) == STORE_OK &&
                conf_rule_usage(&reading->rule, word) == STORE_OK;
    if (!right)
        mistake(
            reading, ".usage",
            "must be a list of \"sign\", \"decrypt\", \"decrypt_pkcs1\", \"raw\" and \"derive\"");
}

static void flag_read(struct reading *reading, struct json_value json, const char *member,
                      bool *out)
{
    if (json_flag(json, out) != STORE_OK)
        mistake(reading, member, "must be true or false");
}

static void member_read(struct reading *reading, struct json_value json)
{
    struct store_conf_rule *rule = &reading->rule;

    if (json_key_is(json, "key"))
        pattern_read(reading, json, ".key");
    else if (json_key_is(json, "label"))
        (void)text_read(reading, json, ".label", rule->label, sizeof rule->label);
    else if (json_key_is(json, "id"))
        id_read(reading, json);
    else if (json_key_is(json, "usage"))
        usage_read(reading, json);
    else if (json_key_is(json, "sensitive"))
        flag_read(reading, json, ".sensitive", &rule->sensitive);
    else if (json_key_is(json, "always_authenticate"))
        flag_read(reading, json, ".always_authenticate", &rule->always_authenticate);
    else if (json_key_is(json, "passphrase"))
        key_read(reading, json, ".passphrase", rule->passphrase);
    else if (json_key_is(json, "certificate"))
        key_read(reading, json, ".certificate", rule->certificate);
    else
        mistake(reading, "", "has a member that is not known; known here are: " KNOWN);
}

static void object_read(struct reading *reading, struct json_value json)
{
    const struct store_conf_rule *rule = &reading->rule;

    for (struct json_value member = json_first(json); member.document != NULL;
         member = json_next(member))
        member_read(reading, member);
    if (reading->sound && rule->pattern[0] == '\0')
        mistake(reading, "", "needs a \"key\"");
    if (reading->sound && !conf_rule_is_exact(rule) && (rule->label[0] != '\0' || rule->id_len > 0))
        mistake(reading, "",
                "several objects cannot share a \"label\" or an \"id\"; give these to exact keys");
}

static void rule_read(struct reading *reading, struct conf_rules *rules, struct json_value json)
{
    enum store_err err;

    if (json_type(json) == JSON_OBJECT)
        object_read(reading, json);
    else
        pattern_read(reading, json, "");
    if (!reading->sound)
        return;
    err = conf_rules_add(rules, &reading->rule);
    if (err == STORE_NO_MEMORY)
        conf_no_memory(reading->reader);
    if (err == STORE_BAD_CONF)
        mistake(reading, "", "an earlier rule has the same key, or there are too many");
}

void rules_read(struct conf_reader *reader, const char *file, const char *origin,
                struct json_value json)
{
    struct conf_rules checked = {0};
    struct conf_rules *into = reader->rules_given ? &checked : &reader->set->rules;
    size_t index = 0;

    if (json_type(json) != JSON_ARRAY) {
        conf_mistake(reader, "%s: pkcs11.keys: must be a list", file);
        return;
    }
    if (conf_rules_begin(into, origin) != STORE_OK)
        conf_no_memory(reader);
    for (struct json_value one = json_first(json); one.document != NULL; one = json_next(one)) {
        struct reading reading = {.reader = reader,
                                  .file = file,
                                  .index = index++,
                                  .rule = {.usage = STORE_USAGE_SIGN},
                                  .sound = true};
        rule_read(&reading, into, one);
    }
    conf_rules_free(&checked);
}
