/* SPDX-License-Identifier: Apache-2.0 */
#include "module/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "module/audit.h"
#include "module/ckr.h"
#include "module/key.h"
#include "module/object/padded.h"
#include "module/public_cache.h"
#include "module/token_key.h"
#include "module/token_store.h"
#include "module/token_usage.h"
#include "store/log.h"

bool token_init(struct token *token, CK_SLOT_ID slot, const struct store_conf *conf)
{
    token->slot = slot;
    token->conf = conf;
    token->registration = store_registry_find(store_conf_backend(conf));
    token->read_only = token->registration->read_only || store_conf_read_only(conf, NULL);
    token->keys_read_only = store_conf_some_read_only(conf);
    token->usage = token_usage_of(conf);
    object_table_init(&token->objects, slot);
    listings_init(&token->listings);
    pthread_mutex_init(&token->lock, NULL);
    token->faces = faces_new();
    token->aes_bad = calloc(token_count_aes(conf) + 1, sizeof *token->aes_bad);
    return token->faces != NULL && token->aes_bad != NULL &&
           public_cache_attach(token->faces, conf);
}

void token_free(struct token *token)
{
    struct made_key *made;
    struct made_key *next;

    listings_free(&token->listings);
    object_table_free(&token->objects);
    store_close(&token->store);
    faces_free(token->faces);
    free(token->aes_bad);
    store_secret_wipe(&token->pin);
    HASH_ITER(hh, token->made_keys, made, next)
    {
        HASH_DELETE(hh, token->made_keys, made);
        free(made);
    }
    pthread_mutex_destroy(&token->lock);
}

bool token_read_only(const struct token *token)
{
    return token->read_only;
}

bool token_key_read_only(const struct token *token, const char *key)
{
    return token->read_only || (token->keys_read_only && store_conf_read_only(token->conf, key));
}

/* Derives the serial number from the label, which is unique: every process sees the same one. */
static void serial_number(const struct token *token, char out[2 * KEY_ID_LEN + 1])
{
    unsigned char id[KEY_ID_LEN];

    key_id(store_conf_label(token->conf), id);
    for (size_t i = 0; i < KEY_ID_LEN; i++)
        snprintf(out + 2 * i, 3, "%02x", id[i]);
}

void token_info(struct token *token, CK_TOKEN_INFO *info)
{
    char serial[2 * KEY_ID_LEN + 1];

    memset(info, 0, sizeof *info);
    serial_number(token, serial);
    padded_copy(info->label, sizeof info->label, store_conf_label(token->conf));
    padded_copy(info->manufacturerID, sizeof info->manufacturerID, "SideSeat");
    /* Not the backend: a URI that names the model survives a change of store. */
    padded_copy(info->model, sizeof info->model, "sideseat-pkcs11");
    padded_copy(info->serialNumber, sizeof info->serialNumber, serial);
    padded_copy(info->utcTime, sizeof info->utcTime, "");
    info->flags = CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED |
                  CKF_PROTECTED_AUTHENTICATION_PATH | CKF_RNG;
    if (token_read_only(token))
        info->flags |= CKF_WRITE_PROTECTED;
    if (atomic_load(&token->locked))
        info->flags |= CKF_LOGIN_REQUIRED;
    info->ulMaxPinLen = TOKEN_PIN_MAX;
    info->ulTotalPublicMemory = CK_UNAVAILABLE_INFORMATION;
    info->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
    info->ulTotalPrivateMemory = CK_UNAVAILABLE_INFORMATION;
    info->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
    pthread_mutex_lock(&token->lock);
    info->ulSessionCount = (CK_ULONG)token->sessions;
    info->ulRwSessionCount = (CK_ULONG)token->writable_sessions;
    pthread_mutex_unlock(&token->lock);
}

void token_session_opened(struct token *token, bool writable)
{
    pthread_mutex_lock(&token->lock);
    token->sessions++;
    token->writable_sessions += writable;
    pthread_mutex_unlock(&token->lock);
}

static void set_pin(struct token *token, const struct store_secret *pin)
{
    pthread_mutex_lock(&token->lock);
    store_secret_share(&token->pin, pin);
    pthread_mutex_unlock(&token->lock);
}

void token_pin(struct token *token, struct store_secret *out)
{
    pthread_mutex_lock(&token->lock);
    store_secret_share(out, &token->pin);
    pthread_mutex_unlock(&token->lock);
}

/* Ends the private objects. Listings hold their handles, so this drops the listings before, and
 * again after for those that another thread made meanwhile. */
static void drop_private_objects(struct token *token)
{
    set_pin(token, &(struct store_secret){0});
    listings_clear(&token->listings);
    object_logout(&token->objects);
    listings_clear(&token->listings);
}

