/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/mark.h"

#include <stdio.h>
#include <string.h>

#include "store/log.h"
#include "store/utf8.h"

/* Adds a name to the list of them, as far as there is room. */
static void add_name(struct file_mark *mark, struct json_value value)
{
    size_t used = strlen(mark->backups);
    char name[128];

    if (json_text(value, name, sizeof name) != STORE_OK || name[0] == '\0')
        return;
    store_utf8_defuse(name);
    snprintf(mark->backups + used, sizeof mark->backups - used, "%s%s", used == 0 ? "" : ", ",
             name);
}

void file_mark_read(struct json_value root, struct file_mark *out)
{
    struct json_value mark = json_member(root, FILE_MARK);
    enum json_type type = json_type(mark);

    *out = (struct file_mark){.stands = type != JSON_ABSENT && type != JSON_NULL, .saved = -1};
    if (!out->stands)
        return;
    if (json_whole(json_member(root, FILE_MARK_SAVED), &out->saved) != STORE_OK)
        out->saved = -1;
    if (type == JSON_STRING)
        add_name(out, mark);
    for (struct json_value v = json_first(mark); type == JSON_ARRAY && v.document != NULL;
         v = json_next(v))
        add_name(out, v);
    if (out->backups[0] == '\0')
        snprintf(out->backups, sizeof out->backups, "file without a name");
}

void file_mark_describe(const struct file_mark *mark, const char *path,
                        struct file_trouble *trouble)
{
    char saved[24] = "?";

    if (mark->saved >= 0)
        snprintf(saved, sizeof saved, "%lld", (long long)mark->saved);
    snprintf(trouble->why, sizeof trouble->why,
             "%s replaces the damaged %.150s; secrets saved from that: %s", FILE_NAME,
             mark->backups, saved);
    snprintf(trouble->remedy, sizeof trouble->remedy,
             "look in there for secrets that %.90s lacks and set them, then: sideseat-secrets "
             "accept-loss",
             path);
}

void file_mark_complain(const struct file_mark *mark, const char *key)
{
    store_log(STORE_LOG_ERROR,
              "file: %s is not in secrets.json, but may be in the damaged %s, which secrets.json "
              "replaces; look there and set the secret, or accept the loss with: sideseat-secrets "
              "accept-loss",
              key, mark->backups);
}

enum store_err file_mark_end(const struct store_secret *text, struct store_secret *out)
{
    static const char *const mark[] = {FILE_MARK, FILE_MARK_SAVED, NULL};
    AUTO_JSON document = NULL;
    struct json_writer *w;
    enum store_err err;

    TRY(json_read(&document, text, NULL));
    if (json_type(json_root(document)) != JSON_OBJECT)
        return STORE_CORRUPT;
    TRY(json_write_begin(&w));
    json_write_object(w);
    err = json_write_members(w, json_root(document), mark);
    json_write_object_end(w);
    if (err == STORE_OK)
        return json_write_end(w, out);
    json_write_drop(w);
    return err;
}
