/* SPDX-License-Identifier: Apache-2.0 */
#include "store/remote/frame.h"

#include <string.h>

static void put(struct frame_out *out, const void *data, size_t len)
{
    if (out->err == STORE_OK && len > FRAME_BODY_MAX)
        out->err = STORE_TOO_BIG;
    if (out->err == STORE_OK)
        out->err = store_secret_append(&out->bytes, data, len);
}

void frame_begin(struct frame_out *out, enum frame_type type)
{
    out->start = out->bytes.len;
    out->err = STORE_OK;
    frame_put_u32(out, 0);
    frame_put_u8(out, (uint8_t)type);
}

void frame_put_u8(struct frame_out *out, uint8_t number)
{
    put(out, &number, 1);
}

/* `count` bytes of a number, the lowest first. */
static void put_number(struct frame_out *out, uint64_t number, size_t count)
{
    unsigned char bytes[8];

    for (size_t i = 0; i < count; i++)
        bytes[i] = (unsigned char)(number >> (8 * i));
    put(out, bytes, count);
}

void frame_put_u32(struct frame_out *out, uint32_t number)
{
    put_number(out, number, 4);
}

void frame_put_u64(struct frame_out *out, uint64_t number)
{
    put_number(out, number, 8);
}

void frame_put_bytes(struct frame_out *out, const void *data, size_t len)
{
    frame_put_u32(out, (uint32_t)len);
    put(out, data, len);
}

void frame_put_text(struct frame_out *out, const char *text)
{
    frame_put_bytes(out, text, strlen(text));
}

void frame_put_err(struct frame_out *out, enum store_err err)
{
    frame_put_u8(out, (uint8_t) - (int)err);
}

void frame_put_record(struct frame_out *out, const struct store_record *record)
{
    frame_put_u8(out, record->stale);
    frame_put_u64(out, (uint64_t)record->created_ns);
    frame_put_u64(out, (uint64_t)record->updated_ns);
    frame_put_text(out, record->version);
    frame_put_bytes(out, record->value.data, record->value.len);
}

void frame_put_versions(struct frame_out *out, const struct store_versions *versions)
{
    size_t count = versions->count < STORE_VERSIONS_MAX ? versions->count : STORE_VERSIONS_MAX;

    frame_put_u8(out, versions->destroyed_by_remove);
    frame_put_u32(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        const struct store_version *version = &versions->all[i];

        frame_put_text(out, version->id);
        frame_put_u32(out, version->number);
        frame_put_u8(out, (uint8_t)version->state);
        frame_put_u64(out, (uint64_t)version->created_ns);
        frame_put_u64(out, (uint64_t)version->until_ns);
    }
}

void frame_put_finding(struct frame_out *out, const struct store_finding *finding)
{
    frame_put_text(out, finding->what);
    frame_put_err(out, finding->err);
    frame_put_text(out, finding->text);
    frame_put_text(out, finding->remedy);
}

enum store_err frame_end(struct frame_out *out)
{
    size_t len = out->bytes.len;
    unsigned char *bytes;

    if (out->err == STORE_OK && len - out->start - FRAME_HEADER > FRAME_BODY_MAX)
        out->err = STORE_TOO_BIG;
    if (out->err != STORE_OK) {
        if (store_secret_resize(&out->bytes, out->start, &bytes) != STORE_OK)
            store_secret_wipe(&out->bytes);
        return out->err;
    }
    TRY(store_secret_resize(&out->bytes, len, &bytes));
    len -= out->start + FRAME_HEADER;
    for (size_t i = 0; i < 4; i++)
        bytes[out->start + i] = (unsigned char)(len >> (8 * i));
    return STORE_OK;
}

void frame_out_clear(struct frame_out *out)
{
    store_secret_wipe(&out->bytes);
    *out = (struct frame_out){0};
}

bool frame_header(const unsigned char header[FRAME_HEADER], size_t *body_len, uint8_t *type)
{
    *body_len = 0;
    for (size_t i = 0; i < 4; i++)
        *body_len |= (size_t)header[i] << (8 * i);
    *type = header[4];
    return *body_len <= FRAME_BODY_MAX;
}

