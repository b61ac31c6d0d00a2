/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/edit.h"

#include <stdlib.h>
#include <string.h>

#include "core/json_record.h"
#include "store/log.h"
#include "store/time.h"

/* The state of a key at this point of the plan. */
struct present {
    struct file_edit *edit; /* an earlier edit of it; NULL: none */
    bool exists;
    bool damaged;
    uint32_t member;
    int64_t created_ns;
    int64_t updated_ns;
    struct store_secret record; /* its text */
};

static struct file_edit *edit_of(struct file_edits *edits, const char *key)
{
    for (size_t i = 0; i < edits->count; i++)
        if (strcmp(edits->list[i].key, key) == 0)
            return &edits->list[i];
    return NULL;
}

static struct present look_up(struct file_edits *edits, const struct file_document *base,
                              const char *key)
{
    struct present present = {.edit = edit_of(edits, key), .member = FILE_NEW_MEMBER};
    const struct file_key *found = file_keys_find(base->keys, key);
    const struct file_member *member = NULL;

    if (found != NULL)
        present.member = found->member;
    if (present.edit != NULL) {
        member = &present.edit->parts;
        present.exists = present.edit->record.len > 0;
        store_secret_share(&present.record, &present.edit->record);
    } else if (found != NULL) {
        member = &base->members[found->member];
        present.exists = true;
        store_secret_slice(&present.record, &base->text, member->record,
                           member->end - member->record);
    }
    if (present.exists) {
        present.damaged = member->damaged;
        present.created_ns = member->created_ns;
        present.updated_ns = member->updated_ns;
    }
    return present;
}

/* Checks that the operation may go ahead. A secret that may be in a damaged file neither exists nor
 * not. */
static enum store_err check(const struct present *present, const struct file_mark *mark,
                            const struct file_op *op)
{
    char version[STORE_VERSION_SIZE];

    if (!present->exists && mark->stands && (op->value == NULL || op->if_version != NULL)) {
        file_mark_complain(mark, op->key);
        return STORE_CORRUPT;
    }
    if (op->value == NULL && !present->exists)
        return STORE_NOT_FOUND;
    if (store_version_compares(op->if_version) && strcmp(op->if_version, "0") != 0 &&
        present->exists && present->damaged) {
        store_log(STORE_LOG_ERROR,
                  "file: the record of %s is damaged, so its version cannot be compared; set it "
                  "without one",
                  op->key);
        return STORE_CORRUPT;
    }
    record_version(present->updated_ns, version);
    return store_version_check(op->if_version, present->exists, version);
}

/* Makes the record's text and the offsets of its parts. */
static enum store_err write_record(const struct present *present, const struct file_op *op,
                                   struct file_edit *edit)
{
    int64_t updated_ns = record_next_time(present->updated_ns);
    int64_t created_ns = present->created_ns != 0   ? present->created_ns
                         : present->updated_ns != 0 ? present->updated_ns
                                                    : updated_ns;
    struct json_value none = {0};
    AUTO_JSON old = NULL;
    AUTO_JSON fresh = NULL;

    if (present->exists)
        TRY(json_read(&old, &present->record, NULL));
    TRY(record_text(old == NULL ? none : json_root(old), op->value, created_ns, updated_ns,
                    &edit->record));
    TRY(json_read(&fresh, &edit->record, NULL));
    file_member_locate(&edit->parts, json_root(fresh), 0);
    if (op->out != NULL) {
        store_record_clear(op->out);
        op->out->created_ns = created_ns;
        op->out->updated_ns = updated_ns;
        record_version(updated_ns, op->out->version);
    }
    return STORE_OK;
}

static void edit_clear(struct file_edit *edit)
{
    store_secret_wipe(&edit->quoted);
    store_secret_wipe(&edit->record);
}

/* Makes the edit for an operation that may go ahead. */
static enum store_err make_edit(const struct present *present, const struct file_op *op,
                                struct file_edit *edit)
{
    if (op->value != NULL)
        TRY(write_record(present, op, edit));
    if (present->member == FILE_NEW_MEMBER)
        TRY(json_append_string(&edit->quoted, op->key, strlen(op->key)));
    return STORE_OK;
}

static enum store_err plan_one(struct file_edits *edits, const struct file_document *base,
                               const struct present *present, struct file_op *op)
{
    const struct file_key *found = file_keys_find(base->keys, op->key);
    struct file_edit fresh = {.key = op->key, .member = present->member};
    struct file_edit *edit = present->edit;
    enum store_err err;

    if (found != NULL && found->twice) {
        file_record_complain(op->key, true);
        return STORE_CORRUPT;
    }
    TRY(check(present, &base->mark, op));
    err = make_edit(present, op, &fresh);
    if (err != STORE_OK) {
        edit_clear(&fresh);
        return err;
    }
    if (edit == NULL)
        edit = &edits->list[edits->count++];
    edit_clear(edit);
    *edit = fresh;
    return STORE_OK;
}

enum store_err file_edits_plan(struct file_edits *edits, const struct file_document *base,
                               struct file_op *ops)
{
    size_t count = 0;

    for (const struct file_op *op = ops; op != NULL; op = op->next)
        count++;
    *edits = (struct file_edits){.list = calloc(count + 1, sizeof *edits->list)};
    if (edits->list == NULL)
        return STORE_NO_MEMORY;
    for (struct file_op *op = ops; op != NULL; op = op->next) {
        struct present present;
        op->err = STORE_OK;
        if (op->key == NULL)
            continue;
        present = look_up(edits, base, op->key);
        op->err = plan_one(edits, base, &present, op);
        store_secret_wipe(&present.record);
    }
    return STORE_OK;
}

void file_edits_clear(struct file_edits *edits)
{
    for (size_t i = 0; i < edits->count; i++)
        edit_clear(&edits->list[i]);
    free(edits->list);
    *edits = (struct file_edits){0};
}
