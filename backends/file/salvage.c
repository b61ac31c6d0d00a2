/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/salvage.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/file/keys.h"
#include "backends/file/mark.h"
#include "backends/file/migrate.h"
#include "backends/file/scan.h"
#include "core/json_record.h"
#include "store/scope.h"

/* A key without a whole record. */
#define NO_RECORD UINT32_MAX

/* A whole record. */
struct found {
    size_t start;
    size_t len;
    bool flat;  /* its name is one of version 1 */
    bool plain; /* it is a string, as version 1 had some */
};

struct salvage {
    const struct store_secret *text;
    struct file_keys *keys; /* each one's member is an index of `list`, or NO_RECORD */
    struct found *list;
    size_t count;
    size_t capacity;
    struct store_secret older; /* the names that the damaged file itself replaced, as JSON strings
                                * with commas */
};

static enum store_err reserve(struct salvage *salvage)
{
    size_t capacity = salvage->capacity == 0 ? 64 : 2 * salvage->capacity;
    struct found *list;

    if (salvage->count < salvage->capacity)
        return STORE_OK;
    list = reallocarray(salvage->list, capacity, sizeof *list);
    if (list == NULL)
        return STORE_NO_MEMORY;
    salvage->list = list;
    salvage->capacity = capacity;
    return STORE_OK;
}

/* True if a record has a member with the name of a secret: then it is not a record, or it lost its
 * end and contains the records after it. */
static bool swallows(struct json_value record)
{
    for (struct json_value v = json_first(record); v.document != NULL; v = json_next(v)) {
        char name[STORE_KEY_MAX + 1];
        if (json_key_text(v, name, sizeof name) == STORE_OK &&
            store_scope_parse(name, strlen(name), NULL) == STORE_OK)
            return true;
    }
    return false;
}

/* Sets `out` if a value is a record that can be read to its last byte. */
static enum store_err is_record(const struct scan_member *member, bool *out)
{
    struct json_value root = json_root(member->whole);
    AUTO_RECORD record = {0};
    enum store_err err = STORE_CORRUPT;

    if (member->whole != NULL && member->plain && member->may_be_flat)
        err = json_bytes(root, &record.value);
    else if (member->whole != NULL && !swallows(root) && !swallows(json_member(root, "metadata")))
        err = record_parse(root, &record);
    *out = err == STORE_OK && record.value.len > 0;
    return err == STORE_CORRUPT ? STORE_OK : err;
}

/* Records a member in the place of a record. */
static enum store_err note(void *arg, const struct scan_member *member, enum scan_verdict *verdict)
{
    struct salvage *salvage = arg;
    bool flat = store_scope_parse(member->name, strlen(member->name), NULL) != STORE_OK;
    char key[STORE_KEY_MAX + 1];
    bool whole;

    if ((flat && (!member->may_be_flat || strchr(member->name, '/') != NULL)) ||
        store_scope_complete(member->name, strlen(member->name), key) != STORE_OK)
        return STORE_OK;
    TRY(is_record(member, &whole));
    if (!whole && flat)
        return STORE_OK;
    *verdict = whole ? SCAN_TAKEN : SCAN_DAMAGED;
    if (!whole)
        return file_keys_add(salvage->keys, key, strlen(key), NO_RECORD);
    TRY(reserve(salvage));
    TRY(file_keys_add(salvage->keys, key, strlen(key), (uint32_t)salvage->count));
    salvage->list[salvage->count++] =
        (struct found){member->start, member->end - member->start, flat, member->plain};
    return STORE_OK;
}

static enum store_err put(struct store_secret *out, const char *text)
{
    return store_secret_append(out, text, strlen(text));
}

static enum store_err keep_name(struct salvage *salvage, struct json_value name)
{
    AUTO_SECRET raw = {0};

    if (json_type(name) != JSON_STRING)
        return STORE_OK;
    json_raw(name, &raw);
    TRY(put(&salvage->older, ", "));
    return store_secret_append(&salvage->older, raw.data, raw.len);
}

