/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * JSON (RFC 8259) that carries secret values: the file's documents, Vault's and AWS' answers.
 *
 * The text stays in the secret it came in; a document is a table of offsets into it, so no second
 * copy of a value exists until somebody asks for one, and then it is a slice or a secret. yajl
 * parses and writes, with this project's allocators (json_memory.h), which wipe all that it
 * decodes. jansson writes JSON for people.
 *
 *     struct store_secret body = …;
 *     AUTO_JSON doc = NULL;
 *     TRY(json_read(&doc, &body, NULL));
 *     struct json_value data = json_path(json_root(doc), "data", "data", NULL);
 *     TRY(json_bytes(json_member(data, "value"), &record->value));
 *     for (struct json_value v = json_first(data); v.document != NULL; v = json_next(v))
 *         if (!json_key_is(v, "value"))
 *             … json_raw(v, &foreign) …
 *
 * Logs no errors: the caller knows the origin of the text.
 *
 * This header avoids names that jansson exports too (json_string, json_integer, …): a program
 * that links both would run the wrong one.
 */

#define JSON_TEXT_MAX ((size_t)256 * 1024 * 1024) /* bytes of a text */
#define JSON_DEPTH_MAX 120                        /* objects and arrays within each other */

enum json_type {
    JSON_ABSENT,    /* there is no such member or element */
    JSON_DUPLICATE, /* the object has the key more than once, so it is unreadable */
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json_document;

/* A value in a document, valid as long as the document. Passed by value; every function accepts
 * an absent one. */
struct json_value {
    const struct json_document *document; /* NULL: absent */
    uint32_t node;
    bool duplicate;
};

/*
 * Parses `text` (shared, not copied: nobody may write to it afterwards). The caller owns the
 * document: json_free or AUTO_JSON. Skips a byte order mark. CORRUPT if the text is not JSON in
 * UTF-8; `where` (may be NULL) then gets the offset of the first wrong byte. TOO_BIG past the
 * limits above. NO_MEMORY. A text with both faults may give either error. The look-ups, not this
 * function, check for duplicate keys.
 */
enum store_err json_read(struct json_document **out, const struct store_secret *text,
                         size_t *where) STORE_CHECKED;

/* Receives a member of the object that json_read_members streams. `member`, which has no
 * successor, and its contents are valid until this returns. An error ends the parse; CORRUPT
 * would say that the text is not JSON. */
typedef enum store_err json_member_fn(void *arg, struct json_value member);

/* Parses as json_read does, but streams the object that the root has under `key`: passes each
 * member to `each` once it is parsed and leaves the object empty in the document. A text with
 * many members so needs little memory besides its own. The text may later prove CORRUPT or have
 * `key` twice, after some members have been passed on. Errors: those of json_read, and those of
 * `each`. */
enum store_err json_read_members(struct json_document **out, const struct store_secret *text,
                                 const char *key, json_member_fn *each, void *arg,
                                 size_t *where) STORE_CHECKED;

/* Frees the document; accepts NULL. Secrets from the document live on. */
void json_free(struct json_document *document);
void json_free_at(struct json_document **document);
#define AUTO_JSON __attribute__((cleanup(json_free_at))) struct json_document *

/* The document's text, without a byte order mark, borrowed: offsets count from its start. */
const struct store_secret *json_text_of(const struct json_document *document);

/*
 * Walking. None of these fails; an absent value gives absent ones.
 */
struct json_value json_root(const struct json_document *document);
enum json_type json_type(struct json_value value);

/* The member of an object. Absent if `value` is not an object or lacks the key; of type
 * JSON_DUPLICATE if it has the key twice. The cost grows with the number of members. */
struct json_value json_member(struct json_value value, const char *key);

/* json_member for each of `count` keys in one pass: found[i] belongs to keys[i]. */
void json_members(struct json_value value, const char *const *keys, size_t count,
                  struct json_value *found);

/* json_member for each key in turn; NULL ends the keys. */
struct json_value json_path(struct json_value value, ...) __attribute__((sentinel));

/* The members of an object or the elements of an array, in the order of the text. */
struct json_value json_first(struct json_value value);
struct json_value json_next(struct json_value value);
size_t json_count(struct json_value value);

/*
 * Reading. Each returns CORRUPT if the value is absent, duplicate or of another type, and then
 * leaves `out` unchanged unless its comment says otherwise. Strings may contain NUL (\u0000). A
 * lone surrogate (\ud800) is CORRUPT.
 */

/* A string's bytes: a slice of the text if it has no escapes, else a new secret. */
enum store_err json_bytes(struct json_value value, struct store_secret *out) STORE_CHECKED;

/* A string that is not secret (a timestamp, an error's name), NUL-terminated. CORRUPT also if it
 * contains a NUL or does not fit into `size` bytes with its end; `out` is then undefined. */
enum store_err json_text(struct json_value value, char *out, size_t size) STORE_CHECKED;

/* True if the value is a string equal to `text`. */
bool json_is(struct json_value value, const char *text);

/* True if both are strings with the same text. Strings with different texts may still be equal. */
bool json_same(struct json_value a, struct json_value b);

/* A whole number ("12", also "12.0" and "1.2e1"); CORRUPT also if it has a fraction or does not
 * fit. */
enum store_err json_whole(struct json_value value, int64_t *out) STORE_CHECKED;

/* A number of seconds, in nanoseconds; exact in every locale; digits past nine are ignored. AWS
 * sends times like this: 1523477145.713, also as 1.523477145713E9. */
enum store_err json_seconds(struct json_value value, int64_t *ns) STORE_CHECKED;

enum store_err json_flag(struct json_value value, bool *out) STORE_CHECKED;

/* The key of a member: as bytes, as json_text, and compared. */
enum store_err json_key(struct json_value member, struct store_secret *out) STORE_CHECKED;
enum store_err json_key_text(struct json_value member, char *out, size_t size) STORE_CHECKED;
bool json_key_is(struct json_value member, const char *key);

/* A slice of the text as it is: to keep foreign members (json_write_raw), or a part of a reply
 * without the rest. An absent value gives an empty secret. */
void json_raw(struct json_value value, struct store_secret *out);

/* The place of a value's text, and of a member's key with its quotes. 0, 0 if absent. */
struct json_span {
    size_t start;
    size_t len;
};
struct json_span json_span(struct json_value value);
struct json_span json_key_span(struct json_value member);

/* True if a string has no escapes: its bytes are those between its quotes. */
bool json_is_plain(struct json_value value);

/* Decodes the text between a string's quotes, in a text that json_read has accepted. */
enum store_err json_unescape(const unsigned char *raw, size_t len,
                             struct store_secret *out) STORE_CHECKED;

/*
 * Writing. json_write_end reports the first error of any call, so the caller checks only once.
 * A key comes before each member of an object. The output has no line breaks.
 *
 *     struct json_writer *w;
 *     TRY(json_write_begin(&w));
 *     json_write_object(w);
 *     json_write_key(w, "value");
 *     json_write_string(w, secret.data, secret.len);
 *     json_write_object_end(w);
 *     TRY(json_write_end(w, &body));
 */
struct json_writer;

enum store_err json_write_begin(struct json_writer **out) STORE_CHECKED;

void json_write_object(struct json_writer *w);
void json_write_object_end(struct json_writer *w);
void json_write_array(struct json_writer *w);
void json_write_array_end(struct json_writer *w);
void json_write_key(struct json_writer *w, const char *key);
void json_write_key_bytes(struct json_writer *w, const void *key, size_t len);

/* BAD_VALUE (at the end) if the bytes are not UTF-8. Control characters are escaped, NUL too. */
void json_write_string(struct json_writer *w, const void *data, size_t len);
void json_write_text(struct json_writer *w, const char *text);
void json_write_integer(struct json_writer *w, int64_t number);
void json_write_flag(struct json_writer *w, bool flag);

/* Inserts a value that is JSON text already, from json_raw. */
void json_write_raw(struct json_writer *w, const struct store_secret *text);

/* Copies the members of an object, key and value as they stand, but those whose keys are in
 * `except`, which ends with NULL. CORRUPT, at once, if a key cannot be decoded; NO_MEMORY. */
enum store_err json_write_members(struct json_writer *w, struct json_value object,
                                  const char *const *except) STORE_CHECKED;

/* Frees the writer and gives its text; `out` is unchanged after an error. BAD_VALUE if the calls
 * did not make exactly one value, TOO_BIG past JSON_DEPTH_MAX, NO_MEMORY. */
enum store_err json_write_end(struct json_writer *w, struct store_secret *out) STORE_CHECKED;

/* Frees the writer and wipes its text; for an early return. Accepts NULL. */
void json_write_drop(struct json_writer *w);

/* Appends `len` bytes as a JSON string, in its quotes; BAD_VALUE if they are not UTF-8. */
enum store_err json_append_string(struct store_secret *out, const void *data,
                                  size_t len) STORE_CHECKED;

#endif
