/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FILE_DOCUMENT_H
#define FILE_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/file/keys.h"
#include "backends/file/mark.h"
#include "core/json.h"
#include "store/backend.h"

/*
 * The text of secrets.json and where everything in it is. Never changed once it is made; an update
 * makes a new one (edit.h).
 *
 * Version 2 is {"version": 2, "secrets": {key: record}}, with whatever else others put there. What
 * has no version, or 1, is a v1 document; reading it makes the text of a v2 one from it.
 */

/* One member of "secrets", as offsets into the text. */
struct file_member {
    uint32_t key;    /* its opening quote */
    uint32_t record; /* the record's first byte */
    uint32_t end;    /* past its last */
    uint32_t value;  /* between the value's quotes */
    uint32_t value_end;
    bool plain;   /* the value has no escapes */
    bool base64;  /* it is base64 */
    bool damaged; /* the record is not one: of it only the first three are known */
    int64_t created_ns;
    int64_t updated_ns;
};

struct file_document {
    struct store_secret text;
    struct file_member *members;
    size_t count;
    struct file_keys *keys;
    uint32_t open;  /* past the '{' of "secrets" */
    uint32_t close; /* its '}' */
    bool migrated;  /* the text was made from a v1 document */
    struct file_mark mark;
};

/*
 * Reads a whole text. CORRUPT with `parses` false if it is not JSON, with `parses` true if it is
 * JSON that is no document of ours; UNAVAILABLE if its version is newer than ours. `why` then has
 * words for the log. NO_MEMORY. `out` is zero-initialized, and stays so after an error.
 */
enum store_err file_document_read(struct file_document *out, const struct store_secret *text,
                                  bool *parses, char why[128]) STORE_CHECKED;

/* The document that stands for a file that does not exist: its text is what is to be written. */
enum store_err file_document_empty(struct file_document *out) STORE_CHECKED;

/* Makes `out` (zero-initialized) the same document: text and keys are shared. */
enum store_err file_document_share(struct file_document *out,
                                   const struct file_document *from) STORE_CHECKED;

void file_document_clear(struct file_document *document);

/* Notes where the parts of a member's record are. `record` was read from a text that begins at
 * `offset` of the document's. `member->key` is left alone. */
void file_member_locate(struct file_member *member, struct json_value record, size_t offset);

/* Reads a secret: NOT_FOUND, or CORRUPT (not logged) if its record is damaged, there are two of it,
 * or `key` is NULL and a mark stands. The value is a slice of the text where that is possible; with
 * `copy` it is a secret of its
 * own if it is small, so that threads that read do not share the text's reference count. */
enum store_err file_document_extract(const struct file_document *document,
                                     const struct file_key *key, bool copy,
                                     struct store_record *out) STORE_CHECKED;

#endif
