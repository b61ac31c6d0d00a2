/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/edit.h"

#include <stdlib.h>
#include <string.h>

#include "store/log.h"

/* A new text under construction. */
struct splice {
    const struct file_document *base;
    struct file_document *out;
    unsigned char *bytes; /* of the new text */
    size_t used;
    size_t taken;       /* the length of the old text that was copied or left out */
    int64_t shift;      /* new offset less old, for the next copy */
    uint32_t first_new; /* the index of the first new member */
    uint32_t *moved;    /* the new index of each old member; FILE_NEW_MEMBER: removed */
};

static void put(struct splice *s, const void *data, size_t len)
{
    memcpy(s->bytes + s->used, data, len);
    s->used += len;
}

/* Copies the old text up to `offset`. */
static void copy_to(struct splice *s, size_t offset)
{
    if (offset <= s->taken)
        return;
    put(s, s->base->text.data + s->taken, offset - s->taken);
    s->taken = offset;
}

static void skip_to(struct splice *s, size_t offset)
{
    s->taken = offset;
    s->shift = (int64_t)s->used - (int64_t)offset;
}

static uint32_t shifted(const struct splice *s, uint32_t offset)
{
    return (uint32_t)((int64_t)offset + s->shift);
}

/* Keeps an old member. Its bytes are copied later, with the text around it. */
static void keep(struct splice *s, uint32_t index)
{
    struct file_member *member = &s->out->members[s->out->count];

    *member = s->base->members[index];
    member->key = shifted(s, member->key);
    member->record = shifted(s, member->record);
    member->end = shifted(s, member->end);
    member->value = shifted(s, member->value);
    member->value_end = shifted(s, member->value_end);
    s->moved[index] = (uint32_t)s->out->count++;
}

/* Writes a record; the member's key is at `key` of the new text. */
static void put_record(struct splice *s, const struct file_edit *edit, uint32_t key)
{
    struct file_member *member = &s->out->members[s->out->count++];
    uint32_t start = (uint32_t)s->used;

    *member = edit->parts;
    member->key = key;
    member->record = start;
    member->end = start + edit->parts.end;
    member->value = start + edit->parts.value;
    member->value_end = start + edit->parts.value_end;
    put(s, edit->record.data, edit->record.len);
}

static void replace(struct splice *s, const struct file_edit *edit, uint32_t index)
{
    const struct file_member *old = &s->base->members[index];
    uint32_t key = shifted(s, old->key);

    copy_to(s, old->record);
    s->moved[index] = (uint32_t)s->out->count;
    put_record(s, edit, key);
    skip_to(s, old->end);
}

/* Leaves a member out, with the comma before it, or the one after it if it is the first. */
static void leave_out(struct splice *s, uint32_t index)
{
    const struct file_member *members = s->base->members;

    s->moved[index] = FILE_NEW_MEMBER;
    if (s->out->count > 0) {
        copy_to(s, members[index - 1].end);
        skip_to(s, members[index].end);
    } else {
        copy_to(s, members[index].key);
        skip_to(s, index + 1 < s->base->count ? members[index + 1].key : members[index].end);
    }
}

/* Writes the white space before a new member, as before the first old one. */
static void put_indent(struct splice *s)
{
    const struct file_document *base = s->base;

    if (base->count == 0)
        put(s, "\n    ", 5);
    else
        put(s, base->text.data + base->open, base->members[0].key - base->open);
}

static bool is_new(const struct file_edit *edit)
{
    return edit->member == FILE_NEW_MEMBER && edit->record.len > 0;
}

/* Adds new members after the last one. */
static void put_new(struct splice *s, const struct file_edits *edits)
{
    const struct file_document *base = s->base;

    copy_to(s, base->count == 0 ? base->open : base->members[base->count - 1].end);
    s->first_new = (uint32_t)s->out->count;
    for (size_t i = 0; i < edits->count; i++) {
        const struct file_edit *edit = &edits->list[i];
        uint32_t key;
        if (!is_new(edit))
            continue;
        if (s->out->count > 0)
            put(s, ",", 1);
        if (s->out->count > 0 || base->count == 0)
            put_indent(s);
        key = (uint32_t)s->used;
        put(s, edit->quoted.data, edit->quoted.len);
        put(s, ": ", 2);
        put_record(s, edit, key);
    }
    if (base->count == 0 && s->out->count > 0) {
        put(s, "\n  ", 3);
        skip_to(s, base->close);
    }
    skip_to(s, s->taken);
}

