/* SPDX-License-Identifier: Apache-2.0 */
#include "module/token_version.h"

#include "module/audit.h"
#include "module/token_store.h"
#include "store/log.h"

/* A backend in the module that keeps no versions lacks the five functions. `err` is the answer so
 * far. */
static enum store_err check(const struct token *token, enum store_err err)
{
    return err == STORE_OK && token->store.backend->versions == NULL ? STORE_UNSUPPORTED : err;
}

/* The store process answers UNSUPPORTED for a store without versions. */
static enum store_err answer(const struct token *token, enum store_err err)
{
    if (err == STORE_UNSUPPORTED)
        store_log(STORE_LOG_INFO, "%s: the store keeps no old versions", token->registration->name);
    return err;
}

enum store_err token_versions(struct token *token, const char *key, struct store_versions *out)
{
    enum store_err err = check(token, token_begin(token));

    if (err == STORE_OK)
        err = token_note_lock_state(token,
                                    token->store.backend->versions(token->store.ctx, key, out));
    audit_store(token, "history", key, err);
    return answer(token, err);
}

enum store_err token_read_version(struct token *token, const char *key, const char *id,
                                  struct store_record *out)
{
    enum store_err err = check(token, token_begin(token));

    if (err == STORE_OK)
        err = token_note_lock_state(
            token, token->store.backend->read_version(token->store.ctx, key, id, out));
    if (err != STORE_OK) /* a value is noted once the caller gets it */
        audit_store(token, "read", key, err);
    return answer(token, err);
}

/* Deletes the secret; `destroy`: with its versions, for good. */
static enum store_err end(struct token *token, const char *key, bool destroy)
{
    enum store_err err = check(token, token_begin_change(token, key));
    const struct store_backend *backend = token->store.backend;

    if (err == STORE_OK)
        err = token_note_lock_state(
            token, (destroy ? backend->destroy : backend->retire)(token->store.ctx, key));
    token_changed(token, destroy ? "destroy" : "delete", key, err);
    return answer(token, err);
}

enum store_err token_retire(struct token *token, const char *key)
{
    return end(token, key, false);
}

enum store_err token_restore(struct token *token, const char *key, const char *id)
{
    enum store_err err = check(token, token_begin_change(token, key));

    if (err == STORE_OK)
        err =
            token_note_lock_state(token, token->store.backend->restore(token->store.ctx, key, id));
    token_changed(token, "restore", key, err);
    return answer(token, err);
}

enum store_err token_destroy(struct token *token, const char *key)
{
    return end(token, key, true);
}
