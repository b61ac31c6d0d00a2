/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_FILE_SCAN_H
#define BACKENDS_FILE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/json.h"
#include "store/scope.h"

/*
 * Reads a damaged text from its beginning. Until the first damage it knows its place; after that it
 * tries to read a member at each quotation mark until it finds a whole record, and continues from
 * that one. A quotation mark within a string has a backslash before it, so the inside of a value is
 * never taken for a member.
 */

/* A member, `"name": value`, that may be a secret. */
struct scan_member {
    char name[STORE_KEY_MAX + 1];
    struct json_document *whole; /* of the value; NULL if it is damaged */
    size_t start;                /* of the value in the text */
    size_t end;
    bool plain;       /* the value is a string */
    bool may_be_flat; /* the text may be of version 1, whose names lack a scope */
};

enum scan_verdict {
    SCAN_OTHER,   /* not a secret: skipped if it is whole, else entered */
    SCAN_TAKEN,   /* a secret */
    SCAN_DAMAGED, /* a secret that is damaged: the damage is in it, or it has no end */
};

/* Receives each member in the place of a record, and returns its kind. */
typedef enum store_err scan_note_fn(void *arg, const struct scan_member *member,
                                    enum scan_verdict *verdict);

/* Receives the value of a mark (mark.h) in the text. */
typedef enum store_err scan_mark_fn(void *arg, struct json_value mark);

/* Scans the text. `version` gets its version, 0 if it has none. NO_MEMORY, TIMEOUT, or the error of
 * one of the functions. The time is proportional to any text. */
enum store_err scan_members(const struct store_secret *text, scan_note_fn *note, scan_mark_fn *mark,
                            void *arg, int64_t deadline_ns, int64_t *version) STORE_CHECKED;

#endif