static int compare(const void *a, const void *b)
{
    const struct file_edit *const *left = a;
    const struct file_edit *const *right = b;

    return (*left)->member < (*right)->member ? -1 : (*left)->member > (*right)->member;
}

/* The edits of old members in their order, then those of new ones. */
static const struct file_edit **sort_edits(const struct file_edits *edits)
{
    const struct file_edit **sorted = calloc(edits->count + 1, sizeof *sorted);

    if (sorted == NULL)
        return NULL;
    for (size_t i = 0; i < edits->count; i++)
        sorted[i] = &edits->list[i];
    qsort(sorted, edits->count, sizeof *sorted, compare);
    return sorted;
}

/* Writes the whole new text and records its members. */
static enum store_err splice(struct splice *s, const struct file_edits *edits)
{
    const struct file_edit **sorted = sort_edits(edits);
    size_t next = 0;

    if (sorted == NULL)
        return STORE_NO_MEMORY;
    for (uint32_t i = 0; i < s->base->count; i++) {
        const struct file_edit *edit = next < edits->count ? sorted[next] : NULL;
        if (edit == NULL || edit->member != i) {
            keep(s, i);
            continue;
        }
        next++;
        if (edit->record.len > 0)
            replace(s, edit, i);
        else
            leave_out(s, i);
    }
    free(sorted);
    put_new(s, edits);
    s->out->mark = s->base->mark;
    s->out->open = s->base->open;
    s->out->close = shifted(s, s->base->close);
    copy_to(s, s->base->text.len);
    return STORE_OK;
}

/* The new document's keys: the old set if no key was added or removed. */
static enum store_err make_keys(struct splice *s, const struct file_edits *edits)
{
    const struct file_keys *old = s->base->keys;
    uint32_t index = s->first_new;
    bool same = true;

    for (size_t i = 0; i < edits->count; i++)
        same = same && edits->list[i].member != FILE_NEW_MEMBER && edits->list[i].record.len > 0;
    if (same) {
        s->out->keys = file_keys_share(s->base->keys);
        return STORE_OK;
    }
    TRY(file_keys_new(&s->out->keys));
    s->out->keys->unnamed = old->unnamed;
    for (size_t i = 0; i < old->count; i++)
        if (s->moved[old->list[i].member] != FILE_NEW_MEMBER)
            TRY(file_keys_copy(s->out->keys, &old->list[i], s->moved[old->list[i].member]));
    for (size_t i = 0; i < edits->count; i++) {
        const char *key = edits->list[i].key;
        if (is_new(&edits->list[i]))
            TRY(file_keys_add(s->out->keys, key, strlen(key), index++));
    }
    return file_keys_seal(s->out->keys);
}

/* An upper bound for the new text's length. */
static size_t room_for(const struct file_document *base, const struct file_edits *edits)
{
    size_t indent = base->count == 0 ? 5 : base->members[0].key - base->open;
    size_t size = base->text.len + 8;

    for (size_t i = 0; i < edits->count; i++)
        size += edits->list[i].record.len + edits->list[i].quoted.len + indent + 8;
    return size;
}

static enum store_err apply(struct splice *s, const struct file_edits *edits)
{
    size_t room = room_for(s->base, edits);

    if (room > JSON_TEXT_MAX) {
        store_log(STORE_LOG_ERROR, "file: the file would have %zu bytes; the limit is %zu", room,
                  JSON_TEXT_MAX);
        return STORE_TOO_BIG;
    }
    s->moved = calloc(s->base->count + 1, sizeof *s->moved);
    s->out->members = calloc(s->base->count + edits->count + 1, sizeof *s->out->members);
    if (s->moved == NULL || s->out->members == NULL)
        return STORE_NO_MEMORY;
    TRY(store_secret_resize(&s->out->text, room, &s->bytes));
    TRY(splice(s, edits));
    TRY(store_secret_resize(&s->out->text, s->used, &s->bytes));
    return make_keys(s, edits);
}

enum store_err file_edits_apply(struct file_document *out, const struct file_document *base,
                                const struct file_edits *edits)
{
    struct splice s = {.base = base, .out = out};
    enum store_err err = apply(&s, edits);

    free(s.moved);
    if (err != STORE_OK)
        file_document_clear(out);
    return err;
}