bool token_session_closed(struct token *token, bool writable)
{
    bool last;

    pthread_mutex_lock(&token->lock);
    token->sessions--;
    token->writable_sessions -= writable;
    last = token->sessions == 0;
    if (last)
        atomic_store(&token->login, TOKEN_LOGIN_IMPLIED);
    pthread_mutex_unlock(&token->lock);
    if (last)
        drop_private_objects(token);
    return last;
}

void token_drop_faces(struct token *token)
{
    faces_clear(token->faces);
}

bool token_user(const struct token *token)
{
    int login = atomic_load_explicit(&token->login, memory_order_relaxed);

    if (login == TOKEN_LOGIN_IMPLIED)
        return !atomic_load_explicit(&token->locked, memory_order_relaxed);
    return login == TOKEN_LOGIN_USER;
}

bool token_logged_in(const struct token *token)
{
    return atomic_load_explicit(&token->login, memory_order_relaxed) == TOKEN_LOGIN_USER;
}

bool token_secrets_hidden(const struct token *token)
{
    return atomic_load_explicit(&token->login, memory_order_relaxed) == TOKEN_LOGIN_NONE;
}

/* Opens the store if it is not open. Opening does not wait for anything (store/backend.h). */
static enum store_err token_open(struct token *token)
{
    enum store_err err = STORE_OK;

    if (atomic_load_explicit(&token->opened, memory_order_acquire))
        return STORE_OK;
    pthread_mutex_lock(&token->lock);
    if (!atomic_load(&token->opened)) {
        err = store_open(&token->store, token->conf);
        atomic_store_explicit(&token->opened, err == STORE_OK, memory_order_release);
    }
    pthread_mutex_unlock(&token->lock);
    return err;
}

static void note_locked(struct token *token)
{
    int user = TOKEN_LOGIN_USER;

    atomic_store(&token->locked, true);
    atomic_compare_exchange_strong(&token->login, &user, TOKEN_LOGIN_IMPLIED);
}

enum store_err token_note_lock_state(struct token *token, enum store_err err)
{
    if (err == STORE_LOCKED) {
        note_locked(token);
    } else if (err == STORE_OK && atomic_load_explicit(&token->locked, memory_order_relaxed)) {
        atomic_store(&token->locked, false);
    }
    return err;
}

/* Opens the store, and asks its own login if it has one. */
static enum store_err backend_login(struct token *token, const struct store_secret *pin)
{
    TRY(token_open(token));
    if (token->store.backend->login == NULL)
        return STORE_OK;
    return token_note_lock_state(token, token->store.backend->login(token->store.ctx, pin));
}

CK_RV token_check_pin(struct token *token, const struct store_secret *pin)
{
    return ckr_from_store(CKR_CALL_LOGIN, backend_login(token, pin));
}

CK_RV token_login(struct token *token, const struct store_secret *pin)
{
    enum store_err err;

    if (token_logged_in(token))
        return CKR_USER_ALREADY_LOGGED_IN;
    err = backend_login(token, pin);
    audit_store(token, "login", "", err);
    if (err == STORE_OK) {
        if (store_conf_rule_at(token->conf, 0) != NULL)
            set_pin(token, pin);
        atomic_store(&token->login, TOKEN_LOGIN_USER);
    }
    return ckr_from_store(CKR_CALL_LOGIN, err);
}

CK_RV token_refuse_officer(struct token *token)
{
    bool reader;

    pthread_mutex_lock(&token->lock);
    reader = token->sessions > token->writable_sessions;
    pthread_mutex_unlock(&token->lock);
    if (reader)
        return CKR_SESSION_READ_ONLY_EXISTS;
    return token_user(token) ? CKR_USER_ANOTHER_ALREADY_LOGGED_IN : CKR_USER_TYPE_INVALID;
}

CK_RV token_logout(struct token *token)
{
    if (!token_user(token))
        return CKR_USER_NOT_LOGGED_IN;
    atomic_store(&token->login, TOKEN_LOGIN_NONE);
    drop_private_objects(token);
    token_drop_faces(token);
    audit_store(token, "logout", "", STORE_OK);
    if (atomic_load(&token->opened) && token->store.backend->logout != NULL)
        token->store.backend->logout(token->store.ctx);
    return CKR_OK;
}

enum store_err token_permit(struct token *token)
{
    return store_audit_permits(token->audit) ? STORE_OK : STORE_UNAVAILABLE;
}

enum store_err token_begin(struct token *token)
{
    TRY(token_permit(token));
    return token_open(token);
}

enum store_err token_read(struct token *token, const char *key, struct store_record *out)
{
    enum store_err err = token_begin(token);

