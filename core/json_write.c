/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>

#include "core/json_memory.h"
#include "store/utf8.h"

struct json_writer {
    struct json_memory memory;
    yajl_gen gen;
    struct store_secret text;
    enum store_err err; /* the first error */
    unsigned depth;
    char open[JSON_DEPTH_MAX]; /* the bracket of each open container */
};

static void note(struct json_writer *w, enum store_err err)
{
    if (w->err == STORE_OK)
        w->err = err;
}

/* False after an error. Then nothing may reach yajl: past its depth it would write beyond its
 * states. */
static bool is_usable(struct json_writer *w)
{
    return w->err == STORE_OK;
}

static void check(struct json_writer *w, yajl_gen_status status)
{
    if (status != yajl_gen_status_ok)
        note(w, STORE_BAD_VALUE);
}

static void print(void *ctx, const char *text, size_t len)
{
    struct json_writer *w = ctx;

    if (w->err == STORE_OK)
        note(w, store_secret_append(&w->text, text, len));
}

/* Runs inside json_memory_run. With a print function yajl keeps no text of its own, so it
 * allocates only here. */
static void prepare(void *ctx)
{
    struct json_writer *w = ctx;
    yajl_alloc_funcs funcs = json_memory_funcs(&w->memory);

    w->gen = yajl_gen_alloc(&funcs);
    yajl_gen_config(w->gen, yajl_gen_print_callback, print, w);
}

enum store_err json_write_begin(struct json_writer **out)
{
    struct json_writer *w = calloc(1, sizeof *w);
    enum store_err err;

    if (w == NULL)
        return STORE_NO_MEMORY;
    err = json_memory_run(&w->memory, prepare, w);
    if (err != STORE_OK) {
        json_write_drop(w);
        return err;
    }
    *out = w;
    return STORE_OK;
}

/* Remembers the opening bracket, since yajl does not check that the closing one matches. */
static bool open_one(struct json_writer *w, char bracket)
{
    if (w->depth == JSON_DEPTH_MAX)
        note(w, STORE_TOO_BIG);
    else
        w->open[w->depth++] = bracket;
    return is_usable(w);
}

static bool close_one(struct json_writer *w, char bracket)
{
    if (w->depth == 0 || w->open[w->depth - 1] != bracket)
        note(w, STORE_BAD_VALUE);
    else
        w->depth--;
    return is_usable(w);
}

void json_write_object(struct json_writer *w)
{
    if (open_one(w, '{'))
        check(w, yajl_gen_map_open(w->gen));
}

void json_write_object_end(struct json_writer *w)
{
    if (close_one(w, '{'))
        check(w, yajl_gen_map_close(w->gen));
}

void json_write_array(struct json_writer *w)
{
    if (open_one(w, '['))
        check(w, yajl_gen_array_open(w->gen));
}

void json_write_array_end(struct json_writer *w)
{
    if (close_one(w, '['))
        check(w, yajl_gen_array_close(w->gen));
}

void json_write_string(struct json_writer *w, const void *data, size_t len)
{
    if (!store_utf8_valid(data, len))
        note(w, STORE_BAD_VALUE);
    if (is_usable(w))
        check(w, yajl_gen_string(w->gen, len == 0 ? (const unsigned char *)"" : data, len));
}

void json_write_text(struct json_writer *w, const char *text)
{
    json_write_string(w, text, strlen(text));
}

void json_write_key(struct json_writer *w, const char *key)
{
    json_write_string(w, key, strlen(key));
}

void json_write_key_bytes(struct json_writer *w, const void *key, size_t len)
{
    json_write_string(w, key, len);
}

void json_write_integer(struct json_writer *w, int64_t number)
{
    if (is_usable(w))
        check(w, yajl_gen_integer(w->gen, number));
}

void json_write_flag(struct json_writer *w, bool flag)
{
    if (is_usable(w))
        check(w, yajl_gen_bool(w->gen, flag));
}

void json_write_raw(struct json_writer *w, const struct store_secret *text)
{
    if (text->len == 0)
        note(w, STORE_BAD_VALUE);
    if (is_usable(w)) /* yajl's only call that copies text unchanged */
        check(w, yajl_gen_number(w->gen, (const char *)text->data, text->len));
}

enum store_err json_write_members(struct json_writer *w, struct json_value object,
                                  const char *const *except)
{
    for (struct json_value v = json_first(object); v.document != NULL; v = json_next(v)) {
        AUTO_SECRET key = {0};
        AUTO_SECRET raw = {0};
        const char *const *name = except;

        while (*name != NULL && !json_key_is(v, *name))
            name++;
        if (*name != NULL)
            continue;
        TRY(json_key(v, &key));
        json_raw(v, &raw);
        json_write_key_bytes(w, key.data, key.len);
        json_write_raw(w, &raw);
    }
    return STORE_OK;
}

enum store_err json_write_end(struct json_writer *w, struct store_secret *out)
{
    enum store_err err = w->err;

    if (err == STORE_OK && (w->depth != 0 || w->text.len == 0))
        err = STORE_BAD_VALUE;
    if (err == STORE_OK)
        store_secret_move(out, &w->text);
    json_write_drop(w);
    return err;
}

void json_write_drop(struct json_writer *w)
{
    if (w == NULL)
        return;
    json_memory_drop(&w->memory);
    store_secret_wipe(&w->text);
    free(w);
}

enum store_err json_append_string(struct store_secret *out, const void *data, size_t len)
{
    AUTO_SECRET quoted = {0};
    struct json_writer *w;

    TRY(json_write_begin(&w));
    json_write_string(w, data, len);
    TRY(json_write_end(w, &quoted));
    return store_secret_append(out, quoted.data, quoted.len);
}
