/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/document.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/file/migrate.h"
#include "backends/record/record.h"

#define VERSION 2
#define WHY_SIZE 128

/* Up to here a copy costs less than sharing. */
#define SMALL 4000

/* How much of a value is worth asking memory for ahead; the processor goes on by itself. */
#define EXPECTED 256

void file_member_look(struct file_member *member, struct json_value record, size_t offset)
{
    struct json_span span = json_span(record);
    struct record_view view;

    member->record = (uint32_t)(offset + span.start);
    member->end = (uint32_t)(member->record + span.len);
    member->damaged = record_look(record, &view) != STORE_OK;
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

/* Fills in the members and their keys. */
static enum store_err index_members(struct file_document *document, struct json_value secrets)
{
    size_t names_size = 0;
    struct json_value v;

    for (v = json_first(secrets); v.document != NULL; v = json_next(v))
        names_size += json_key_span(v).len;
    document->members = calloc(json_count(secrets) + 1, sizeof *document->members);
    if (document->members == NULL)
        return STORE_NO_MEMORY;
    TRY(file_keys_new(&document->keys, json_count(secrets), names_size));
    for (v = json_first(secrets); v.document != NULL; v = json_next(v)) {
        struct file_member *member = &document->members[document->count];
        AUTO_SECRET name = {0};
        member->key = (uint32_t)json_key_span(v).start;
        file_member_look(member, v, 0);
        if (json_key(v, &name) == STORE_OK && name.len > 0)
            file_keys_add(document->keys, (const char *)name.data, name.len,
                          (uint32_t)document->count);
        document->count++;
    }
    file_keys_seal(document->keys);
    return STORE_OK;
}

/* Takes a v2 document's parts from its tree. */
static enum store_err take_v2(struct file_document *document, struct json_document *tree,
                              char why[WHY_SIZE])
{
    struct json_value secrets = json_member(json_root(tree), "secrets");
    struct json_span span = json_span(secrets);

    if (json_type(secrets) != JSON_OBJECT) {
        snprintf(why, WHY_SIZE, "it has no object \"secrets\"");
        return STORE_CORRUPT;
    }
    document->open = (uint32_t)span.start + 1;
    document->close = (uint32_t)(span.start + span.len - 1);
    store_secret_share(&document->text, json_text_of(tree));
    return index_members(document, secrets);
}

static enum store_err take_v1(struct file_document *document, struct json_document *tree,
                              char why[WHY_SIZE])
{
    AUTO_JSON migrated = NULL;
    AUTO_SECRET text = {0};

    TRY(file_migrate(json_root(tree), &text, why));
    TRY(json_read(&migrated, &text, NULL));
    document->migrated = true;
    return take_v2(document, migrated, why);
}

static enum store_err take_tree(struct file_document *document, struct json_document *tree,
                                char why[WHY_SIZE])
{
    struct json_value version = json_member(json_root(tree), "version");
    int64_t number = 1;

    if (json_type(json_root(tree)) != JSON_OBJECT) {
        snprintf(why, WHY_SIZE, "it is JSON, but no object");
        return STORE_CORRUPT;
    }
    if (json_type(version) != JSON_ABSENT && json_whole(version, &number) != STORE_OK) {
        snprintf(why, WHY_SIZE, "its \"version\" is no number");
        return STORE_CORRUPT;
    }
    if (number > VERSION) {
        snprintf(why, WHY_SIZE, "its version is %" PRId64 ", newer than %d", number, VERSION);
        return STORE_UNAVAILABLE;
    }
    return number == VERSION ? take_v2(document, tree, why) : take_v1(document, tree, why);
}

enum store_err file_document_read(struct file_document *out, const struct store_secret *text,
                                  bool *parses, char why[WHY_SIZE])
{
    AUTO_JSON tree = NULL;
    size_t where = 0;
    enum store_err err = json_read(&tree, text, &where);

    *parses = err != STORE_CORRUPT;
    if (err == STORE_CORRUPT)
        snprintf(why, WHY_SIZE, "it is not JSON (at byte %zu of %zu)", where, text->len);
    else if (err == STORE_TOO_BIG)
        snprintf(why, WHY_SIZE, "it is larger than %zu bytes or more than %d levels deep",
                 JSON_TEXT_MAX, JSON_DEPTH_MAX);
    if (err == STORE_OK)
        err = take_tree(out, tree, why);
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

void file_document_expect(const struct file_document *document, const struct file_key *key)
{
    const struct file_member *member = key == NULL ? NULL : &document->members[key->member];

    for (uint32_t i = 0; member != NULL && i < EXPECTED && member->value + i < member->value_end;
         i += 64)
        __builtin_prefetch(document->text.data + member->value + i);
}

enum store_err file_document_take(const struct file_document *document, const struct file_key *key,
                                  bool copy, struct store_record *out)
{
    const struct file_member *member;
    size_t len;

    if (key == NULL)
        return STORE_NOT_FOUND;
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
