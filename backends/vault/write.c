/* SPDX-License-Identifier: Apache-2.0 */
#include "kv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backends/http/retry.h"
#include "backends/record/record.h"
#include "store/log.h"

#define MS_NS ((int64_t)1000000)
#define RACES_MAX 64       /* attempts while others write the same key */
#define REMOVAL_ATTEMPTS 5 /* how long somebody else's removal is waited for */

/* A write or a remove on its way. */
struct change {
    struct store_ctx *ctx;
    const char *key;
    const char *if_version;
    int64_t deadline_ns;
    struct vault_found found;
    struct vault_call current; /* the reply that `found` points into */
};

static struct change change_begin(struct store_ctx *ctx, const char *key, const char *if_version)
{
    return (struct change){
        .ctx = ctx, .key = key, .if_version = if_version, .deadline_ns = vault_deadline(ctx)};
}

/* Reads what is there now. OK also if there is nothing. */
static enum store_err change_look(struct change *change)
{
    enum store_err err;

    vault_call_clear(&change->current);
    change->current =
        (struct vault_call){.what = "reading", .method = "GET", .deadline_ns = change->deadline_ns};
    TRY(vault_kv_path(change->ctx, "data", change->key, &change->current.path));
    err = vault_call_run(change->ctx, &change->current);
    err = vault_kv_look(&change->current, err, change->key, &change->found);
    return err == STORE_NOT_FOUND ? STORE_OK : err;
}

static bool change_exists(const struct change *change)
{
    return change->found.data.document != NULL;
}

/* Whether what is there is what the caller expects. */
static enum store_err change_expect(const struct change *change)
{
    char version[STORE_VERSION_SIZE];

    if (change->if_version == NULL)
        return STORE_OK;
    if (strcmp(change->if_version, "0") == 0)
        return change_exists(change) ? STORE_CONFLICT : STORE_OK;
    (void)snprintf(version, sizeof version, "%" PRId64, change->found.version);
    return change_exists(change) && strcmp(change->if_version, version) == 0 ? STORE_OK
                                                                             : STORE_CONFLICT;
}

/* Sends the data as the version after the one that was found; CONFLICT if another came between. */
static enum store_err change_put(struct change *change, const struct store_secret *data,
                                 struct vault_call *call)
{
    struct json_writer *w;

    *call = (struct vault_call){
        .what = "writing", .method = "POST", .deadline_ns = change->deadline_ns, .once = true};
    TRY(vault_kv_path(change->ctx, "data", change->key, &call->path));
    TRY(json_write_begin(&w));
    json_write_object(w);
    json_write_key(w, "options");
    json_write_object(w);
    json_write_key(w, "cas");
    json_write_integer(w, change->found.version);
    json_write_object_end(w);
    json_write_key(w, "data");
    json_write_raw(w, data);
    json_write_object_end(w);
    TRY(json_write_end(w, &call->body));
    return vault_call_run(change->ctx, call);
}

/* The record to write: the value, the times, and what others have put beside them. */
static enum store_err record_make(const struct change *change, const struct store_secret *value,
                                  struct store_record *made, struct store_secret *out)
{
    AUTO_RECORD old = {0};
    enum store_err err;

    /* What is there may be anybody's: then it has no times. */
    if (change_exists(change) && record_take(change->found.data, &old) != STORE_OK)
        store_record_clear(&old);
    if (change_exists(change) && old.created_ns == 0 && change->found.version == 1)
        old.created_ns = change->found.written_ns;
    made->updated_ns = record_next_time(old.updated_ns);
    made->created_ns = change_exists(change) ? old.created_ns : made->updated_ns;
    err = record_text(change->found.data, value, made->created_ns, made->updated_ns, out);
    if (err == STORE_CORRUPT)
        store_log(STORE_LOG_ERROR,
                  "vault: what is at %s cannot be kept beside a new value; remove "
                  "it first",
                  change->key);
    TRY(err);
    if (out->len <= VAULT_RECORD_MAX)
        return STORE_OK;
    store_log(STORE_LOG_ERROR,
              "vault: %s would take %zu bytes with its record, and a Vault secret "
              "has %zu at most; store less",
              change->key, out->len, VAULT_RECORD_MAX);
    return STORE_TOO_BIG;
}

/* Takes the version from the reply to a write. */
static enum store_err version_take(const struct vault_call *call, struct store_record *made)
{
    int64_t version;

    if (json_whole(json_path(json_root(call->reply), "data", "version", NULL), &version) !=
        STORE_OK)
        return STORE_UNAVAILABLE;
    (void)snprintf(made->version, sizeof made->version, "%" PRId64, version);
    return STORE_OK;
}

