/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json_record.h"

#include <string.h>

#include "store/base64.h"
#include "store/time.h"
#include "store/utf8.h"

/* An unreadable time counts as unknown. */
static enum store_err parse_time(struct json_value time, int64_t *out)
{
    char text[64];

    *out = 0;
    if (json_type(time) == JSON_ABSENT || json_type(time) == JSON_NULL)
        return STORE_OK;
    if (json_type(time) != JSON_STRING)
        return STORE_CORRUPT;
    if (json_text(time, text, sizeof text) == STORE_OK)
        *out = store_time_parse(text, strlen(text));
    return STORE_OK;
}

static enum store_err parse_metadata(struct json_value metadata, struct record_view *view)
{
    enum { CREATED_AT, UPDATED_AT, TIMES };
    static const char *const keys[TIMES] = {"created_at", "updated_at"};
    struct json_value times[TIMES];

    if (json_type(metadata) != JSON_OBJECT)
        return json_type(metadata) == JSON_ABSENT || json_type(metadata) == JSON_NULL
                   ? STORE_OK
                   : STORE_CORRUPT;
    json_members(metadata, keys, TIMES, times);
    TRY(parse_time(times[CREATED_AT], &view->created_ns));
    view->updated_ns = view->created_ns;
    /* equal in a secret that was never changed */
    if (json_same(times[CREATED_AT], times[UPDATED_AT]))
        return STORE_OK;
    return parse_time(times[UPDATED_AT], &view->updated_ns);
}

static enum store_err parse_encoding(struct json_value encoding, bool *base64)
{
    *base64 = json_is(encoding, "base64");
    return *base64 || json_type(encoding) == JSON_ABSENT ? STORE_OK : STORE_CORRUPT;
}

enum store_err record_find_parts(struct json_value record, struct record_view *out)
{
    enum { VALUE, METADATA, ENCODING, MEMBERS };
    static const char *const keys[MEMBERS] = {"value", "metadata", "encoding"};
    struct json_value members[MEMBERS];
    struct record_view view = {0};

    json_members(record, keys, MEMBERS, members);
    view.value = members[VALUE];
    if (json_type(view.value) != JSON_STRING || json_span(view.value).len == 2)
        return STORE_CORRUPT;
    TRY(parse_encoding(members[ENCODING], &view.base64));
    TRY(parse_metadata(members[METADATA], &view));
    *out = view;
    return STORE_OK;
}

enum store_err record_decode(const struct store_secret *text, size_t offset, size_t len, bool plain,
                             bool base64, struct store_secret *out)
{
    AUTO_SECRET value = {0};
    AUTO_SECRET unescaped = {0};
    const unsigned char *raw = text->data + offset;

    if (!plain) {
        TRY(json_unescape(raw, len, &unescaped));
        raw = unescaped.data;
        len = unescaped.len;
    }
    if (base64)
        TRY(store_base64_decode((const char *)raw, len, &value));
    else if (plain)
        store_secret_slice(&value, text, offset, len);
    else
        store_secret_move(&value, &unescaped);
    if (value.len == 0)
        return STORE_CORRUPT;
    store_secret_move(out, &value);
    return STORE_OK;
}

enum store_err record_parse(struct json_value record, struct store_record *out)
{
    struct record_view view;
    struct json_span span;

    store_record_clear(out);
    TRY(record_find_parts(record, &view));
    span = json_span(view.value);
    TRY(record_decode(json_text_of(view.value.document), span.start + 1, span.len - 2,
                      json_is_plain(view.value), view.base64, &out->value));
    out->created_ns = view.created_ns;
    out->updated_ns = view.updated_ns;
    record_version(view.updated_ns, out->version);
    return STORE_OK;
}

static enum store_err write_value(struct json_writer *w, const struct store_secret *value)
{
    bool text = store_utf8_valid(value->data, value->len) &&
                (value->len == 0 || memchr(value->data, '\0', value->len) == NULL);
    AUTO_SECRET encoded = {0};

    if (!text)
        TRY(store_base64_encode(value->data, value->len, &encoded));
    json_write_key(w, "value");
    json_write_string(w, text ? value->data : encoded.data, text ? value->len : encoded.len);
    if (!text) {
        json_write_key(w, "encoding");
        json_write_text(w, "base64");
    }
    return STORE_OK;
}

static void write_time(struct json_writer *w, const char *key, int64_t ns)
{
    char text[STORE_TIME_TEXT_SIZE];

    if (ns == 0)
        return;
    store_time_format(ns, text);
    json_write_key(w, key);
    json_write_text(w, text);
}

enum store_err record_write(struct json_writer *w, struct json_value old,
                            const struct store_secret *value, int64_t created_ns,
                            int64_t updated_ns)
{
    static const char *const members[] = {"value", "encoding", "metadata", NULL};
    static const char *const times[] = {"created_at", "updated_at", NULL};
    struct json_value metadata = json_member(old, "metadata");

    if (json_type(old) != JSON_OBJECT)
        old = (struct json_value){0};
    if (json_type(metadata) != JSON_OBJECT)
        metadata = (struct json_value){0};
    json_write_object(w);
    TRY(write_value(w, value));
    json_write_key(w, "metadata");
    json_write_object(w);
    write_time(w, "created_at", created_ns);
    write_time(w, "updated_at", updated_ns);
    TRY(json_write_members(w, metadata, times));
    json_write_object_end(w);
    TRY(json_write_members(w, old, members));
    json_write_object_end(w);
    return STORE_OK;
}

enum store_err record_text(struct json_value old, const struct store_secret *value,
                           int64_t created_ns, int64_t updated_ns, struct store_secret *out)
{
    struct json_writer *w;
    enum store_err err;

    TRY(json_write_begin(&w));
    err = record_write(w, old, value, created_ns, updated_ns);
    if (err == STORE_OK)
        return json_write_end(w, out);
    json_write_drop(w);
    return err;
}

void record_version(int64_t updated_ns, char out[STORE_VERSION_SIZE])
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t left = updated_ns > 0 ? (uint64_t)updated_ns : 1;

    digits[--at] = '\0';
    for (; left > 0; left /= 10)
        digits[--at] = (char)('0' + left % 10);
    memcpy(out, digits + at, sizeof digits - at);
}

int64_t record_next_time(int64_t previous_ns)
{
    int64_t now = store_time_now();

    return now > previous_ns ? now : previous_ns + 1;
}
