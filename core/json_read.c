/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "core/json_document.h"
#include "core/json_memory.h"
#include "store/utf8.h"

/* One parse: the state that yajl's callbacks share. */
struct parse {
    struct json_document *document;
    struct json_memory memory;
    yajl_handle handle;
    const unsigned char *text;
    size_t len;
    size_t at; /* offset after the last token */
    uint32_t key_start;
    uint32_t key_end;
    bool key_plain;
    unsigned depth;
    uint32_t open[JSON_DEPTH_MAX]; /* the open containers, outermost first */
    uint32_t last[JSON_DEPTH_MAX]; /* the latest value in each; 0: none yet */
    const char *key; /* the object with this key is streamed to `each`; NULL: none is */
    json_member_fn *each;
    void *arg;
    uint32_t giving; /* the streamed object while inside it; 0: outside */
    enum store_err err;
};

/* yajl wants an int: 0 ends the parse. */
static int fail(struct parse *r, enum store_err err)
{
    r->err = err;
    return 0;
}

/* Moves to the current token. yajl does not report colons and commas, so this skips them like
 * white space. The grammar is yajl's, except for the vertical tabs and form feeds that yajl also
 * skips and JSON does not have. */
static int to_token(struct parse *r)
{
    while (r->at < r->len &&
           (r->text[r->at] == ' ' || r->text[r->at] == '\t' || r->text[r->at] == '\n' ||
            r->text[r->at] == '\r' || r->text[r->at] == ':' || r->text[r->at] == ','))
        r->at++;
    if (r->at < r->len && (r->text[r->at] == '\v' || r->text[r->at] == '\f'))
        return fail(r, STORE_CORRUPT);
    return 1;
}

/* Ends a value, and passes it to `each` if it is a streamed member. */
static int end_value(struct parse *r, uint32_t index)
{
    enum store_err err;

    if (r->giving == 0 || r->depth != 2)
        return 1;
    err = r->each(r->arg, (struct json_value){.document = r->document, .node = index});
    r->document->count = index;
    r->document->nodes[r->giving].count = 0;
    r->last[1] = 0;
    return err == STORE_OK ? 1 : fail(r, err);
}

/* Makes room for one more node. */
static enum store_err reserve(struct json_document *document)
{
    size_t capacity = document->capacity < 32 ? 32 : document->capacity + document->capacity / 2;
    struct json_node *nodes;

    if (document->count < document->capacity)
        return STORE_OK;
    nodes = realloc(document->nodes, capacity * sizeof *nodes);
    if (nodes == NULL)
        return STORE_NO_MEMORY;
    document->nodes = nodes;
    document->capacity = capacity;
    return STORE_OK;
}

/* Adds the value whose first or only token yajl has just read. */
static int add(struct parse *r, enum json_type type, bool plain)
{
    struct json_document *document = r->document;
    uint32_t index = (uint32_t)document->count;
    struct json_node *node;
    size_t start;

    if (!to_token(r))
        return 0;
    if (reserve(document) != STORE_OK)
        return fail(r, STORE_NO_MEMORY);
    start = r->at;
    r->at = yajl_get_bytes_consumed(r->handle);
    node = &document->nodes[document->count++];
    *node = (struct json_node){.start = (uint32_t)start,
                               .end = (uint32_t)r->at,
                               .key_start = r->key_start,
                               .key_end = r->key_end,
                               .type = (uint8_t)type,
                               .plain = plain,
                               .key_plain = r->key_plain};
    r->key_start = r->key_end = 0;
    r->key_plain = false;
    if (r->depth > 0) {
        uint32_t *last = &r->last[r->depth - 1];
        if (*last != 0)
            document->nodes[*last].next = index;
        *last = index;
        document->nodes[r->open[r->depth - 1]].count++;
    }
    return 1;
}

/* Adds a value that is one token. */
static int add_scalar(struct parse *r, enum json_type type, bool plain)
{
    uint32_t index = (uint32_t)r->document->count;

    return add(r, type, plain) ? end_value(r, index) : 0;
}

static int open_container(struct parse *r, enum json_type type)
{
    uint32_t index = (uint32_t)r->document->count;

    if (r->depth == JSON_DEPTH_MAX)
        return fail(r, STORE_TOO_BIG);
    if (!add(r, type, false))
        return 0;
    if (r->each != NULL && r->depth == 1 && type == JSON_OBJECT &&
        json_key_is((struct json_value){.document = r->document, .node = index}, r->key))
        r->giving = index;
    r->open[r->depth] = index;
    r->last[r->depth] = 0;
    r->depth++;
    return 1;
}

static int close_container(struct parse *r)
{
    uint32_t index;

    if (!to_token(r))
        return 0;
    r->at = yajl_get_bytes_consumed(r->handle);
    r->depth--;
    index = r->open[r->depth];
    r->document->nodes[index].end = (uint32_t)r->at;
    if (r->depth == 1)
        r->giving = 0;
    return end_value(r, index);
}

/* True for a string without escapes, which yajl passes as a pointer into the text; any other it
 * decodes into a buffer. */
static bool in_text(const struct parse *r, const unsigned char *string)
{
    return (uintptr_t)string >= (uintptr_t)r->text &&
           (uintptr_t)string < (uintptr_t)r->text + r->len;
}

static int on_null(void *ctx)
{
    return add_scalar(ctx, JSON_NULL, false);
}

static int on_boolean(void *ctx, int value)
{
    (void)value;
    return add_scalar(ctx, JSON_BOOL, false);
}

