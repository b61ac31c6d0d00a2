/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_TOKEN_H
#define MODULE_TOKEN_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "module/cryptoki.h"
#include "module/object/listing.h"
#include "module/object/object.h"
#include "store/backend.h"
#include "store/conf.h"

/*
 * A token: one configured store. This is the only file that calls a backend. Every function that
 * does returns the backend's error unchanged; ckr.c says what it means to Cryptoki.
 *
 * A store is opened by the first call that needs it. No lock of ours is held while it works.
 */

/* Who is logged in (PKCS#11 3.0, 5.6.8). A store that needs no login has authenticated the user by
 * the time we run, so its token starts out logged in; C_Logout ends that until C_Login. */
enum token_login {
    TOKEN_LOGIN_IMPLIED,
    TOKEN_LOGIN_USER,
    TOKEN_LOGIN_NONE,
};

/* Bytes of the longest PIN that is passed on to a store. */
#define TOKEN_PIN_MAX 4096

struct token {
    CK_SLOT_ID slot;
    const struct store_conf *conf;
    const struct store_registration *registration;
    struct object_table objects;
    struct listings listings;
    struct made_key *made_keys; /* keys that C_GenerateKey made; under `lock` */

    pthread_mutex_t lock;
    struct store store;
    atomic_bool opened;
    atomic_int login;   /* enum token_login */
    atomic_bool locked; /* the store's last answer was LOCKED */
    size_t sessions;
    size_t writable_sessions;
};

void token_init(struct token *token, CK_SLOT_ID slot, const struct store_conf *conf);
void token_free(struct token *token);

bool token_read_only(const struct token *token);

/* C_GetTokenInfo (5.5.3), from what is known here: no store is asked. The numbers of sessions that
 * there may be are the caller's to fill in. */
void token_info(struct token *token, CK_TOKEN_INFO *info);

/* Counts sessions. The last one to close ends the login and the private objects. */
void token_session_opened(struct token *token, bool writable);
void token_session_closed(struct token *token, bool writable);

/* Whether the user is logged in: what C_GetSessionInfo tells. Not so while the store is locked. */
bool token_user(const struct token *token);

/* Whether C_Login has logged the user in, and C_Logout has not followed. */
bool token_logged_in(const struct token *token);

/* Whether C_Logout has hidden the private objects, and so all secrets of the store. A store that is
 * merely locked is asked all the same: it may have been unlocked elsewhere. */
bool token_secrets_hidden(const struct token *token);

/* C_Login (5.6.8) of the user, with `pin` empty if none was given, and C_Logout (5.6.10), which
 * ends the private objects, and drops what is cached; the sessions are session_logout's. */
CK_RV token_login(struct token *token, const struct store_secret *pin);
CK_RV token_logout(struct token *token);

/* C_Login of a security officer, which no token of ours has: the code that the standard names for
 * the state, else CKR_USER_TYPE_INVALID. */
CK_RV token_refuse_officer(struct token *token);

/* The encoding under which the secret `key` is also an HMAC key; NULL if it is not one. */
const char *token_key_encoding(struct token *token, const char *key);

/* The encoding in which C_GenerateKey writes the key `key` down. */
const char *token_made_encoding(const struct token *token, const char *key);

/* The key at `index` of those that may be HMAC keys; NULL past the last. */
const char *token_hmac_key(struct token *token, size_t index, const char **encoding);

/* The store's calls, as in store/backend.h. */
enum store_err token_read(struct token *token, const char *key,
                          struct store_record *out) STORE_CHECKED;
enum store_err token_read_many(struct token *token, const char *const *keys, size_t count,
                               store_each_fn *each, void *arg) STORE_CHECKED;
bool token_reads_many(struct token *token);
enum store_err token_list(struct token *token, const char *prefix, uint64_t *generation,
                          store_each_fn *each, void *arg) STORE_CHECKED;
enum store_err token_write(struct token *token, const char *key, const struct store_secret *value,
                           const char *if_version, struct store_record *out) STORE_CHECKED;
enum store_err token_remove(struct token *token, const char *key) STORE_CHECKED;
enum store_err token_accept_loss(struct token *token) STORE_CHECKED;
void token_health(struct token *token, struct store_health *out);

/* As token_write with if_version "0", for a secret that is made here to be an HMAC key: it is one
 * for this process from now on, though the configuration may not list it, with these flags. */
enum store_err token_make_key(struct token *token, const char *key,
                              const struct store_secret *value, uint32_t flags,
                              struct store_record *out) STORE_CHECKED;

/* What the key object of the secret `key` is: bits of enum object_flag. */
uint32_t token_key_flags(struct token *token, const char *key);

#endif
