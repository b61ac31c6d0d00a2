/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_FILE_EDIT_H
#define BACKENDS_FILE_EDIT_H

#include "backends/file/document.h"

/*
 * Changing a document: several operations, each on the result of the ones before it, become edits;
 * the edits become a new document. Its text is spliced, so that everything else stays as it was,
 * byte for byte, and nothing is parsed again.
 */

/* One write or remove, as a caller asks for it. Everything is borrowed. */
struct file_op {
    const char *key;                  /* NULL: put the file itself in order (state.h) */
    const struct store_secret *value; /* NULL: remove */
    bool accept_loss;                 /* without a key: end the mark (mark.h) */
    const char *if_version;           /* as in store/backend.h */
    struct store_record *out;         /* NULL: not wanted */
    enum store_err err;               /* the result */
    int64_t deadline_ns;
    bool taken; /* by the thread that commits it */
    bool done;
    struct file_op *next;
};

/* The change of one key. */
struct file_edit {
    const char *key;
    uint32_t member;            /* the member it replaces; FILE_NEW_MEMBER if there is none */
    struct store_secret quoted; /* a new member's key, as JSON */
    struct store_secret record; /* the record's text; empty: removed */
    struct file_member parts;   /* the offsets of its parts in `record` */
};
#define FILE_NEW_MEMBER UINT32_MAX

struct file_edits {
    struct file_edit *list;
    size_t count;
};

/* Plans the operations of the list `ops`, setting each one's `err` and `out`. `edits` gets the
 * changes: none if every operation failed. Logs damage. NO_MEMORY fails all of them. */
enum store_err file_edits_plan(struct file_edits *edits, const struct file_document *base,
                               struct file_op *ops) STORE_CHECKED;
void file_edits_clear(struct file_edits *edits);

/* Makes the document with the edits of `base`. TOO_BIG, NO_MEMORY. `out` is zero-initialized. */
enum store_err file_edits_apply(struct file_document *out, const struct file_document *base,
                                const struct file_edits *edits) STORE_CHECKED;

#endif
