/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/syntax.h"

#include <stdlib.h>
#include <string.h>

#include "store/utf8.h"

/* The search for a wrong token begins so many bytes before the parser's position. */
#define TOKEN_SHOWN 16

/* Reports a mistake at an offset of the text. At the end, the column is that of the last byte. */
static void report(struct conf_reader *reader, const char *file, const struct store_secret *text,
                   size_t offset, const char *words)
{
    size_t line = 1;
    size_t start = 0;

    for (size_t i = 0; i < offset; i++)
        if (text->data[i] == '\n') {
            line++;
            start = i + 1;
        }
    conf_mistake(reader, "%s:%zu:%zu: not JSON: %s", file, line,
                 offset - start + (offset < text->len ? 1 : 0), words);
}

/* True if the text up to an offset within the token that ends at `where` is the beginning of valid
 * JSON. */
static bool ends_before(const struct store_secret *text, size_t where)
{
    for (size_t back = 1; back <= TOKEN_SHOWN && back <= where; back++) {
        AUTO_SECRET front = {0};
        AUTO_JSON document = NULL;

        store_secret_slice(&front, text, 0, where - back);
        if (json_read(&document, &front, NULL) == STORE_OK)
            return true;
    }
    return false;
}

/* True if the text is wrong only because it ends: with a space after it, the mistake moves. */
static bool ends_early(const struct store_secret *text)
{
    AUTO_SECRET longer = {0};
    AUTO_JSON document = NULL;
    size_t where = 0;

    return store_secret_set(&longer, text->data, text->len) == STORE_OK &&
           store_secret_append(&longer, " ", 1) == STORE_OK &&
           json_read(&document, &longer, &where) == STORE_CORRUPT && where > text->len;
}

static void report_syntax(struct conf_reader *reader, const char *file,
                          const struct store_secret *text, size_t where)
{
    size_t utf8 = store_utf8_end(text->data, text->len);

    if (utf8 < text->len)
        report(reader, file, text, utf8, "a text is not UTF-8; save the file as UTF-8");
    else if (text->len == 0 || (where >= text->len && ends_early(text)))
        report(reader, file, text, text->len, "it ends too early; close what was opened");
    else if (ends_before(text, where))
        report(reader, file, text, where, "something follows its end; remove that");
    else
        report(reader, file, text, where,
               "a syntax error; look for a missing comma or quotation mark");
}

struct member {
    struct store_secret key;
    struct json_value value;
    size_t place; /* in the object */
};

static int key_compare(const struct store_secret *left, const struct store_secret *right)
{
    size_t len = left->len < right->len ? left->len : right->len;
    int order = len == 0 ? 0 : memcmp(left->data, right->data, len);

    return order != 0 ? order : (left->len > right->len) - (left->len < right->len);
}

/* Equal keys stay in the object's order, which not every qsort keeps. */
static int member_compare(const void *a, const void *b)
{
    const struct member *left = a;
    const struct member *right = b;
    int order = key_compare(&left->key, &right->key);

    return order != 0 ? order : (left->place > right->place) - (left->place < right->place);
}

/* The first member of an object that repeats a key; absent if all keys differ. */
static enum store_err own_duplicate(struct json_value object, struct json_value *found)
{
    size_t count = json_count(object);
    struct member *members = calloc(count + 1, sizeof *members);
    enum store_err err = members == NULL ? STORE_NO_MEMORY : STORE_OK;
    size_t used = 0;

    for (struct json_value at = json_first(object); at.document != NULL && err == STORE_OK;
         at = json_next(at)) {
        members[used].value = at;
        members[used].place = used;
        err = json_key(at, &members[used].key);
        used++;
    }
    if (err == STORE_OK)
        qsort(members, used, sizeof *members, member_compare);
    for (size_t i = 1; i < used && err == STORE_OK; i++)
        if (key_compare(&members[i - 1].key, &members[i].key) == 0)
            *found = members[i].value;
    for (size_t i = 0; i < used; i++)
        store_secret_wipe(&members[i].key);
    free(members);
    return err;
}

/* Finds a key that its object has twice, in the value or anywhere below it. CORRUPT if a key cannot
 * be decoded. */
static enum store_err find_duplicate(struct json_value value, struct json_value *found)
{
    if (json_type(value) == JSON_OBJECT)
        TRY(own_duplicate(value, found));
    for (struct json_value at = json_first(value); at.document != NULL && found->document == NULL;
         at = json_next(at))
        TRY(find_duplicate(at, found));
    return STORE_OK;
}

struct json_document *syntax_read(struct conf_reader *reader, const char *file,
                                  const struct store_secret *text)
{
    AUTO_JSON document = NULL;
    struct json_document *read = NULL;
    struct json_value duplicate = {0};
    size_t where = 0;
    enum store_err err = json_read(&document, text, &where);

    if (err == STORE_TOO_BIG)
        conf_mistake(reader, "%s: not JSON: it is nested too deeply", file);
    else if (err == STORE_CORRUPT)
        report_syntax(reader, file, text, where);
    if (err == STORE_OK)
        err = find_duplicate(json_root(document), &duplicate);
    else if (err != STORE_NO_MEMORY)
        return NULL;
    if (err == STORE_NO_MEMORY)
        conf_no_memory(reader);
    else if (err != STORE_OK)
        conf_mistake(reader, "%s: not JSON: a key has half of a surrogate pair; correct it", file);
    else if (duplicate.document != NULL)
        report(reader, file, text, json_key_span(duplicate).start,
               "an object has the same key twice; leave one");
    else
        read = document;
    if (read != NULL)
        document = NULL;
    return read;
}
