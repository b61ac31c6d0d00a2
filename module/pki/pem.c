/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/pem.h"

#include <string.h>

#include "store/base64.h"

#define BEGIN "-----BEGIN "
#define END "-----END "
#define DASHES "-----"

/* A part of the text. */
struct span {
    const char *data;
    size_t len;
};

void pem_block_drop(struct pem_block *block)
{
    store_secret_wipe(&block->der);
}

/* The first place of `word` in the text; NULL if there is none. */
static const char *find(struct span text, const char *word)
{
    return text.len == 0 ? NULL : memmem(text.data, text.len, word, strlen(word));
}

static struct span span_from(struct span text, const char *from)
{
    return (struct span){from, (size_t)(text.data + text.len - from)};
}

/* Gives the label after BEGIN or END, which dashes end on the same line. */
static bool label_read(struct span text, struct span *label)
{
    const char *end = find(text, DASHES);

    if (end == NULL)
        return false;
    *label = (struct span){text.data, (size_t)(end - text.data)};
    return memchr(label->data, '\n', label->len) == NULL;
}

/* Skips the headers of RFC 1421: all up to an empty line. */
static void headers_skip(struct span *body, bool *found)
{
    const char *end;

    *found = memchr(body->data, ':', body->len) != NULL;
    if (!*found)
        return;
    end = find(*body, "\n\n");
    if (end == NULL)
        end = find(*body, "\n\r\n");
    *body = end == NULL ? (struct span){body->data, 0} : span_from(*body, end);
}

/* Decodes base64 that white space divides. */
static enum store_err body_decode(struct span body, struct store_secret *out)
{
    AUTO_SECRET text = {0};
    unsigned char *bytes = NULL;
    size_t len = 0;

    if (body.len == 0)
        return STORE_CORRUPT;
    TRY(store_secret_resize(&text, body.len, &bytes));
    for (size_t i = 0; i < body.len; i++)
        if (memchr(" \t\r\n", body.data[i], 4) == NULL)
            bytes[len++] = (unsigned char)body.data[i];
    TRY(store_base64_decode((const char *)bytes, len, out));
    return out->len == 0 ? STORE_CORRUPT : STORE_OK;
}

enum store_err pem_next(const struct store_secret *text, size_t *at, struct pem_block *out)
{
    struct span rest = {(const char *)text->data + *at, text->len - *at};
    const char *begin = find(rest, BEGIN);
    struct span label;
    struct span last;
    struct span body;
    const char *end;
    size_t len;

    if (begin == NULL)
        return STORE_NOT_FOUND;
    rest = span_from(rest, begin + strlen(BEGIN));
    if (!label_read(rest, &label))
        return STORE_CORRUPT;
    body = span_from(rest, label.data + label.len + strlen(DASHES));
    end = find(body, END);
    if (end == NULL || !label_read(span_from(body, end + strlen(END)), &last) ||
        last.len != label.len || memcmp(last.data, label.data, last.len) != 0)
        return STORE_CORRUPT;
    *at = (size_t)(last.data + last.len + strlen(DASHES) - (const char *)text->data);
    body.len = (size_t)(end - body.data);
    len = label.len < sizeof out->label ? label.len : sizeof out->label - 1;
    memcpy(out->label, label.data, len);
    out->label[len] = '\0';
    headers_skip(&body, &out->has_headers);
    if (out->has_headers) { /* encrypted: the bytes are of no use */
        store_secret_wipe(&out->der);
        return STORE_OK;
    }
    return body_decode(body, &out->der);
}

#define LINE 64

static enum store_err append_text(struct store_secret *out, const char *text)
{
    return store_secret_append(out, text, strlen(text));
}

static enum store_err append_edge(struct store_secret *out, const char *edge, const char *label)
{
    TRY(append_text(out, edge));
    TRY(append_text(out, label));
    return append_text(out, DASHES "\n");
}

enum store_err pem_write(const char *label, struct der bytes, struct store_secret *out)
{
    AUTO_SECRET body = {0};
    AUTO_SECRET text = {0};

    TRY(store_base64_encode(bytes.data, bytes.len, &body));
    TRY(append_edge(&text, BEGIN, label));
    for (size_t at = 0; at < body.len; at += LINE) {
        size_t len = body.len - at < LINE ? body.len - at : LINE;
        TRY(store_secret_append(&text, body.data + at, len));
        TRY(append_text(&text, "\n"));
    }
    TRY(append_edge(&text, END, label));
    store_secret_move(out, &text);
    return STORE_OK;
}
