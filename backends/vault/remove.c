/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/change.h"

#include <string.h>

#include "backends/http/retry.h"
#include "store/log.h"
#include "store/time.h"

/*
 * DELETE metadata/… deletes a secret with all its versions. The request takes no version, answers
 * 204 whatever was there, and is atomic: refused, it has changed nothing. It is sent once at most,
 * because a repetition might delete a newer secret of another client; if the reply is lost, a read
 * finds out.
 *
 * The removal of a certain version needs more: first we write the secret again, by check-and-set,
 * with a mark added. That proves the version and tells our other clients to wait. Then we delete
 * it. The value stays readable until the DELETE is done; if the DELETE fails, we remove the mark.
 *
 * https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#delete-metadata-and-all-versions
 */

/* Finds out if the server acted on a DELETE whose reply is missing. */
static enum store_err purge_confirm(struct change *change, enum store_err err)
{
    struct change now = *change;
    enum store_err reread;

    now.current = (struct vault_call){.what = NULL};
    reread = change_read(&now);
    if (reread == STORE_OK && now.found.version == 0)
        err = STORE_OK;
    else
        store_log(STORE_LOG_ERROR,
                  "vault: the reply to removing %s is missing, and %s; the request is not "
                  "repeated, because that could remove a newer secret",
                  change->key,
                  reread == STORE_OK ? "there is a secret now" : "the result is unknown");
    change_end(&now);
    return err;
}

/* Deletes all versions and their metadata. */
static enum store_err purge(struct change *change)
{
    int64_t now = store_time_monotonic();
    /* writers wait this long for it (change_read_settled), and time is left to read afterwards */
    AUTO_CALL call = {.what = "removing",
                      .method = "DELETE",
                      .deadline_ns = now + (change->deadline_ns - now) / 2,
                      .once = true};
    enum store_err err;

    TRY(vault_kv_path(change->ctx, "metadata", change->key, &call.path));
    err = vault_call_run(change->ctx, &call);
    return err == STORE_OK || !call.unknown ? err : purge_confirm(change, err);
}

/*
 * DENIED, logged, if the policies surely refuse the DELETE; asked before the mark is written.
 * https://developer.hashicorp.com/vault/api-docs/system/capabilities-self
 */
static enum store_err purge_allowed(struct change *change)
{
    AUTO_CALL call = {.what = "asking for the rights of the token",
                      .method = "POST",
                      .deadline_ns = change->deadline_ns,
                      .quiet = true};
    char path[VAULT_PATH_SIZE];
    struct json_value rights;
    struct json_writer *w;
    size_t count = 0;

    vault_policy_path(change->ctx, "metadata", change->key, path);
    TRY(vault_path_add(&call.path, "/sys/capabilities-self"));
    TRY(json_write_begin(&w));
    json_write_object(w);
    json_write_key(w, "paths");
    json_write_array(w);
    json_write_text(w, path);
    json_write_array_end(w);
    json_write_object_end(w);
    TRY(json_write_end(w, &call.body));
    /* a token may lack the right to ask: then the DELETE itself will tell */
    if (vault_call_run(change->ctx, &call) != STORE_OK)
        return STORE_OK;
    rights = json_path(json_root(call.reply), "data", path, NULL);
    for (struct json_value v = json_first(rights); v.document != NULL; v = json_next(v), count++)
        if (json_is(v, "delete") || json_is(v, "root"))
            return STORE_OK;
    if (count == 0)
        return STORE_OK;
    store_log(STORE_LOG_ERROR,
              "vault: removing %s: the token has no right to delete it; its policies must allow "
              "\"delete\" on %s (vault.md in the documentation has one)",
              change->key, path);
    return STORE_DENIED;
}

/* Removes the mark after a failed DELETE. The value is readable with the mark, too. */
static void unmark(struct change *change)
{
    AUTO_SECRET data = {0};
    AUTO_CALL call = {.what = NULL};
    enum store_err err = change_read(change);

    if (err != STORE_OK || !change->found.marked || !change_exists(change))
        return;
    err = change_data(change, false, &data);
    if (err == STORE_OK)
        err = change_put(change, change->found.version, &data, &call);
    if (err != STORE_OK && err != STORE_CONFLICT)
        store_log(STORE_LOG_WARNING,
                  "vault: %s keeps the member " VAULT_REMOVED
                  " beside its value; the next write removes it",
                  change->key);
}

/* Removes the version that was found, and not another. */
static enum store_err remove_version(struct change *change)
{
    AUTO_SECRET data = {0};
    AUTO_CALL call = {.what = NULL};
    enum store_err err;

    TRY(purge_allowed(change));
    TRY(change_data(change, true, &data));
    TRY(change_put(change, change->found.version, &data, &call));
    err = purge(change);
    if (err != STORE_OK)
        unmark(change);
    return err;
}

static enum store_err remove_once(struct change *change)
{
    TRY(change_read_settled(change));
    if (!change_exists(change)) {
        /* a lone mark would appear in listings */
        if (change->found.marked)
            TRY(purge(change));
        return STORE_NOT_FOUND;
    }
    TRY(change_expect(change));
    return change->if_version == NULL ? purge(change) : remove_version(change);
}

enum store_err vault_remove(struct store_ctx *ctx, const char *key, const char *if_version)
{
    struct change change = change_begin(ctx, key, if_version);
    enum store_err err = vault_mount_check(ctx, change.deadline_ns);

    if (err == STORE_OK)
        err = remove_once(&change);
    change_end(&change);
    return err;
}