    if (err == STORE_OK)
        err = token_note_lock_state(token, token->store.backend->read(token->store.ctx, key, out));
    if (err == STORE_NOT_FOUND)
        public_cache_forget(token->faces, token->conf, key, false);
    if (err != STORE_OK) /* a value is noted once the caller gets it */
        audit_store(token, "read", key, err);
    return err;
}

bool token_reads_many(struct token *token)
{
    return atomic_load(&token->opened) && token->store.backend->read_many != NULL;
}

enum store_err token_read_many(struct token *token, const char *const *keys, size_t count,
                               store_each_fn *each, void *arg)
{
    TRY(token_begin(token));
    return token_note_lock_state(
        token, token->store.backend->read_many(token->store.ctx, keys, count, each, arg));
}

enum store_err token_list(struct token *token, const char *prefix, uint64_t *generation,
                          store_each_fn *each, void *arg)
{
    enum store_err err = token_begin(token);

    if (err == STORE_OK)
        err = token_note_lock_state(
            token, token->store.backend->list(token->store.ctx, prefix, generation, each, arg));
    audit_store(token, "list", prefix, err);
    return err;
}

enum store_err token_begin_change(struct token *token, const char *key)
{
    if (token_key_read_only(token, key))
        return STORE_READ_ONLY;
    TRY(token_begin(token));
    return token->store.backend->write == NULL ? STORE_READ_ONLY : STORE_OK;
}

void token_changed(struct token *token, const char *call, const char *key, enum store_err err)
{
    public_cache_forget(token->faces, token->conf, key, true);
    audit_store(token, call, key, err);
}

static enum store_err write_value(struct token *token, const char *key,
                                  const struct store_secret *value, const char *if_version,
                                  struct store_record *out)
{
    TRY(token_begin_change(token, key));
    return token_note_lock_state(
        token, token->store.backend->write(token->store.ctx, key, value, if_version, out));
}

enum store_err token_write(struct token *token, const char *key, const struct store_secret *value,
                           const char *if_version, struct store_record *out)
{
    enum store_err err = write_value(token, key, value, if_version, out);

    token_changed(token, "write", key, err);
    return err;
}

enum store_err token_write_new(struct token *token, const char *key,
                               const struct store_secret *value, CK_MECHANISM_TYPE mechanism,
                               struct store_record *out)
{
    enum store_err err;

    if (mechanism == CK_UNAVAILABLE_INFORMATION)
        return token_write(token, key, value, "0", out);
    err = write_value(token, key, value, "0", out);
    public_cache_forget(token->faces, token->conf, key, true);
    audit_key(token, "generate", key, mechanism, false, ckr_from_store(CKR_CALL_CREATE, err));
    return err;
}

enum store_err token_remove(struct token *token, const char *key, const char *if_version)
{
    enum store_err err = token_begin_change(token, key);

    if (err == STORE_OK)
        err = token_note_lock_state(
            token, token->store.backend->remove(token->store.ctx, key, if_version));
    token_changed(token, "delete", key, err);
    return err;
}

enum store_err token_accept_loss(struct token *token)
{
    enum store_err err = STORE_OK;

    /* it would make a protected key that the damaged file may have held absent, too */
    if (store_conf_read_only(token->conf, NULL) || token->keys_read_only)
        return STORE_READ_ONLY;
    TRY(token_begin(token));
    if (token->store.backend->accept_loss != NULL) /* others never replace a damaged file */
        err = token_note_lock_state(token, token->store.backend->accept_loss(token->store.ctx));
    audit_store(token, "accept-loss", "", err);
    return err;
}

enum store_err token_lock(struct token *token)
{
    enum store_err err = STORE_UNSUPPORTED;

    TRY(token_open(token));
    if (token->store.backend->lock != NULL)
        err = token->store.backend->lock(token->store.ctx);
    audit_store(token, "lock", "", err);
    if (err != STORE_OK)
        return err;
    note_locked(token);
    drop_private_objects(token);
    token_drop_faces(token);
    return STORE_OK;
}

void token_health(struct token *token, struct store_health *out)
{
    *out = (struct store_health){.err = token_open(token)};
    if (out->err != STORE_OK) {
        snprintf(out->text, sizeof out->text, "%s", store_err_text(out->err));
        snprintf(out->remedy, sizeof out->remedy,
                 "correct what the log line above names; see sideseat.json(5)");
    } else if (token->store.backend->health != NULL) {
        token->store.backend->health(token->store.ctx, out);
    }
}

void token_examine(struct token *token, store_finding_fn *each, void *arg)
{
    if (token_open(token) == STORE_OK && token->store.backend->examine != NULL)
        token->store.backend->examine(token->store.ctx, each, arg);
}
