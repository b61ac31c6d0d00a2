/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/file/migrate.h"
#include "core/json_record.h"
#include "core/legacy_document.h"
#include "store/log.h"
#include "store/scope.h"

#define WHY_SIZE LEGACY_WHY_SIZE

/* Up to here a copy costs less than sharing. */
#define SMALL 4000

void file_member_locate(struct file_member *member, struct json_value record, size_t offset)
{
    struct json_span span = json_span(record);
    struct record_view view;

    member->record = (uint32_t)(offset + span.start);
    member->end = (uint32_t)(member->record + span.len);
    member->damaged = record_find_parts(record, &view) != STORE_OK;
    if (member->damaged)
        return;
    span = json_span(view.value);
    member->value = (uint32_t)(offset + span.start + 1);
    member->value_end = (uint32_t)(member->value + span.len - 2);
    member->plain = json_is_plain(view.value);
    member->base64 = view.base64;
    member->created_ns = view.created_ns;
    member->updated_ns = view.updated_ns;
}

/* The members of "secrets" in their order. */
struct intake {
    struct file_document *document;
    size_t capacity; /* of its members */
};

/* Room for one more member. */
static enum store_err reserve(struct intake *intake)
{
    size_t capacity = intake->capacity == 0 ? 64 : 2 * intake->capacity;
    struct file_member *members;

    if (intake->document->count < intake->capacity)
        return STORE_OK;
    members = reallocarray(intake->document->members, capacity, sizeof *members);
    if (members == NULL)
        return STORE_NO_MEMORY;
    intake->document->members = members;
    intake->capacity = capacity;
    return STORE_OK;
}

static enum store_err add_member(void *arg, struct json_value record)
{
    struct intake *intake = arg;
    struct file_document *document = intake->document;
    char name[STORE_KEY_MAX + 1];
    struct file_member *member;

    TRY(reserve(intake));
    member = &document->members[document->count];
    *member = (struct file_member){.key = (uint32_t)json_key_span(record).start};
    file_member_locate(member, record, 0);
    if (json_key_text(record, name, sizeof name) == STORE_OK)
        TRY(file_keys_add(document->keys, name, strlen(name), (uint32_t)document->count));
    else
        document->keys->unnamed++; /* longer than a key may be */
    document->count++;
    return STORE_OK;
}

/* Makes a v2 document of the members that were added while its tree was read. */
static enum store_err finish_v2(struct file_document *document, struct json_document *tree,
                                char why[WHY_SIZE])
{
    struct json_value secrets;
    struct json_span span;
    struct file_member *members;

    TRY(legacy_document_secrets(json_root(tree), LEGACY_VERSION_MAX, &secrets, why));
    span = json_span(secrets);
    members = reallocarray(document->members, document->count + 1, sizeof *members);
    if (members != NULL) /* give spare room back: the set is complete */
        document->members = members;
    document->open = (uint32_t)span.start + 1;
    document->close = (uint32_t)(span.start + span.len - 1);
    file_mark_read(json_root(tree), &document->mark);
    store_secret_share(&document->text, json_text_of(tree));
    return file_keys_seal(document->keys);
}

/* Migrates a v1 text and makes the document of the v2 text. */
static enum store_err take_v1(struct file_document *document, const struct store_secret *text,
                              char why[WHY_SIZE])
{
    AUTO_JSON tree = NULL;
    AUTO_SECRET migrated = {0};
    bool parses;

    file_document_clear(document);
    TRY(json_read(&tree, text, NULL));
    TRY(file_migrate(json_root(tree), &migrated, why));
    TRY(file_document_read(document, &migrated, &parses, why));
    document->migrated = true;
    return STORE_OK;
}

static enum store_err add_tree(struct file_document *document, struct json_document *tree,
                               char why[WHY_SIZE])
{
    int64_t version;

    TRY(legacy_document_version(json_root(tree), &version, why));
    if (version == LEGACY_VERSION_MAX)
        return finish_v2(document, tree, why);
    return take_v1(document, json_text_of(tree), why);
}

enum store_err file_document_read(struct file_document *out, const struct store_secret *text,
                                  bool *parses, char why[WHY_SIZE])
{
    AUTO_JSON tree = NULL;
    struct intake intake = {.document = out};
    size_t where = 0;
    enum store_err err = file_keys_new(&out->keys);

    if (err == STORE_OK)
        err = json_read_members(&tree, text, "secrets", add_member, &intake, &where);
    *parses = err != STORE_CORRUPT;
    if (err == STORE_CORRUPT)
        snprintf(why, WHY_SIZE, "it is not JSON (at byte %zu of %zu)", where, text->len);
    if (err == STORE_OK)
        err = add_tree(out, tree, why);
    if (err == STORE_TOO_BIG) { /* for the caller, whose own value is not too big */
        snprintf(why, WHY_SIZE, "it is larger than %zu bytes or more than %d levels deep",
                 JSON_TEXT_MAX, JSON_DEPTH_MAX);
        err = STORE_CORRUPT;
    }
    if (err != STORE_OK)
        file_document_clear(out);
    return err;
}

enum store_err file_document_empty(struct file_document *out)
{
    static const char empty[] = "{\n  \"version\": 2,\n  \"secrets\": {}\n}\n";
    AUTO_SECRET text = {0};
    char why[WHY_SIZE];
    bool parses;

    TRY(store_secret_set(&text, empty, sizeof empty - 1));
    return file_document_read(out, &text, &parses, why);
}

enum store_err file_document_share(struct file_document *out, const struct file_document *from)
{
    struct file_member *members = calloc(from->count + 1, sizeof *members);

    if (members == NULL)
        return STORE_NO_MEMORY;
    if (from->count > 0)
        memcpy(members, from->members, from->count * sizeof *members);
    *out = *from;
    out->members = members;
    out->keys = file_keys_share(from->keys);
    out->text = (struct store_secret){0};
    store_secret_share(&out->text, &from->text);
    return STORE_OK;
}

void file_document_clear(struct file_document *document)
{
    store_secret_wipe(&document->text);
    free(document->members);
    file_keys_drop(document->keys);
    *document = (struct file_document){0};
}

enum store_err file_document_extract(const struct file_document *document,
                                     const struct file_key *key, bool copy,
                                     struct store_record *out)
{
    const struct file_member *member;
    size_t len;

    if (key == NULL)
        return document->mark.stands ? STORE_CORRUPT : STORE_NOT_FOUND;
    member = &document->members[key->member];
    if (member->damaged || key->twice)
        return STORE_CORRUPT;
    len = member->value_end - member->value;
    if (copy && member->plain && !member->base64 && len <= SMALL)
        TRY(store_secret_set(&out->value, document->text.data + member->value, len));
    else
        TRY(record_decode(&document->text, member->value, len, member->plain, member->base64,
                          &out->value));
    out->created_ns = member->created_ns;
    out->updated_ns = member->updated_ns;
    out->stale = false;
    record_version(member->updated_ns, out->version);
    return STORE_OK;
}

/* A write repairs a record, but a removal reads it first, and fails. */
void file_record_complain(const char *key, bool twice)
{
    if (twice)
        store_log(STORE_LOG_ERROR, "file: %s has %s twice; remove one of the two by hand",
                  FILE_NAME, key);
    else
        store_log(STORE_LOG_ERROR,
                  "file: the record of %s is damaged; set the secret, or repair the record by hand",
                  key);
}
