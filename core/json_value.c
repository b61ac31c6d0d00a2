/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json.h"

#include <stdarg.h>
#include <string.h>

#include "core/json_document.h"
#include "core/json_string.h"

static const struct json_value absent = {0};

static const struct json_node *node_of(struct json_value value)
{
    return &value.document->nodes[value.node];
}

struct json_value json_root(const struct json_document *document)
{
    return (struct json_value){.document = document};
}

enum json_type json_type(struct json_value value)
{
    if (value.document == NULL)
        return JSON_ABSENT;
    return value.duplicate ? JSON_DUPLICATE : (enum json_type)node_of(value)->type;
}

static bool is_container(struct json_value value)
{
    return json_type(value) == JSON_OBJECT || json_type(value) == JSON_ARRAY;
}

struct json_value json_first(struct json_value value)
{
    if (!is_container(value) || node_of(value)->count == 0)
        return absent;
    return (struct json_value){.document = value.document, .node = value.node + 1};
}

struct json_value json_next(struct json_value value)
{
    if (value.document == NULL || node_of(value)->next == 0)
        return absent;
    return (struct json_value){.document = value.document, .node = node_of(value)->next};
}

size_t json_count(struct json_value value)
{
    return is_container(value) ? node_of(value)->count : 0;
}

static const unsigned char *text_at(struct json_value value, size_t offset)
{
    return value.document->text.data + offset;
}

/* True for a member of an object. The root and elements of an array have the span 0, 0, and no
 * key starts at 0. */
static bool has_key(struct json_value value)
{
    return value.document != NULL && node_of(value)->key_start != 0;
}

bool json_key_is(struct json_value member, const char *key)
{
    const struct json_node *node;
    const unsigned char *text;
    size_t len;

    if (!has_key(member))
        return false;
    node = node_of(member);
    text = text_at(member, node->key_start);
    len = node->key_end - node->key_start;
    if (!node->key_plain)
        return json_string_equal(text, len, key);
    return (len == 0 || text[0] == (unsigned char)key[0]) && strlen(key) == len &&
           memcmp(text, key, len) == 0;
}

void json_members(struct json_value value, const char *const *keys, size_t count,
                  struct json_value *found)
{
    for (size_t i = 0; i < count; i++)
        found[i] = absent;
    if (json_type(value) != JSON_OBJECT)
        return;
    for (struct json_value v = json_first(value); v.document != NULL; v = json_next(v))
        for (size_t i = 0; i < count; i++)
            if (json_key_is(v, keys[i]))
                found[i] = (struct json_value){v.document, v.node, found[i].document != NULL};
}

struct json_value json_member(struct json_value value, const char *key)
{
    struct json_value found;

    json_members(value, &key, 1, &found);
    return found;
}

struct json_value json_path(struct json_value value, ...)
{
    const char *key;
    va_list keys;

    va_start(keys, value);
    while ((key = va_arg(keys, const char *)) != NULL)
        value = json_member(value, key);
    va_end(keys);
    return value;
}

struct json_span json_span(struct json_value value)
{
    if (value.document == NULL)
        return (struct json_span){0};
    return (struct json_span){node_of(value)->start, node_of(value)->end - node_of(value)->start};
}

struct json_span json_key_span(struct json_value member)
{
    const struct json_node *node;

    if (!has_key(member))
        return (struct json_span){0};
    node = node_of(member);
    return (struct json_span){node->key_start - 1, node->key_end - node->key_start + 2};
}

void json_raw(struct json_value value, struct store_secret *out)
{
    struct json_span span = json_span(value);

    if (value.document == NULL)
        store_secret_wipe(out);
    else
        store_secret_slice(out, &value.document->text, span.start, span.len);
}

bool json_is_plain(struct json_value value)
{
    return json_type(value) == JSON_STRING && node_of(value)->plain;
}

/* Decodes the bytes between the quotes. */
static enum store_err decode_bytes(struct json_value value, size_t start, size_t len, bool plain,
                                   struct store_secret *out)
{
    if (!plain)
        return json_unescape(text_at(value, start), len, out);
    store_secret_slice(out, &value.document->text, start, len);
    return STORE_OK;
}

enum store_err json_bytes(struct json_value value, struct store_secret *out)
{
    struct json_span span = json_span(value);

    if (json_type(value) != JSON_STRING)
        return STORE_CORRUPT;
    return decode_bytes(value, span.start + 1, span.len - 2, node_of(value)->plain, out);
}

enum store_err json_key(struct json_value member, struct store_secret *out)
{
    struct json_span span = json_key_span(member);

    if (!has_key(member))
        return STORE_CORRUPT;
    return decode_bytes(member, span.start + 1, span.len - 2, node_of(member)->key_plain, out);
}

/* Decodes the string at `span`, quotes included, into a C string. */
static enum store_err decode_text(struct json_value value, struct json_span span, bool plain,
                                  char *out, size_t size)
{
    const unsigned char *raw = text_at(value, span.start + 1);
    const unsigned char *end = raw + span.len - 2;
    unsigned char bytes[4];
    size_t used = 0;
    size_t n;

    if (plain && span.len - 2 < size) {
        /* No escapes, so no NUL either. */
        memcpy(out, raw, span.len - 2);
        out[span.len - 2] = '\0';
        return STORE_OK;
    }
    while (raw < end) {
        n = json_string_next(&raw, end, bytes);
        if (n == 0 || used + n >= size || bytes[0] == '\0')
            return STORE_CORRUPT;
        memcpy(out + used, bytes, n);
        used += n;
    }
    if (used >= size)
        return STORE_CORRUPT;
    out[used] = '\0';
    return STORE_OK;
}

enum store_err json_text(struct json_value value, char *out, size_t size)
{
    if (json_type(value) != JSON_STRING)
        return STORE_CORRUPT;
    return decode_text(value, json_span(value), node_of(value)->plain, out, size);
}

enum store_err json_key_text(struct json_value member, char *out, size_t size)
{
    if (!has_key(member))
        return STORE_CORRUPT;
    return decode_text(member, json_key_span(member), node_of(member)->key_plain, out, size);
}

bool json_is(struct json_value value, const char *text)
{
    struct json_span span = json_span(value);

    return json_type(value) == JSON_STRING &&
           json_string_equal(text_at(value, span.start + 1), span.len - 2, text);
}

bool json_same(struct json_value a, struct json_value b)
{
    struct json_span one = json_span(a);
    struct json_span other = json_span(b);

    return json_type(a) == JSON_STRING && json_type(b) == JSON_STRING && one.len == other.len &&
           memcmp(text_at(a, one.start), text_at(b, other.start), one.len) == 0;
}

enum store_err json_flag(struct json_value value, bool *out)
{
    if (json_type(value) != JSON_BOOL)
        return STORE_CORRUPT;
    *out = *text_at(value, node_of(value)->start) == 't';
    return STORE_OK;
}
