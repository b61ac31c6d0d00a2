/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_FILE_DOCUMENT_H
#define BACKENDS_FILE_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/file/keys.h"
#include "backends/file/mark.h"
#include "core/json.h"
#include "store/backend.h"

/*
 * The text of secrets.json and the offsets of its parts. Immutable; an update makes a new one
 * (edit.h).
 *
 * Version 2 is {"version": 2, "secrets": {key: record}}, with foreign members beside them. A text
 * without a version, or with 1, is a v1 document; reading it makes a v2 text.
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
    bool damaged; /* the record is damaged: only the first three are known */
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
 * JSON but not a document of ours; UNAVAILABLE if its version is newer than ours. `why` then has a
 * text for the log. NO_MEMORY. `out` is zero-initialized, and stays so after an error.
 */
enum store_err file_document_read(struct file_document *out, const struct store_secret *text,
                                  bool *parses, char why[128]) STORE_CHECKED;

/* The document in place of a missing file; its text is the first one to write. */
enum store_err file_document_empty(struct file_document *out) STORE_CHECKED;

/* Makes `out` (zero-initialized) the same document, with shared text and keys. */
enum store_err file_document_share(struct file_document *out,
                                   const struct file_document *from) STORE_CHECKED;

void file_document_clear(struct file_document *document);

/* Sets the offsets of the parts of a member's record. `record` was read from a text that begins at
 * `offset` of the document's. `member->key` is left alone. */
void file_member_locate(struct file_member *member, struct json_value record, size_t offset);

/* Reads a secret: NOT_FOUND, or CORRUPT (not logged) if its record is damaged, there are two of it,
 * or `key` is NULL and the document has a mark. The value is a slice of the text if possible; with
 * `copy` a small value is a secret of its own, so that reading threads do not share the text's
 * reference count. */
enum store_err file_document_extract(const struct file_document *document,
                                     const struct file_key *key, bool copy,
                                     struct store_record *out) STORE_CHECKED;

/* Logs that the record of this key is damaged or, if `twice`, that the file has two of them. */
void file_record_complain(const char *key, bool twice);

#endif
