/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_TOKEN_H
#define MODULE_TOKEN_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "module/cryptoki.h"
#include "module/object/listing.h"
#include "module/object/object.h"
#include "module/pki/faces.h"
#include "store/backend.h"
#include "store/audit.h"
#include "store/conf.h"

/*
 * A token: one configured store. No other file calls a backend. Each function that calls one
 * returns the backend's error unchanged; ckr.c translates it.
 *
 * The first call that needs a store opens it. No call to a store is made under one of this module's
 * locks.
 */

/* The login state (PKCS#11 3.0, 5.6.8). A store that needs no login has authenticated the user
 * already, so its token starts out logged in; C_Logout ends that until C_Login. */
enum token_login {
    TOKEN_LOGIN_IMPLIED,
    TOKEN_LOGIN_USER,
    TOKEN_LOGIN_NONE,
};

/* The longest PIN, in bytes, that a store receives. */
#define TOKEN_PIN_MAX 4096

struct token {
    CK_SLOT_ID slot;
    const struct store_conf *conf;
    const struct store_registration *registration;
    struct store_audit *audit; /* the library's; NULL without */
    bool read_only;            /* the backend, or the setting of that name */
    bool keys_read_only;       /* read_only_keys names some, so each key is looked at */
    unsigned usage;            /* what keys here may do, as STORE_USAGE_… bits; 0: none exist */
    atomic_bool *aes_bad;      /* for each AES rule: true if its last value was not an AES key */
    struct object_table objects;
    struct listings listings;
    struct faces *faces;        /* what the secrets with key pairs and certificates hold */
    struct store_secret pin;    /* of the login, for encrypted keys; guarded by `lock` */
    struct made_key *made_keys; /* the keys that C_GenerateKey made; guarded by `lock` */

    pthread_mutex_t lock;
    struct store store;
    atomic_bool opened;
    atomic_int login;   /* enum token_login */
    atomic_bool locked; /* the store's last answer was LOCKED */
    size_t sessions;
    size_t writable_sessions;
};

/* False if memory is short; token_free is necessary all the same. */
bool token_init(struct token *token, CK_SLOT_ID slot, const struct store_conf *conf);
void token_free(struct token *token);

bool token_read_only(const struct token *token);

/* True if this key cannot be made, changed or deleted. */
bool token_key_read_only(const struct token *token, const char *key);

/* C_GetTokenInfo (5.5.3), without a call to the store. The caller fills in the limits on
 * sessions. */
void token_info(struct token *token, CK_TOKEN_INFO *info);

/* Count the open sessions. Closing the last one ends the login and the private objects; true if it
 * was the last, and the caller then calls token_drop_faces. */
void token_session_opened(struct token *token, bool writable);
bool token_session_closed(struct token *token, bool writable);

/* Drops the public faces, which may write pkcs11.public_cache: no lock may be held. */
void token_drop_faces(struct token *token);

/* True if the user is logged in and the store is not locked: the state that C_GetSessionInfo
 * reports. */
bool token_user(const struct token *token);

/* True between C_Login and C_Logout. */
bool token_logged_in(const struct token *token);

/* True if C_Logout has hidden the private objects, and so all secrets of the store. A locked
 * store does not hide them: another program may have unlocked it, so the module asks it. */
bool token_secrets_hidden(const struct token *token);

/* C_Login (5.6.8) of the user; `pin` is empty if the host gave none. C_Logout (5.6.10) ends the
 * private objects and drops the cached records; session_logout ends the sessions' operations. */
CK_RV token_login(struct token *token, const struct store_secret *pin);
CK_RV token_logout(struct token *token);

/* Asks the store's own login, if it has one, whether this is the PIN; the login state stays. */
CK_RV token_check_pin(struct token *token, const struct store_secret *pin);

/* Gives a reference to the PIN of the login; empty if there was none. */
void token_pin(struct token *token, struct store_secret *out);

/* C_Login of a security officer, which these tokens do not have: the standard's error for the
 * current state, else CKR_USER_TYPE_INVALID. */
CK_RV token_refuse_officer(struct token *token);

/* The store's calls, as in store/backend.h. */
enum store_err token_read(struct token *token, const char *key,
                          struct store_record *out) STORE_CHECKED;

/* True if the store is open and can read many values in one request. Only then may token_read_many
 * be called. */
bool token_reads_many(struct token *token);
enum store_err token_read_many(struct token *token, const char *const *keys, size_t count,
                               store_each_fn *each, void *arg) STORE_CHECKED;

enum store_err token_list(struct token *token, const char *prefix, uint64_t *generation,
                          store_each_fn *each, void *arg) STORE_CHECKED;
enum store_err token_write(struct token *token, const char *key, const struct store_secret *value,
                           const char *if_version, struct store_record *out) STORE_CHECKED;
/* As token_write with if_version "0", for a key that the mechanism has made, which the audit names;
 * CK_UNAVAILABLE_INFORMATION for one that the caller gave. */
enum store_err token_write_new(struct token *token, const char *key,
                               const struct store_secret *value, CK_MECHANISM_TYPE mechanism,
                               struct store_record *out) STORE_CHECKED;
enum store_err token_remove(struct token *token, const char *key,
                            const char *if_version) STORE_CHECKED;
enum store_err token_accept_loss(struct token *token) STORE_CHECKED;

/* Locks the store for all who use it. UNSUPPORTED if it has no lock. */
enum store_err token_lock(struct token *token) STORE_CHECKED;
void token_health(struct token *token, struct store_health *out);
void token_examine(struct token *token, store_finding_fn *each, void *arg);

/* OK, unless the audit must note the next use and cannot. */
enum store_err token_permit(struct token *token) STORE_CHECKED;

#endif
