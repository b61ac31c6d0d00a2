/* SPDX-License-Identifier: Apache-2.0 */
#include "module/token_version.h"

#include "module/audit.h"
#include "module/token_store.h"
#include "store/log.h"

/* UNSUPPORTED, logged: the store process answers so for a store without versions, and a backend in
 * the module lacks the functions. */
static enum store_err without_versions(const struct token *token)
{
    store_log(STORE_LOG_INFO, "%s: the store keeps no old versions", token->registration->name);
    return STORE_UNSUPPORTED;
}

enum store_err token_versions(struct token *token, const char *key, struct store_versions *out)
{
    enum store_err err = token_begin(token);

    if (err == STORE_OK && token->store.backend->versions == NULL)
        return without_versions(token);
    if (err == STORE_OK)
        err = token_note_lock_state(token,
                                    token->store.backend->versions(token->store.ctx, key, out));
    audit_store(token, "history", key, err);
    return err == STORE_UNSUPPORTED ? without_versions(token) : err;
}

enum store_err token_read_version(struct token *token, const char *key, const char *id,
                                  struct store_record *out)
{
    enum store_err err = token_begin(token);

    if (err == STORE_OK && token->store.backend->read_version == NULL)
        return without_versions(token);
    if (err == STORE_OK)
        err = token_note_lock_state(
            token, token->store.backend->read_version(token->store.ctx, key, id, out));
    if (err != STORE_OK) /* a value is noted once the caller gets it */
        audit_store(token, "read", key, err);
    return err;
}

enum store_err token_retire(struct token *token, const char *key)
{
    enum store_err err = token_begin_change(token, key);

    if (err == STORE_OK && token->store.backend->retire == NULL)
        return without_versions(token);
    if (err == STORE_OK)
        err = token_note_lock_state(token, token->store.backend->retire(token->store.ctx, key));
    token_changed(token, "delete", key, err);
    return err;
}

enum store_err token_restore(struct token *token, const char *key, const char *id)
{
    enum store_err err = token_begin_change(token, key);

    if (err == STORE_OK && token->store.backend->restore == NULL)
        return without_versions(token);
    if (err == STORE_OK)
        err =
            token_note_lock_state(token, token->store.backend->restore(token->store.ctx, key, id));
    token_changed(token, "restore", key, err);
    return err;
}

enum store_err token_destroy(struct token *token, const char *key)
{
    enum store_err err = token_begin_change(token, key);

    if (err == STORE_OK && token->store.backend->destroy == NULL)
        return without_versions(token);
    if (err == STORE_OK)
        err = token_note_lock_state(token, token->store.backend->destroy(token->store.ctx, key));
    token_changed(token, "destroy", key, err);
    return err;
}
