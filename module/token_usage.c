/* SPDX-License-Identifier: Apache-2.0 */
#include "module/token_usage.h"

#include <string.h>

#include "module/token.h"

/* A session's pair can always sign, decrypt and derive; the rest must be in a rule. Where there
 * are such keys, a session's AES key can do all that AES can. */
unsigned token_usage_of(const struct store_conf *conf)
{
    const struct store_conf_rule *rule;
    unsigned usage = 0;

    for (size_t i = 0; (rule = store_conf_rule_at(conf, i)) != NULL; i++)
        usage |= rule->usage | STORE_USAGE_SIGN | STORE_USAGE_DECRYPT | STORE_USAGE_DERIVE;
    if (usage != 0 || store_conf_aes_at(conf, 0) != NULL)
        usage |= STORE_USAGE_ENCRYPT;
    return usage;
}

size_t token_count_aes(const struct store_conf *conf)
{
    size_t count = 0;

    while (store_conf_aes_at(conf, count) != NULL)
        count++;
    return count;
}

uint32_t token_aes_flags(const struct store_conf_rule *rule)
{
    static const struct {
        unsigned usage;
        enum object_flag flag;
    } uses[] = {
        {STORE_USAGE_ENCRYPT, OBJECT_ENCRYPT},
        {STORE_USAGE_DECRYPT, OBJECT_DECRYPT},
        {STORE_USAGE_WRAP, OBJECT_WRAP},
        {STORE_USAGE_UNWRAP, OBJECT_UNWRAP},
    };
    uint32_t flags = OBJECT_BIT(OBJECT_PRIVATE) | OBJECT_BIT(OBJECT_SENSITIVE);

    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++)
        if ((rule->usage & uses[i].usage) != 0)
            flags |= OBJECT_BIT(uses[i].flag);
    return flags | (rule->always_authenticate ? OBJECT_BIT(OBJECT_ALWAYS_AUTHENTICATE) : 0);
}

void token_note_aes(struct token *token, const char *key, bool bad)
{
    const struct store_conf_rule *rule;

    for (size_t i = 0; (rule = store_conf_aes_at(token->conf, i)) != NULL; i++)
        if (strcmp(rule->pattern, key) == 0)
            atomic_store(&token->aes_bad[i], bad);
}

bool token_aes_is_bad(struct token *token, size_t index)
{
    return atomic_load(&token->aes_bad[index]);
}
