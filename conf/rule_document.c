/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/rule_document.h"

#include <stdio.h>
#include <string.h>

#include "conf/rules.h"
#include "conf/value.h"

#define KNOWN                                                                                      \
    "\"key\", \"label\", \"id\", \"usage\", \"sensitive\", \"always_authenticate\", "              \
    "\"passphrase\", \"certificate\", \"type\", \"encoding\""

/* The words of "usage" for AES keys alone, and all of theirs. */
#define AES_ALONE (STORE_USAGE_ENCRYPT | STORE_USAGE_WRAP | STORE_USAGE_UNWRAP)
#define AES_USAGE (AES_ALONE | STORE_USAGE_DECRYPT)

/* The rule that is being read, and its place for messages. */
struct reading {
    struct conf_reader *reader;
    const char *file;
    size_t index;
    struct store_conf_rule rule;
    bool aes;
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
        (strchr(text, '*') != NULL || store_scope_complete(text, strlen(text), out) != STORE_OK))
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
        mistake(reading, ".usage",
                "must be a list of \"sign\", \"decrypt\", \"decrypt_pkcs1\", \"raw\" and "
                "\"derive\"; for \"type\": \"aes\", of \"encrypt\", \"decrypt\", \"wrap\" and "
                "\"unwrap\"");
}

static void type_read(struct reading *reading, struct json_value json)
{
    char word[8];

    reading->aes = json_text(json, word, sizeof word) == STORE_OK && strcmp(word, "aes") == 0;
    if (!reading->aes)
        mistake(reading, ".type", "must be \"aes\", or absent for a private key or certificates");
}

static void encoding_read(struct reading *reading, struct json_value json)
{
    char word[8]; /* the longest is "base64" */

    if (json_text(json, word, sizeof word) == STORE_OK)
        reading->rule.encoding = conf_encoding_find(word, strlen(word));
    if (reading->rule.encoding == NULL)
        mistake(reading, ".encoding", "must be \"hex\", \"base64\" or \"raw\"");
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
    else if (json_key_is(json, "type"))
        type_read(reading, json);
    else if (json_key_is(json, "encoding"))
        encoding_read(reading, json);
    else
        mistake(reading, "", "has a member that is not known; known here are: " KNOWN);
}

/* Checks a rule for an AES key, and fills in what it does not say. */
static void aes_finish(struct reading *reading)
{
    struct store_conf_rule *rule = &reading->rule;

    if (!conf_rule_is_exact(rule))
        mistake(reading, ".key", "must be a key, not a pattern, with \"type\": \"aes\"");
    if (rule->label[0] != '\0' || rule->id_len > 0 || rule->passphrase[0] != '\0' ||
        rule->certificate[0] != '\0')
        mistake(reading, "",
                "an AES key has no \"label\", \"id\", \"passphrase\" or \"certificate\"");
    if ((rule->usage & ~AES_USAGE) != 0)
        mistake(reading, ".usage",
                "must be a list of \"encrypt\", \"decrypt\", \"wrap\" and \"unwrap\" with "
                "\"type\": \"aes\"");
    if (rule->usage == 0)
        rule->usage = STORE_USAGE_ENCRYPT | STORE_USAGE_DECRYPT;
    if (rule->encoding == NULL)
        rule->encoding = "hex";
}

/* Checks a member that names another secret than the rule's own. */
static void other_check(struct reading *reading, const char *member, const char *key)
{
    if (strcmp(key, reading->rule.pattern) == 0)
        mistake(reading, member, "names the rule's own secret; name another, or leave it out");
}

/* The same for a rule for key pairs. */
static void pair_finish(struct reading *reading)
{
    struct store_conf_rule *rule = &reading->rule;

    if ((rule->usage & AES_ALONE) != 0)
        mistake(reading, ".usage", "\"encrypt\", \"wrap\" and \"unwrap\" need \"type\": \"aes\"");
    if (rule->encoding != NULL)
        mistake(reading, ".encoding", "needs \"type\": \"aes\"");
    if (!conf_rule_is_exact(rule) && (rule->label[0] != '\0' || rule->id_len > 0))
        mistake(reading, "",
                "several objects cannot share a \"label\" or an \"id\"; give these to exact keys");
    other_check(reading, ".passphrase", rule->passphrase);
    other_check(reading, ".certificate", rule->certificate);
    if (rule->usage == 0)
        rule->usage = STORE_USAGE_SIGN;
}

static void object_read(struct reading *reading, struct json_value json)
{
    const struct store_conf_rule *rule = &reading->rule;

    for (struct json_value member = json_first(json); member.document != NULL;
         member = json_next(member))
        member_read(reading, member);
    if (reading->sound && rule->pattern[0] == '\0')
        mistake(reading, "", "needs a \"key\"");
}

/* The lists that rules go into: for key pairs, and for AES keys. */
struct into {
    struct conf_rules *pairs;
    struct conf_rules *aes;
};

/* Refuses a rule that would never count, `sensitive` included, because of an earlier one. */
static void hidden_check(struct reading *reading, const struct conf_rules *pairs)
{
    const char *earlier = reading->aes ? NULL : conf_rules_hide(pairs, reading->rule.pattern);
    char text[3 * STORE_KEY_MAX + 128];

    if (earlier == NULL || strcmp(earlier, reading->rule.pattern) == 0)
        return;
    snprintf(text, sizeof text,
             "the rule for \"%s\" never counts, since \"%s\" before it matches the same; put the "
             "rule for \"%s\" first",
             reading->rule.pattern, earlier, reading->rule.pattern);
    mistake(reading, "", text);
}

static void rule_read(struct reading *reading, const struct into *into, struct json_value json)
{
    enum store_err err = STORE_BAD_CONF;

    if (json_type(json) == JSON_OBJECT)
        object_read(reading, json);
    else
        pattern_read(reading, json, "");
    if (reading->sound && reading->aes)
        aes_finish(reading);
    else if (reading->sound)
        pair_finish(reading);
    if (reading->sound)
        hidden_check(reading, into->pairs);
    if (!reading->sound)
        return;
    if (!conf_rules_have(reading->aes ? into->pairs : into->aes, reading->rule.pattern))
        err = conf_rules_add(reading->aes ? into->aes : into->pairs, &reading->rule);
    if (err == STORE_NO_MEMORY)
        conf_no_memory(reading->reader);
    if (err == STORE_BAD_CONF)
        mistake(reading, "", "an earlier rule has the same key, or there are too many");
}

void rules_read(struct conf_reader *reader, const char *file, const char *origin,
                struct json_value json)
{
    struct conf_rules checked = {0};
    struct conf_rules checked_aes = {0};
    const struct into into = {
        .pairs = reader->rules_given ? &checked : &reader->set->rules,
        .aes = reader->rules_given ? &checked_aes : &reader->set->aes,
    };
    size_t index = 0;

    if (json_type(json) != JSON_ARRAY) {
        conf_mistake(reader, "%s: pkcs11.keys: must be a list", file);
        return;
    }
    if (conf_rules_begin(into.pairs, origin) != STORE_OK ||
        conf_rules_begin(into.aes, origin) != STORE_OK)
        conf_no_memory(reader);
    for (struct json_value one = json_first(json); one.document != NULL; one = json_next(one)) {
        struct reading reading = {.reader = reader, .file = file, .index = index++, .sound = true};
        rule_read(&reading, &into, one);
    }
    conf_rules_free(&checked);
    conf_rules_free(&checked_aes);
}