/* One attempt: look, compare, write. */
static enum store_err write_once(struct change *change, const struct store_secret *value,
                                 struct store_record *made)
{
    AUTO_SECRET record = {0};
    AUTO_CALL call = {.what = NULL};

    TRY(change_expect(change));
    TRY(record_make(change, value, made, &record));
    TRY(change_put(change, &record, &call));
    if (version_take(&call, made) == STORE_OK)
        return STORE_OK;
    store_log(STORE_LOG_ERROR, "vault: the reply to writing %s has no version; check vault.mount",
              change->key);
    return STORE_UNAVAILABLE;
}

/* Whether what is there is what a remove leaves behind for a moment. */
static bool being_removed(const struct change *change)
{
    struct json_value mark =
        json_path(json_root(change->current.reply), "data", "data", VAULT_REMOVED, NULL);

    return mark.document != NULL;
}

/* Looks, and waits for the end of a removal that is on its way: what is written before its end
 * would go with it. One that does not end was cut off. */
static enum store_err change_look_settled(struct change *change)
{
    struct http_retry wait = {.attempts = REMOVAL_ATTEMPTS,
                              .base_ms = 20,
                              .most_ms = 200,
                              .deadline_ns = change->deadline_ns};

    do
        TRY(change_look(change));
    while (being_removed(change) && http_retry_wait(&wait, 0));
    return STORE_OK;
}

static enum store_err write_loop(struct change *change, const struct store_secret *value,
                                 struct store_record *made)
{
    struct http_retry race = {
        .attempts = RACES_MAX, .base_ms = 4, .most_ms = 100, .deadline_ns = change->deadline_ns};
    enum store_err err;

    TRY(vault_mount_check(change->ctx, change->deadline_ns));
    do {
        TRY(change_look_settled(change));
        err = write_once(change, value, made);
    } while (err == STORE_CONFLICT && change->if_version == NULL && http_retry_wait(&race, 0));
    if (err != STORE_CONFLICT || change->if_version != NULL)
        return err;
    store_log(STORE_LOG_ERROR, "vault: %s is written by others all the time; write it less often",
              change->key);
    return STORE_TIMEOUT;
}

enum store_err vault_write(struct store_ctx *ctx, const char *key, const struct store_secret *value,
                           const char *if_version, struct store_record *out)
{
    struct change change = change_begin(ctx, key, if_version);
    AUTO_RECORD made = {0};
    enum store_err err = write_loop(&change, value, &made);

    vault_call_clear(&change.current);
    if (out == NULL)
        return err;
    store_record_clear(out);
    if (err == STORE_OK)
        store_record_share(out, &made);
    return err;
}

/* Deletes all versions and what is known of them. 204 also if there was nothing. */
static enum store_err purge(struct change *change)
{
    AUTO_CALL call = {.what = "removing", .method = "DELETE", .deadline_ns = change->deadline_ns};

    TRY(vault_kv_path(change->ctx, "metadata", change->key, &call.path));
    return vault_call_run(change->ctx, &call);
}

/*
 * DELETE takes no check-and-set and answers 204 whatever was there. So a mark is written first, by
 * check-and-set: of several removes and writes at the same time one wins, and the others are told.
 */
static enum store_err remove_once(struct change *change)
{
    static const char mark[] = "{\"" VAULT_REMOVED "\":true}";
    AUTO_SECRET data = {0};
    AUTO_CALL call = {.what = NULL};

    TRY(change_look(change));
    if (!change_exists(change)) {
        /* Cut off between mark and end: finished here, as it is in the way of listings. */
        if (being_removed(change))
            TRY(purge(change));
        return STORE_NOT_FOUND;
    }
    TRY(change_expect(change));
    TRY(store_secret_set(&data, mark, sizeof mark - 1));
    TRY(change_put(change, &data, &call));
    return purge(change);
}

enum store_err vault_remove(struct store_ctx *ctx, const char *key, const char *if_version)
{
    struct change change = change_begin(ctx, key, if_version);
    struct http_retry race = {
        .attempts = RACES_MAX, .base_ms = 4, .most_ms = 100, .deadline_ns = change.deadline_ns};
    enum store_err err = vault_mount_check(ctx, change.deadline_ns);

    if (err == STORE_OK)
        do
            err = remove_once(&change);
        while (err == STORE_CONFLICT && if_version == NULL && http_retry_wait(&race, 0));
    vault_call_clear(&change.current);
    return err;
}
