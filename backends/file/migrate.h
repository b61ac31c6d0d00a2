/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_FILE_MIGRATE_H
#define BACKENDS_FILE_MIGRATE_H

#include "core/json.h"

/*
 * The text of a v2 document for a v1 one: either {"secrets": {name: record}}, as sideseat wrote it,
 * or the bare map {name: record}. A flat name becomes global/{name}, unless that is there already,
 * a name with a '/' stays. A record may be a plain string. Members that are not ours are kept.
 * CORRUPT, with a text for the log in `why`, if it is neither.
 */
enum store_err file_migrate(struct json_value v1, struct store_secret *out,
                            char why[128]) STORE_CHECKED;

/* Writes a record as it stands, and adds the times that sideseat's reader requires to a plain
 * string or a record without them. Leaves an unreadable record as it is. */
enum store_err file_write_record(struct json_writer *w, struct json_value record) STORE_CHECKED;

#endif