/* The next `len` bytes; NULL if there are not so many. */
static const unsigned char *consume(struct frame_in *in, size_t len)
{
    if (in->bad || len > in->body->len - in->at) {
        in->bad = true;
        return NULL;
    }
    in->at += len;
    return in->body->data + in->at - len;
}

static uint64_t get_number(struct frame_in *in, size_t count)
{
    const unsigned char *bytes = consume(in, count);
    uint64_t number = 0;

    for (size_t i = 0; bytes != NULL && i < count; i++)
        number |= (uint64_t)bytes[i] << (8 * i);
    return number;
}

uint8_t frame_get_u8(struct frame_in *in)
{
    return (uint8_t)get_number(in, 1);
}

uint32_t frame_get_u32(struct frame_in *in)
{
    return (uint32_t)get_number(in, 4);
}

uint64_t frame_get_u64(struct frame_in *in)
{
    return get_number(in, 8);
}

bool frame_get_flag(struct frame_in *in)
{
    uint8_t flag = frame_get_u8(in);

    if (flag > 1)
        in->bad = true;
    return !in->bad && flag == 1;
}

void frame_get_text(struct frame_in *in, char *out, size_t size)
{
    size_t len = frame_get_u32(in);
    const unsigned char *text = consume(in, len);

    out[0] = '\0';
    if (text == NULL)
        return;
    if (len >= size || memchr(text, '\0', len) != NULL) {
        in->bad = true;
        return;
    }
    memcpy(out, text, len);
    out[len] = '\0';
}

void frame_get_secret(struct frame_in *in, struct store_secret *out, size_t max)
{
    size_t len = frame_get_u32(in);
    size_t start = in->at;

    store_secret_wipe(out);
    if (len > max || consume(in, len) == NULL)
        in->bad = true;
    else
        store_secret_slice(out, in->body, start, len);
}

enum store_err frame_get_err(struct frame_in *in)
{
    int code = -(int)frame_get_u8(in);

    switch (code) {
    case STORE_OK:
#define FRAME_KNOWN(name, number, text) case (number):
        STORE_ERRORS(FRAME_KNOWN)
#undef FRAME_KNOWN
        return (enum store_err)code;
    default:
        in->bad = true;
        return STORE_FAILED;
    }
}

void frame_get_key(struct frame_in *in, char out[STORE_KEY_MAX + 1])
{
    frame_get_text(in, out, STORE_KEY_MAX + 1);
    if (!in->bad && store_scope_parse(out, strlen(out), NULL) != STORE_OK)
        in->bad = true;
}

void frame_get_record(struct frame_in *in, struct store_record *out)
{
    store_record_clear(out);
    out->stale = frame_get_flag(in);
    out->created_ns = (int64_t)frame_get_u64(in);
    out->updated_ns = (int64_t)frame_get_u64(in);
    frame_get_text(in, out->version, sizeof out->version);
    frame_get_secret(in, &out->value, FRAME_VALUE_MAX);
    if (out->created_ns < 0 || out->updated_ns < 0)
        in->bad = true;
}

enum store_err frame_get_versions(struct frame_in *in, struct store_versions *out)
{
    bool destroyed = frame_get_flag(in);
    uint32_t count = frame_get_u32(in);

    out->destroyed_by_remove = destroyed;
    if (count > STORE_VERSIONS_MAX)
        in->bad = true;
    for (uint32_t i = 0; i < count && !in->bad; i++) {
        struct store_version version = {.number = 0};
        uint8_t state;

        frame_get_text(in, version.id, sizeof version.id);
        version.number = frame_get_u32(in);
        state = frame_get_u8(in);
        version.created_ns = (int64_t)frame_get_u64(in);
        version.until_ns = (int64_t)frame_get_u64(in);
        if (state > STORE_VERSION_DESTROYED || version.created_ns < 0 || version.until_ns < 0)
            in->bad = true;
        version.state = (enum store_version_state)state;
        if (!in->bad)
            TRY(store_versions_add(out, &version));
    }
    return STORE_OK;
}

void frame_get_finding(struct frame_in *in, struct store_finding *out)
{
    frame_get_text(in, out->what, sizeof out->what);
    out->err = frame_get_err(in);
    frame_get_text(in, out->text, sizeof out->text);
    frame_get_text(in, out->remedy, sizeof out->remedy);
}

bool frame_done(const struct frame_in *in)
{
    return !in->bad && in->at == in->body->len;
}
