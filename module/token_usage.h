/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_TOKEN_USAGE_H
#define MODULE_TOKEN_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/conf.h"

struct token;

/* The uses that the rules of pkcs11.keys permit. */

/* What keys of the token and of its sessions may do, as STORE_USAGE_… bits; 0 without rules. */
unsigned token_usage_of(const struct store_conf *conf);

/* The number of rules for AES keys. */
size_t token_count_aes(const struct store_conf *conf);

/* The flags of an AES key, as its rule says: bits of enum object_flag. */
uint32_t token_aes_flags(const struct store_conf_rule *rule);

/* Notes for `status` whether the value of an AES key is not one; and gives that note for the rule
 * at `index` of store_conf_aes_at, false without one. Any thread. */
void token_note_aes(struct token *token, const char *key, bool bad);
bool token_aes_is_bad(struct token *token, size_t index);

#endif
