/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

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

/* Where a record's parts are, checked but not decoded. */
struct record_view {
    struct json_value value; /* a non-empty string */
    bool base64;
    int64_t created_ns; /* 0: not there, or not RFC 3339 */
    int64_t updated_ns;
};

/* CORRUPT if it is no object, `value` is missing or empty, or a part has the wrong type, is there
 * twice or has an encoding we do not know. */
enum store_err record_look(struct json_value record, struct record_view *out) STORE_CHECKED;

/* Decodes what stands between the quotes of a value; `plain` if there are no escapes in it. `out`
 * becomes a slice of `text`, of which `offset` and `len` are a part, or a secret of its own.
 * CORRUPT also if it is empty. */
enum store_err record_decode(const struct store_secret *text, size_t offset, size_t len, bool plain,
                             bool base64, struct store_secret *out) STORE_CHECKED;

/* Reads a record: value, times, and the version that record_version gives. `out` is empty after an
 * error. */
enum store_err record_take(struct json_value record, struct store_record *out) STORE_CHECKED;

/* record_take for a record that is a text of its own. */
enum store_err record_read(const struct store_secret *text, struct store_record *out) STORE_CHECKED;

/* Writes a record with `value` and the two times (0 is left out) as the next value of `w`. `old` is
 * the record it takes the place of, whose other members are kept; absent or no object if there is
 * none. CORRUPT if a key of `old` cannot be kept. */
enum store_err record_write(struct json_writer *w, struct json_value old,
                            const struct store_secret *value, int64_t created_ns,
                            int64_t updated_ns) STORE_CHECKED;

/* record_write as a text of its own. */
enum store_err record_text(struct json_value old, const struct store_secret *value,
                           int64_t created_ns, int64_t updated_ns,
                           struct store_secret *out) STORE_CHECKED;

/* The version of a record in stores that count none: updated_at in nanoseconds, in decimal; "1" if
 * that is not known. */
void record_version(int64_t updated_ns, char out[STORE_VERSION_SIZE]);

/* The updated_at for a write now, over a record of `previous_ns` (0: none): later than that, even
 * if the clock was set back, so that each write has a version of its own. */
int64_t record_next_time(int64_t previous_ns);

#endif
