/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_RULES_H
#define CONF_RULES_H

#include "conf/conf.h"

/* The rules of pkcs11.keys. */

/* Gives the pattern of a rule, from a key or pattern that may lack its scope. BAD_CONF if it is
 * neither. */
enum store_err conf_rule_pattern(struct store_conf_rule *rule, const char *text,
                                 size_t len) STORE_CHECKED;

/* True if a pattern, or a key as one, matches the key: '*' stands for any characters but '/'. */
bool conf_pattern_matches(const char *pattern, const char *key);

/* True for a list of keys or patterns with blanks between, and at least one. */
bool conf_patterns_valid(const char *text);

/* True if one of them matches the key. */
bool conf_patterns_match(const char *text, const char *key);

/* Sets the identifier from hexadecimal digits. BAD_CONF if the text has another character, is too
 * long or empty; NO_MEMORY. */
enum store_err conf_rule_id(struct store_conf_rule *rule, const char *text) STORE_CHECKED;

/* Adds a word of "usage". BAD_CONF for any that include/store/conf.h does not have. */
enum store_err conf_rule_usage(struct store_conf_rule *rule, const char *word) STORE_CHECKED;

/* True if the rule is for one secret, not for a pattern. */
bool conf_rule_is_exact(const struct store_conf_rule *rule);

/* True if the list has this pattern. */
bool conf_rules_have(const struct conf_rules *rules, const char *pattern);

/* Gives the pattern of an earlier rule that hides a rule with `pattern`; NULL if none does. */
const char *conf_rules_hide(const struct conf_rules *rules, const char *pattern);

/* Adds a rule. BAD_CONF if the list has its pattern already, or CONF_KEYS_MAX rules. */
enum store_err conf_rules_add(struct conf_rules *rules,
                              const struct store_conf_rule *rule) STORE_CHECKED;

/* As conf_rules_add, for a pattern alone. Zero bytes are an empty list. */
enum store_err conf_rules_add_text(struct conf_rules *rules, const char *text,
                                   size_t len) STORE_CHECKED;

/* Empties the list and says where its rules come from. */
enum store_err conf_rules_begin(struct conf_rules *rules, const char *origin) STORE_CHECKED;
void conf_rules_free(struct conf_rules *rules);

#endif
