/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_FILE_MARK_H
#define BACKENDS_FILE_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/file/place.h"
#include "core/json.h"

/*
 * The mark of a file that took the place of a damaged one:
 *
 *     "replaces": "secrets.json.corrupt.1700000000", "saved": 12
 *
 * or a list of names, the latest first, where that file had replaced another. While the file has
 * the mark, a secret that it lacks may be in a damaged one, so it is never "not found". The mark
 * ends with file_mark_end, or when the user deletes the member `replaces`. sideseat's own reader
 * ignores both.
 */
#define FILE_MARK "replaces"
#define FILE_MARK_SAVED "saved"

struct file_mark {
    bool stands;
    int64_t saved;     /* the number of records that were saved; -1: unknown */
    char backups[192]; /* the names, for messages */
};

/* Reads the mark of a document. An invalid member is a mark, too; null is not. */
void file_mark_read(struct json_value root, struct file_mark *out);

/* Describes a mark, for `status` and the log. */
void file_mark_describe(const struct file_mark *mark, const char *path,
                        struct file_trouble *trouble);

/* Logs that a requested secret may be in the damaged file. */
void file_mark_complain(const struct file_mark *mark, const char *key);

/* Returns the text without the mark. CORRUPT if it is not a JSON object, NO_MEMORY. */
enum store_err file_mark_end(const struct store_secret *text,
                             struct store_secret *out) STORE_CHECKED;

#endif
