/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/migrate.h"

#include <stdio.h>
#include <string.h>

#include "backends/file/keys.h"
#include "core/json_record.h"
#include "core/legacy_document.h"
#include "store/log.h"
#include "store/scope.h"
#include "store/time.h"

/* True if a record has both times, valid or not. */
static bool is_dated(struct json_value record)
{
    struct json_value metadata = json_member(record, "metadata");

    return json_type(json_member(metadata, "created_at")) == JSON_STRING &&
           json_type(json_member(metadata, "updated_at")) == JSON_STRING;
}

enum store_err file_write_record(struct json_writer *w, struct json_value record)
{
    AUTO_RECORD taken = {0};
    AUTO_SECRET raw = {0};
    int64_t now = store_time_now();
    bool plain = json_type(record) == JSON_STRING;
    enum store_err err = STORE_CORRUPT;

    if (plain)
        err = json_bytes(record, &taken.value);
    else if (!is_dated(record))
        err = record_parse(record, &taken);
    if (err != STORE_OK && err != STORE_CORRUPT)
        return err;
    if (taken.value.len == 0) {
        json_raw(record, &raw);
        json_write_raw(w, &raw);
        return STORE_OK;
    }
    if (taken.created_ns == 0)
        taken.created_ns = taken.updated_ns != 0 ? taken.updated_ns : now;
    if (taken.updated_ns == 0)
        taken.updated_ns = taken.created_ns;
    return record_write(w, plain ? (struct json_value){0} : record, &taken.value, taken.created_ns,
                        taken.updated_ns);
}

/* Writes a secret under the name it has in v2. `keys` are the names that are scope keys already. */
static enum store_err write_secret(struct json_writer *w, const struct file_keys *keys,
                                   struct json_value member)
{
    char key[STORE_KEY_MAX + 1];
    AUTO_SECRET name = {0};

    TRY(json_key(member, &name));
    if (name.len > 0 && memchr(name.data, '/', name.len) == NULL &&
        store_scope_complete((const char *)name.data, name.len, key) == STORE_OK) {
        if (file_keys_find(keys, key) == NULL) {
            json_write_text(w, key);
            return file_write_record(w, member);
        }
        store_log(STORE_LOG_WARNING,
                  "file: the secret \"%s\" of a v1 file keeps its old name, under which it cannot "
                  "be found, because %s exists already; remove one of the two by hand",
                  key + sizeof "global/" - 1, key);
    }
    json_write_key_bytes(w, name.data, name.len);
    return file_write_record(w, member);
}

static enum store_err collect_keys(struct file_keys *keys, struct json_value secrets)
{
    for (struct json_value v = json_first(secrets); v.document != NULL; v = json_next(v)) {
        AUTO_SECRET name = {0};
        TRY(json_key(v, &name));
        TRY(file_keys_add(keys, (const char *)name.data, name.len, 0));
    }
    return file_keys_seal(keys);
}

static enum store_err write_secrets(struct json_writer *w, struct json_value secrets)
{
    struct file_keys *keys;
    enum store_err err;

    TRY(file_keys_new(&keys));
    err = collect_keys(keys, secrets);
    json_write_object(w);
    for (struct json_value v = json_first(secrets); err == STORE_OK && v.document != NULL;
         v = json_next(v))
        err = write_secret(w, keys, v);
    json_write_object_end(w);
    file_keys_drop(keys);
    return err;
}

/* `secrets` is a member of `v1`, or `v1` itself, whose members are all secrets then. */
static enum store_err write_document(struct json_writer *w, struct json_value v1,
                                     struct json_value secrets)
{
    static const char *const ours[] = {"version", "secrets", NULL};

    json_write_object(w);
    json_write_key(w, "version");
    json_write_integer(w, 2);
    json_write_key(w, "secrets");
    TRY(write_secrets(w, secrets));
    if (secrets.node != v1.node)
        TRY(json_write_members(w, v1, ours));
    json_write_object_end(w);
    return STORE_OK;
}

enum store_err file_migrate(struct json_value v1, struct store_secret *out, char why[128])
{
    struct json_value secrets;
    struct json_writer *w;
    enum store_err err;

    TRY(legacy_document_secrets(v1, 1, &secrets, why));
    TRY(json_write_begin(&w));
    err = write_document(w, v1, secrets);
    if (err == STORE_OK)
        return json_write_end(w, out);
    snprintf(why, 128, "one of its names cannot be read");
    json_write_drop(w);
    return err;
}