static int on_number(void *ctx, const char *number, size_t len)
{
    (void)number;
    (void)len;
    return add_scalar(ctx, JSON_NUMBER, false);
}

static int on_string(void *ctx, const unsigned char *string, size_t len)
{
    (void)len;
    return add_scalar(ctx, JSON_STRING, in_text(ctx, string));
}

static int on_key(void *ctx, const unsigned char *key, size_t len)
{
    struct parse *r = ctx;

    (void)len;
    if (!to_token(r))
        return 0;
    r->key_start = (uint32_t)r->at + 1;
    r->at = yajl_get_bytes_consumed(r->handle);
    r->key_end = (uint32_t)r->at - 1;
    r->key_plain = in_text(r, key);
    return 1;
}

static int on_object(void *ctx)
{
    return open_container(ctx, JSON_OBJECT);
}

static int on_array(void *ctx)
{
    return open_container(ctx, JSON_ARRAY);
}

static int on_end(void *ctx)
{
    return close_container(ctx);
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_object,
    .yajl_map_key = on_key,
    .yajl_end_map = on_end,
    .yajl_start_array = on_array,
    .yajl_end_array = on_end,
};

/* Runs inside json_memory_run. Does not free the handle: its memory is dropped with the rest. */
static void run(void *ctx)
{
    struct parse *r = ctx;
    yajl_alloc_funcs funcs = json_memory_funcs(&r->memory);
    yajl_status status;
    bool whole; /* the text has no error before its end */

    r->handle = yajl_alloc(&callbacks, &funcs, r);
    /* yajl's own check accepts overlong forms and surrogates; json_read has made a stricter one */
    yajl_config(r->handle, yajl_dont_validate_strings, 1);
    status = yajl_parse(r->handle, r->text, r->len);
    whole = status == yajl_status_ok;
    if (whole)
        status = yajl_complete_parse(r->handle);
    if (status == yajl_status_ok || r->err != STORE_OK)
        return;
    r->err = STORE_CORRUPT;
    r->at = whole ? r->len : yajl_get_bytes_consumed(r->handle);
}

/* Ends the top value and checks that nothing follows it. yajl recognizes the end of a number
 * only at the end of the text, where its byte count restarts; and after a complete value it
 * takes the start of another one for the end. */
static enum store_err end_root(struct json_document *document, size_t *where)
{
    struct json_node *root = &document->nodes[0];
    const unsigned char *text = document->text.data;
    size_t end = root->end;

    if (root->type == JSON_NUMBER)
        for (end = root->start; end < document->text.len; end++)
            if (strchr("+-.0123456789Ee", text[end]) == NULL || text[end] == '\0')
                break;
    root->end = (uint32_t)end;
    while (end < document->text.len &&
           (text[end] == ' ' || text[end] == '\t' || text[end] == '\n' || text[end] == '\r'))
        end++;
    *where = end;
    return end == document->text.len ? STORE_OK : STORE_CORRUPT;
}

/* The offset before `end` of the first vertical tab or form feed, which JSON does not have and
 * yajl skips; `end` if there is none. */
static size_t find_tab(const unsigned char *text, size_t end)
{
    const unsigned char *tab = memchr(text, '\v', end);
    const unsigned char *feed;

    if (tab != NULL)
        end = (size_t)(tab - text);
    feed = memchr(text, '\f', end);
    return feed == NULL ? end : (size_t)(feed - text);
}

static enum store_err read_text(struct parse *r, size_t *where)
{
    enum store_err err;

    *where = 0;
    if (r->len > JSON_TEXT_MAX)
        return STORE_TOO_BIG;
    if (r->len == 0)
        return STORE_CORRUPT;
    *where = store_utf8_end(r->text, r->len);
    if (*where < r->len) {
        *where = find_tab(r->text, *where);
        return STORE_CORRUPT;
    }
    err = json_memory_run(&r->memory, run, r);
    if (err == STORE_OK)
        err = r->err;
    json_memory_drop(&r->memory);
    /* yajl may have skipped a tab before the error */
    if (err == STORE_CORRUPT)
        *where = find_tab(r->text, r->at);
    if (err == STORE_OK && r->document->count == 0)
        err = STORE_CORRUPT;
    return err == STORE_OK ? end_root(r->document, where) : err;
}

enum store_err json_read_members(struct json_document **out, const struct store_secret *text,
                                 const char *key, json_member_fn *each, void *arg, size_t *where)
{
    struct json_document *document = calloc(1, sizeof *document);
    size_t mark = text->len == 0 ? 0 : store_utf8_mark(text->data, text->len);
    struct parse r = {.document = document, .key = key, .each = each, .arg = arg};
    size_t at;
    enum store_err err;

    if (document == NULL)
        return STORE_NO_MEMORY;
    store_secret_slice(&document->text, text, mark, text->len - mark);
    r.text = document->text.data;
    r.len = document->text.len;
    err = read_text(&r, &at);
    if (where != NULL)
        *where = mark + at;
    if (err != STORE_OK) {
        json_free(document);
        return err;
    }
    *out = document;
    return STORE_OK;
}

enum store_err json_read(struct json_document **out, const struct store_secret *text, size_t *where)
{
    return json_read_members(out, text, NULL, NULL, NULL, where);
}

void json_free(struct json_document *document)
{
    if (document == NULL)
        return;
    store_secret_wipe(&document->text);
    free(document->nodes);
    free(document);
}

void json_free_at(struct json_document **document)
{
    json_free(*document);
    *document = NULL;
}

const struct store_secret *json_text_of(const struct json_document *document)
{
    return &document->text;
}
