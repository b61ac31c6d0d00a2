/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RECORD_JSON_H
#define RECORD_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * JSON (RFC 8259) that carries secret values: what the file holds and what Vault and AWS answer.
 *
 * The text stays in the secret it came in; a document is a table of offsets into it, so no second
 * copy of a value exists until somebody asks for one, and then it is a slice or a secret. yajl
 * reads and writes, with allocators of ours (json_memory.h) that wipe what it decoded.
 * JSON that we write for people is jansson's.
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
 * Errors are not logged here: the caller knows whose text it was.
 *
 * Names that jansson exports too (json_string, json_integer, …) are kept out of here: a program
 * that links both would run the wrong one.
 */

#define JSON_TEXT_MAX ((size_t)256 * 1024 * 1024) /* bytes of a text */
#define JSON_DEPTH_MAX 120                        /* objects and arrays within each other */

enum json_type {
    JSON_ABSENT,    /* no such member or element */
    JSON_DUPLICATE, /* the key was there more than once: nothing can be read from it */
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json_document;

/* A value in a document, valid as long as it. Passed by value; every function takes an absent one.
 */
struct json_value {
    const struct json_document *document; /* NULL: absent */
    uint32_t node;
    bool duplicate;
};

/*
 * Reads `text` (shared, not copied: it must not be written to afterwards). The document belongs to
 * the caller: json_free or AUTO_JSON. A byte order mark is skipped. CORRUPT if it is not JSON in
 * UTF-8; `where` (may be NULL) then gets the offset of the first byte that cannot be. TOO_BIG past
 * the limits above. NO_MEMORY. A text may be told to be either where it is both. Whether keys are
 * unique is checked by the look-ups, not here.
 */
enum store_err json_read(struct json_document **out, const struct store_secret *text,
                         size_t *where) STORE_CHECKED;

/* Takes a member of the object that json_read_members looks out for. `member`, which has no next
 * one, and what is in it are valid until it returns. An error ends the reading; CORRUPT would say
 * that the text is no JSON. */
typedef enum store_err json_member_fn(void *arg, struct json_value member);

/* Reads as json_read does, but does not keep the members of the object that the root has under
 * `key`: each is given to `each` as soon as it has been read, and the document has the object
 * empty. A text with many members so needs little memory besides its own. What is given away may
 * belong to a text that turns out to be CORRUPT further on, or to have `key` twice. Errors: those
 * of json_read, and those of `each`. */
enum store_err json_read_members(struct json_document **out, const struct store_secret *text,
                                 const char *key, json_member_fn *each, void *arg,
                                 size_t *where) STORE_CHECKED;

/* Frees; accepts NULL. Secrets taken from the document live on. */
void json_free(struct json_document *document);
void json_free_at(struct json_document **document);
#define AUTO_JSON __attribute__((cleanup(json_free_at))) struct json_document *

/* The text it was read from, without a byte order mark, borrowed: offsets are from its start. */
const struct store_secret *json_text_of(const struct json_document *document);

/*
 * Walking. None of these fails; an absent value gives absent ones.
 */
struct json_value json_root(const struct json_document *document);
enum json_type json_type(struct json_value value);

/* The member of an object. Absent if `value` is no object or has no such key; of type
 * JSON_DUPLICATE if it has it twice. Costs as much as the object has members. */
struct json_value json_member(struct json_value value, const char *key);

/* json_member for each of `count` keys, in one go: found[i] is the one for keys[i]. */
void json_members(struct json_value value, const char *const *keys, size_t count,
                  struct json_value *found);

/* json_member for each key in turn, ended by NULL. */
struct json_value json_path(struct json_value value, ...) __attribute__((sentinel));

/* The members of an object or the elements of an array, in the order of the text. */
struct json_value json_first(struct json_value value);
struct json_value json_next(struct json_value value);
size_t json_count(struct json_value value);

/*
 * Reading. Each gives CORRUPT, and leaves `out` alone where nothing else is said, if the value is
 * absent, duplicate or of another type. Strings may contain NUL (\u0000). A lone surrogate (\ud800)
 * is CORRUPT.
 */

/* A string's bytes: a slice of the text if it has no escapes, else decoded into a new secret. */
enum store_err json_bytes(struct json_value value, struct store_secret *out) STORE_CHECKED;

/* A string that is no secret (a timestamp, an error's name), NUL-terminated. CORRUPT also if it has
 * a NUL of its own or does not fit `size` bytes with its end; what `out` holds is then undefined.
 */
enum store_err json_text(struct json_value value, char *out, size_t size) STORE_CHECKED;

/* Whether it is a string and equal to `text`. */
bool json_is(struct json_value value, const char *text);

/* Whether both are strings and written alike. Where not, they may still mean the same. */
bool json_same(struct json_value a, struct json_value b);

/* A whole number ("12", also "12.0" and "1.2e1"); CORRUPT too if it has a fraction or does not fit.
 */
enum store_err json_whole(struct json_value value, int64_t *out) STORE_CHECKED;

/* A number of seconds, in nanoseconds; exact, whatever the locale; digits past nine are dropped.
 * AWS gives its times like this: 1523477145.713, also as 1.523477145713E9. */
enum store_err json_seconds(struct json_value value, int64_t *ns) STORE_CHECKED;

enum store_err json_flag(struct json_value value, bool *out) STORE_CHECKED;

/* The key of a member: its bytes; as json_text; compared. */
enum store_err json_key(struct json_value member, struct store_secret *out) STORE_CHECKED;
enum store_err json_key_text(struct json_value member, char *out, size_t size) STORE_CHECKED;
bool json_key_is(struct json_value member, const char *key);

/* A slice of the text, as it was written: to keep what is not ours (json_write_raw), or to keep a
 * part of a reply without the rest. An absent value gives an empty secret. */
void json_raw(struct json_value value, struct store_secret *out);

/* Where the text of a value, and of a member's key with its quotes, is. 0, 0 if absent. */
struct json_span {
    size_t start;
    size_t len;
};
struct json_span json_span(struct json_value value);
struct json_span json_key_span(struct json_value member);

/* Whether a string's bytes are those between its quotes, with nothing to decode. */
bool json_is_plain(struct json_value value);

/* Decodes what stands between a string's quotes in a text that json_read has accepted. */
enum store_err json_unescape(const unsigned char *raw, size_t len,
                             struct store_secret *out) STORE_CHECKED;

/*
 * Writing. Calls that fail are remembered and reported by json_write_end, so there is one check.
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
void json_write_null(struct json_writer *w);

/* A value as JSON text already, put in as it is: from json_raw. */
void json_write_raw(struct json_writer *w, const struct store_secret *text);

/* Frees the writer and gives what was written; `out` is unchanged after an error. BAD_VALUE if the
 * calls did not make up one value, TOO_BIG past JSON_DEPTH_MAX, NO_MEMORY. */
enum store_err json_write_end(struct json_writer *w, struct store_secret *out) STORE_CHECKED;

/* Frees the writer and wipes what was written; for leaving early. Accepts NULL. */
void json_write_drop(struct json_writer *w);

#endif
