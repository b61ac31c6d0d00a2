/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_TOKEN_KEY_H
#define MODULE_TOKEN_KEY_H

#include "module/token.h"

/* The secret keys of a token: HMAC and AES keys that the configuration lists, and those that
 * C_GenerateKey made in this process. Any thread. */

/* A key that C_GenerateKey made; the token frees it. */
struct made_key {
    UT_hash_handle hh;  /* ordered by creation */
    uint32_t flags;     /* from the template of C_GenerateKey: enum object_flag */
    int64_t updated_ns; /* the state of the secret that they are of */
    char version[STORE_VERSION_SIZE];
    bool listed; /* the configuration lists it, too */
    char text[];
};

/* The encoding of the HMAC or AES key that the secret `key` holds; NULL if it holds neither. */
const char *token_key_encoding(struct token *token, const char *key);

/* The encoding in which C_GenerateKey stores the key `key`. */
const char *token_made_encoding(const struct token *token, const char *key);

/* The configured or generated HMAC or AES key at `index`; NULL past the last. */
const char *token_secret_key(struct token *token, size_t index, const char **encoding);

/* The flags of the key object for the secret `key` in the state of `record`: bits of enum
 * object_flag. The record counts only if token_key_is_made. */
uint32_t token_key_flags(struct token *token, const char *key, const struct store_record *record);

/* True if this process made an HMAC key under this name. */
bool token_key_is_made(struct token *token, const char *key);

/* As token_write_new, for a new HMAC or AES key with these flags. This process treats the secret as
 * an HMAC key from now on, even if the configuration does not list it. */
enum store_err token_make_key(struct token *token, const char *key,
                              const struct store_secret *value, uint32_t flags,
                              CK_MECHANISM_TYPE mechanism, struct store_record *out) STORE_CHECKED;

#endif
