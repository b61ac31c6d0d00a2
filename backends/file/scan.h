/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FILE_SCAN_H
#define FILE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/json.h"
#include "store/scope.h"

/*
 * Goes through a damaged text from its beginning. As long as nothing strange is met it knows where
 * it is; after that it tries at each quotation mark whether a member begins there, until a whole
 * record is found, and goes on from that one. A quotation mark within a string has a backslash
 * before it, so the inside of a value is never taken for a member.
 */

/* A member, `"name": value`, that may be a secret. */
struct scan_member {
    char name[STORE_KEY_MAX + 1];
    struct json_document *whole; /* of the value; NULL if it is damaged */
    size_t start;                /* of the value in the text */
    size_t end;
    bool plain;       /* the value is a string */
    bool may_be_flat; /* the text may be of version 1, whose names have no scope */
};

enum scan_verdict {
    SCAN_OTHER,   /* no secret: passed if it is whole, else gone into */
    SCAN_TAKEN,   /* a secret */
    SCAN_DAMAGED, /* a secret that is damaged: the damage is in it, or it has no end */
};

/* Gets each member that stands where records do, and says what it is. */
typedef enum store_err scan_note_fn(void *arg, const struct scan_member *member,
                                    enum scan_verdict *verdict);

/* Gets the value of a mark (mark.h) that the text has. */
typedef enum store_err scan_mark_fn(void *arg, struct json_value mark);

/* Scans the text. `version` gets its version, 0 if that was not seen. NO_MEMORY, TIMEOUT, or what
 * one of the functions returned. Takes time in proportion to the text, whatever it is. */
enum store_err scan_members(const struct store_secret *text, scan_note_fn *note, scan_mark_fn *mark,
                            void *arg, int64_t deadline_ns, int64_t *version) STORE_CHECKED;

#endif
