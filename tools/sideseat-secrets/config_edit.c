/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/config_edit.h"

#include <string.h>

#include "core/json.h"
#include "tools/sideseat-secrets/label.h"

/* Where the text changes: `gone` bytes at `at`. */
struct change {
    size_t at;
    size_t gone;
    struct store_secret text; /* in their place */
};

/* The value as JSON: as it is, or quoted. */
static enum store_err add_value(struct store_secret *out, const char *value)
{
    AUTO_JSON document = NULL;
    AUTO_SECRET text = {0};
    enum store_err err;

    TRY(store_secret_set(&text, value, strlen(value)));
    err = json_read(&document, &text, NULL);
    if (err == STORE_OK)
        return store_secret_append(out, text.data, text.len);
    return err == STORE_NO_MEMORY ? err : json_append_string(out, value, strlen(value));
}

/* "vault": {"address": VALUE} for the rest of the path. */
static enum store_err add_members(struct store_secret *out, const char *path, const char *value)
{
    const char *dot = strchr(path, '.');

    TRY(json_append_string(out, path, dot == NULL ? strlen(path) : (size_t)(dot - path)));
    TRY(store_secret_append(out, ": ", 2));
    if (dot == NULL)
        return add_value(out, value);
    TRY(store_secret_append(out, "{", 1));
    TRY(add_members(out, dot + 1, value));
    return store_secret_append(out, "}", 1);
}

/* Puts the rest of the path at the end of an object, with the white space of its last member. */
static enum store_err add_to(struct json_value object, const struct store_secret *text,
                             const char *path, const char *value, struct change *change)
{
    struct json_value last = json_first(object);
    struct json_span span = json_span(object);
    size_t start;
    size_t space = 0;

    if (last.document == NULL) {
        change->at = span.start;
        change->gone = span.len;
        TRY(store_secret_append(&change->text, "{", 1));
        TRY(add_members(&change->text, path, value));
        return store_secret_append(&change->text, "}", 1);
    }
    for (struct json_value next = json_next(last); next.document != NULL; next = json_next(last))
        last = next;
    span = json_span(last);
    start = json_key_span(last).start;
    while (start > space && memchr(" \t\r\n", text->data[start - space - 1], 4) != NULL)
        space++;
    change->at = span.start + span.len;
    TRY(store_secret_append(&change->text, ",", 1));
    TRY(store_secret_append(&change->text, text->data + start - space, space));
    return add_members(&change->text, path, value);
}

/* CORRUPT if a part of the path is there, but is not an object. */
static enum store_err find_change(struct json_value at, const struct store_secret *text,
                                  const char *path, const char *value, struct change *change)
{
    char name[LABEL_SIZE];

    for (const char *dot = path;; path = dot + 1) {
        struct json_value member;
        size_t len;

        dot = strchr(path, '.');
        len = dot == NULL ? strlen(path) : (size_t)(dot - path);
        if (json_type(at) != JSON_OBJECT || len == 0 || len >= sizeof name)
            return STORE_CORRUPT;
        memcpy(name, path, len);
        name[len] = '\0';
        member = json_member(at, name);
        if (json_type(member) == JSON_ABSENT)
            return add_to(at, text, path, value, change);
        if (json_type(member) == JSON_DUPLICATE)
            return STORE_CORRUPT;
        if (dot == NULL) {
            change->at = json_span(member).start;
            change->gone = json_span(member).len;
            return add_value(&change->text, value);
        }
        at = member;
    }
}

static enum store_err splice(const struct store_secret *text, const struct change *change,
                             struct store_secret *out)
{
    size_t rest = change->at + change->gone;

    TRY(store_secret_set(out, text->data, change->at));
    TRY(store_secret_append(out, change->text.data, change->text.len));
    return store_secret_append(out, text->data + rest, text->len - rest);
}

enum outcome config_edit(const char *file, const struct store_secret *from, const char *path,
                         const char *value, struct store_secret *out)
{
    AUTO_JSON document = NULL;
    struct change change = {0};
    size_t where = 0;
    enum store_err err = json_read(&document, from, &where);

    if (err != STORE_OK && err != STORE_NO_MEMORY) {
        outcome_print("%s is not JSON, from byte %zu on", file, where + 1);
        return OUTCOME_USAGE;
    }
    if (err == STORE_OK)
        err = find_change(json_root(document), json_text_of(document), path, value, &change);
    if (err == STORE_OK)
        err = splice(json_text_of(document), &change, out);
    store_secret_wipe(&change.text);
    if (err == STORE_OK)
        return OUTCOME_OK;
    if (err == STORE_NO_MEMORY)
        return outcome_no_memory();
    outcome_print("%s: %s has a part that is not an object or is there twice, or the value is not "
                  "UTF-8",
                  file, path);
    return OUTCOME_USAGE;
}
