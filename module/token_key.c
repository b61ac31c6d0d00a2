/* SPDX-License-Identifier: Apache-2.0 */
#include "module/token_key.h"

#include <stdlib.h>
#include <string.h>

#include "module/token_usage.h"

/* The encoding of a key that C_GenerateKey stores. */
#define MADE_ENCODING "hex"

const char *token_secret_key(struct token *token, size_t index, const char **encoding)
{
    size_t configured = 0;
    const char *key = store_conf_hmac_key(token->conf, index, encoding);
    const struct store_conf_rule *aes;
    struct made_key *made;

    if (key != NULL)
        return key;
    while (store_conf_hmac_key(token->conf, configured, encoding) != NULL)
        configured++;
    aes = store_conf_aes_at(token->conf, index - configured);
    if (aes != NULL) {
        *encoding = aes->encoding;
        return aes->pattern;
    }
    configured += token_count_aes(token->conf);
    pthread_mutex_lock(&token->lock);
    for (made = token->made_keys; made != NULL; made = made->hh.next)
        if (!made->listed && configured++ == index)
            break;
    pthread_mutex_unlock(&token->lock);
    *encoding = MADE_ENCODING;
    return made == NULL ? NULL : made->text;
}

/* The key of that name that this process generated; NULL if there is none. The token is locked. */
static struct made_key *made_find(struct token *token, const char *key)
{
    struct made_key *made = NULL;

    HASH_FIND_STR(token->made_keys, key, made);
    return made;
}

/* The encoding that the configuration gives the key; NULL if it does not list the key. */
static const char *listed_encoding(const struct token *token, const char *key)
{
    const struct store_conf_rule *aes = store_conf_aes_find(token->conf, key);
    const char *encoding;
    const char *candidate;

    if (aes != NULL)
        return aes->encoding;
    for (size_t i = 0; (candidate = store_conf_hmac_key(token->conf, i, &encoding)) != NULL; i++)
        if (strcmp(candidate, key) == 0)
            return encoding;
    return NULL;
}

bool token_key_is_made(struct token *token, const char *key)
{
    bool made;

    pthread_mutex_lock(&token->lock);
    made = made_find(token, key) != NULL;
    pthread_mutex_unlock(&token->lock);
    return made;
}

const char *token_key_encoding(struct token *token, const char *key)
{
    const char *encoding = listed_encoding(token, key);

    if (encoding != NULL)
        return encoding;
    return token_key_is_made(token, key) ? MADE_ENCODING : NULL;
}

const char *token_made_encoding(const struct token *token, const char *key)
{
    const char *encoding = listed_encoding(token, key);

    return encoding != NULL ? encoding : MADE_ENCODING;
}

/* True if the secret still holds the key that was made. Versions of a secret that is removed and
 * made again may recur. */
static bool is_made_in(const struct made_key *made, const struct store_record *record)
{
    return strcmp(made->version, record->version) == 0 && made->updated_ns == record->updated_ns;
}

uint32_t token_key_flags(struct token *token, const char *key, const struct store_record *record)
{
    const struct store_conf_rule *aes = store_conf_aes_find(token->conf, key);
    uint32_t flags = OBJECT_TOKEN_KEY_FLAGS;
    struct made_key *made;

    if (aes != NULL)
        return token_aes_flags(aes);
    pthread_mutex_lock(&token->lock);
    made = made_find(token, key);
    if (made != NULL && is_made_in(made, record))
        flags = made->flags;
    pthread_mutex_unlock(&token->lock);
    return flags;
}

enum store_err token_make_key(struct token *token, const char *key,
                              const struct store_secret *value, uint32_t flags,
                              CK_MECHANISM_TYPE mechanism, struct store_record *out)
{
    size_t size = strlen(key) + 1;
    struct made_key *made = malloc(sizeof *made + size);
    struct made_key *known = NULL;
    enum store_err err;

    if (made == NULL)
        return STORE_NO_MEMORY;
    err = token_write_new(token, key, value, mechanism, out);
    if (err == STORE_OK) {
        memcpy(made->text, key, size);
        made->listed = listed_encoding(token, key) != NULL;
        pthread_mutex_lock(&token->lock);
        if (made_find(token, key) == NULL)
            HASH_ADD_STR(token->made_keys, text, made);
        known = made_find(token, key); /* NULL if memory is short */
        if (known != NULL) {
            known->flags = flags;
            known->updated_ns = out->updated_ns;
            memcpy(known->version, out->version, sizeof known->version);
        }
        pthread_mutex_unlock(&token->lock);
    }
    if (known != made)
        free(made);
    return err;
}
