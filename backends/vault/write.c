/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/change.h"

#include <inttypes.h>
#include <stdio.h>

#include "backends/http/retry.h"
#include "core/json_record.h"
#include "store/log.h"

/* True if the value is an object that can stand in the place of the fields of another program: it
 * is read as fields again. Anything else is not JSON, or a record. */
static enum store_err is_fields(const struct store_secret *value, bool *out)
{
    AUTO_JSON document = NULL;
    enum store_err err = json_read(&document, value, NULL);
    struct json_value root = json_root(document);

    *out = err == STORE_OK && json_type(root) == JSON_OBJECT && vault_kv_has_fields(root) &&
           json_type(json_member(root, VAULT_REMOVED)) == JSON_ABSENT;
    return err == STORE_NO_MEMORY ? err : STORE_OK;
}

static enum store_err check_size(const struct change *change, const struct store_secret *record)
{
    if (record->len <= VAULT_RECORD_MAX)
        return STORE_OK;
    store_log(STORE_LOG_ERROR,
              "vault: %s would take %zu bytes with its record, and a Vault secret "
              "has %zu at most; store less",
              change->key, record->len, VAULT_RECORD_MAX);
    return STORE_TOO_BIG;
}

/* Builds the record to write: the value, the times, and the members of other programs; or only the
 * value, if it is new fields in the place of old ones. */
static enum store_err record_make(const struct change *change, const struct store_secret *value,
                                  struct store_record *made, struct store_secret *out)
{
    struct json_value data = change->found.data;
    AUTO_SECRET unmarked = {0};
    AUTO_JSON document = NULL;
    AUTO_RECORD old = {0};
    bool fields = false;
    enum store_err err;

    if (vault_kv_has_fields(change->found.data))
        TRY(is_fields(value, &fields));
    if (fields) {
        TRY(store_secret_set(out, value->data, value->len));
        return check_size(change, out);
    }
    if (change->found.marked && change_exists(change)) {
        TRY(change_data(change, false, &unmarked));
        TRY(json_read(&document, &unmarked, NULL));
        data = json_root(document);
    }
    /* Another program's record may lack the times. */
    if (change_exists(change) && record_parse(data, &old) != STORE_OK)
        store_record_clear(&old);
    if (change_exists(change) && old.created_ns == 0 && change->found.version == 1)
        old.created_ns = change->found.written_ns;
    made->updated_ns = record_next_time(old.updated_ns);
    made->created_ns = change_exists(change) ? old.created_ns : made->updated_ns;
    err = record_text(data, value, made->created_ns, made->updated_ns, out);
    if (err == STORE_CORRUPT)
        store_log(
            STORE_LOG_ERROR,
            "vault: the present content of %s cannot be kept beside a new value; remove it first",
            change->key);
    TRY(err);
    return check_size(change, out);
}

/* Reads the version from the reply to a write, and the time if the record has none. */
static enum store_err version_parse(const struct vault_call *call, struct store_record *made)
{
    int64_t version;

    if (json_whole(json_path(json_root(call->reply), "data", "version", NULL), &version) !=
        STORE_OK)
        return STORE_UNAVAILABLE;
    (void)snprintf(made->version, sizeof made->version, "%" PRId64, version);
    if (made->updated_ns == 0)
        made->updated_ns =
            vault_kv_time(json_member(json_root(call->reply), "data"), "created_time");
    return STORE_OK;
}

/* One attempt: read, compare, write. */
static enum store_err write_once(struct change *change, const struct store_secret *value,
                                 struct store_record *made)
{
    AUTO_SECRET record = {0};
    AUTO_CALL call = {.what = NULL};

    TRY(change_expect(change));
    TRY(record_make(change, value, made, &record));
    TRY(change_put(change, change->found.version, &record, &call));
    if (version_parse(&call, made) == STORE_OK)
        return STORE_OK;
    store_log(STORE_LOG_ERROR, "vault: the reply to writing %s has no version; check vault.mount",
              change->key);
    return STORE_UNAVAILABLE;
}

static enum store_err write_loop(struct change *change, const struct store_secret *value,
                                 struct store_record *made)
{
    const bool compares = store_version_compares(change->if_version);
    struct http_retry race = CHANGE_RACES;
    enum store_err err;

    race.deadline_ns = change->deadline_ns;
    TRY(vault_mount_check(change->ctx, change->deadline_ns));
    do {
        TRY(change_read_settled(change));
        err = write_once(change, value, made);
    } while (err == STORE_CONFLICT && !compares && http_retry_wait(&race, 0));
    if (err != STORE_CONFLICT || compares)
        return err;
    store_log(STORE_LOG_ERROR, "vault: others write %s all the time; write it less often",
              change->key);
    return STORE_TIMEOUT;
}

enum store_err vault_write(struct store_ctx *ctx, const char *key, const struct store_secret *value,
                           const char *if_version, struct store_record *out)
{
    struct change change = change_begin(ctx, key, if_version);
    AUTO_RECORD made = {0};
    enum store_err err = write_loop(&change, value, &made);

    change_end(&change);
    if (out == NULL)
        return err;
    store_record_clear(out);
    if (err == STORE_OK)
        store_record_share(out, &made);
    return err;
}
