/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_JSON_RECORD_H
#define CORE_JSON_RECORD_H

#include "core/json.h"
#include "store/backend.h"

/*
 * One secret as JSON, the same in the file, in AWS and in Vault:
 *
 *     {"value": "…", "encoding": "base64", "metadata": {"created_at": "…Z", "updated_at": "…Z"}}
 *
 * A value that is UTF-8 text without NUL is written as it is; any other as base64, and then
 * `encoding` says so. Members that are not ours are kept when a record is written over an old one,
 * those of `metadata` too. Errors are not logged here.
 */

/* The parts of a record, checked but not decoded. */
struct record_view {
    struct json_value value; /* a non-empty string */
    bool base64;
    int64_t created_ns; /* 0: missing, or not RFC 3339 */
    int64_t updated_ns;
};

/* Finds a record's parts. CORRUPT if it is not an object, `value` is missing or empty, or a part
 * has the wrong type, appears twice or has an unknown encoding. */
enum store_err record_find_parts(struct json_value record, struct record_view *out) STORE_CHECKED;

/* Decodes the text between the quotes of a value; `plain` if it has no escapes. `out` becomes a
 * slice of `text`, of which `offset` and `len` are a part, or a secret of its own. CORRUPT also
 * if the result is empty. */
enum store_err record_decode(const struct store_secret *text, size_t offset, size_t len, bool plain,
                             bool base64, struct store_secret *out) STORE_CHECKED;

/* Parses a record: value, times, and the version from record_version. `out` is empty after an
 * error. */
enum store_err record_parse(struct json_value record, struct store_record *out) STORE_CHECKED;

/* Writes a record with `value` and the two times (omits a 0) as the next value of `w`. Keeps the
 * foreign members of `old`, the record that it replaces; absent or not an object if there is
 * none. CORRUPT if it cannot keep a key of `old`. */
enum store_err record_write(struct json_writer *w, struct json_value old,
                            const struct store_secret *value, int64_t created_ns,
                            int64_t updated_ns) STORE_CHECKED;

/* As record_write, into a text of its own. */
enum store_err record_text(struct json_value old, const struct store_secret *value,
                           int64_t created_ns, int64_t updated_ns,
                           struct store_secret *out) STORE_CHECKED;

/* The version of a record in stores that have none: updated_at in nanoseconds, in decimal; "1"
 * if that is unknown. */
void record_version(int64_t updated_ns, char out[STORE_VERSION_SIZE]);

/* The updated_at for a write now that replaces a record of `previous_ns` (0: none). It is later
 * than that even if the clock was set back, so that each write has its own version. */
int64_t record_next_time(int64_t previous_ns);

#endif