/* Keeps the names of a mark, which is a string or a list of them. */
static enum store_err note_replaced(void *arg, struct json_value mark)
{
    struct salvage *salvage = arg;
    bool list = json_type(mark) == JSON_ARRAY;

    if (!list)
        return keep_name(salvage, mark);
    for (struct json_value v = json_first(mark); v.document != NULL; v = json_next(v))
        TRY(keep_name(salvage, v));
    return STORE_OK;
}

static enum store_err put_record(const struct salvage *salvage, const struct found *found,
                                 struct store_secret *out)
{
    AUTO_SECRET raw = {0};
    AUTO_SECRET record = {0};
    AUTO_JSON document = NULL;
    struct json_writer *w;
    enum store_err err;

    store_secret_slice(&raw, salvage->text, found->start, found->len);
    TRY(json_read(&document, &raw, NULL));
    TRY(json_write_begin(&w));
    err = file_write_record(w, json_root(document));
    if (err != STORE_OK) {
        json_write_drop(w);
        return err;
    }
    TRY(json_write_end(w, &record));
    return store_secret_append(out, record.data, record.len);
}

static enum store_err put_mark(const struct salvage *salvage, const char *backup, size_t saved,
                               struct store_secret *out)
{
    char number[24];
    bool list = salvage->older.len > 0;

    snprintf(number, sizeof number, "%zu", saved);
    TRY(put(out, "  \"" FILE_MARK "\": "));
    TRY(put(out, list ? "[" : ""));
    TRY(json_append_string(out, backup, strlen(backup)));
    if (list)
        TRY(store_secret_append(out, salvage->older.data, salvage->older.len));
    TRY(put(out, list ? "],\n  \"" FILE_MARK_SAVED "\": " : ",\n  \"" FILE_MARK_SAVED "\": "));
    TRY(put(out, number));
    return put(out, ",\n");
}

/* The record of a key; NULL if it must not be saved. */
static const struct found *record_of(const struct salvage *salvage, const struct file_key *key,
                                     int64_t version)
{
    const struct found *found;

    if (key->twice || key->member == NO_RECORD || version > 2)
        return NULL;
    found = &salvage->list[key->member];
    return version == 2 && (found->flat || found->plain) ? NULL : found;
}

static enum store_err put_document(const struct salvage *salvage, const char *backup,
                                   int64_t version, struct store_secret *out, size_t *saved)
{
    const struct file_keys *keys = salvage->keys;
    bool first = true;

    *saved = 0;
    for (size_t i = 0; i < keys->count; i++)
        *saved += record_of(salvage, &keys->list[i], version) != NULL;
    TRY(put(out, "{\n  \"version\": 2,\n"));
    TRY(put_mark(salvage, backup, *saved, out));
    TRY(put(out, "  \"secrets\": {"));
    for (size_t i = 0; i < keys->count; i++) {
        const struct found *found = record_of(salvage, &keys->list[i], version);
        if (found == NULL)
            continue;
        TRY(put(out, first ? "\n    " : ",\n    "));
        first = false;
        TRY(json_append_string(out, keys->list[i].name, strlen(keys->list[i].name)));
        TRY(put(out, ": "));
        TRY(put_record(salvage, found, out));
    }
    return put(out, first ? "}\n}\n" : "\n  }\n}\n");
}

enum store_err file_salvage(const struct store_secret *damaged, const char *backup,
                            int64_t deadline_ns, struct store_secret *out, size_t *saved)
{
    struct salvage salvage = {.text = damaged};
    AUTO_SECRET text = {0};
    int64_t version = 0;
    enum store_err err = file_keys_new(&salvage.keys);

    if (err == STORE_OK)
        err = scan_members(damaged, note, note_replaced, &salvage, deadline_ns, &version);
    if (err == STORE_OK)
        err = file_keys_seal(salvage.keys);
    if (err == STORE_OK)
        err = put_document(&salvage, backup, version, &text, saved);
    if (err == STORE_OK)
        store_secret_move(out, &text);
    file_keys_drop(salvage.keys);
    free(salvage.list);
    store_secret_wipe(&salvage.older);
    return err;
}
