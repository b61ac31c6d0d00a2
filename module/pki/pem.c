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

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Takes the next line, without its line break (RFC 7468, 3: CR, LF or both), off the text. */
static struct span line_take(struct span *text)
{
    struct span line = {text->data, 0};
    size_t end;

    while (line.len < text->len && line.data[line.len] != '\n' && line.data[line.len] != '\r')
        line.len++;
    end = line.len < text->len ? line.len + 1 : line.len;
    if (end < text->len && line.data[line.len] == '\r' && line.data[end] == '\n')
        end++;
    *text = span_from(*text, text->data + end);
    return line;
}

/* Gives the label of a line that is an encapsulation boundary (RFC 7468, 2): `edge`, the label and
 * dashes. Blanks around them are ignored. */
static bool label_read(struct span line, const char *edge, struct span *label)
{
    size_t dashes = strlen(DASHES);
    size_t len = strlen(edge);

    while (line.len > 0 && is_blank(line.data[0]))
        line = span_from(line, line.data + 1);
    while (line.len > 0 && is_blank(line.data[line.len - 1]))
        line.len--;
    if (line.len < len + dashes || memcmp(line.data, edge, len) != 0 ||
        memcmp(line.data + line.len - dashes, DASHES, dashes) != 0)
        return false;
    *label = (struct span){line.data + len, line.len - len - dashes};
    return find(*label, DASHES) == NULL;
}

/* Moves `rest` past the line that begins the next block; false if there is none. */
static bool begin_find(struct span *rest, struct span *first, struct span *label)
{
    while (rest->len > 0) {
        *first = line_take(rest);
        if (label_read(*first, BEGIN, label))
            return true;
    }
    return false;
}

/* Moves `rest` past the line that ends the block of this label, and gives what is before it. */
static bool end_find(struct span *rest, struct span label, struct span *body)
{
    struct span left = *rest;
    struct span last;

    while (left.len > 0) {
        struct span line = line_take(&left);
        if (label_read(line, BEGIN, &last))
            return false;
        if (!label_read(line, END, &last))
            continue;
        if (last.len != label.len || memcmp(last.data, label.data, last.len) != 0)
            return false;
        *body = (struct span){rest->data, (size_t)(line.data - rest->data)};
        *rest = left;
        return true;
    }
    return false;
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
    const char *start = (const char *)text->data;
    struct span rest = {start + *at, text->len - *at};
    struct span label;
    struct span first;
    struct span body;
    enum store_err err;
    size_t len;

    if (*at >= text->len || !begin_find(&rest, &first, &label))
        return STORE_NOT_FOUND;
    *at = (size_t)(rest.data - start);
    out->start = (size_t)(first.data - start);
    len = label.len < sizeof out->label ? label.len : sizeof out->label - 1;
    memcpy(out->label, label.data, len);
    out->label[len] = '\0';
    out->has_headers = false;
    if (!end_find(&rest, label, &body))
        return STORE_CORRUPT;
    store_secret_wipe(&out->der);
    headers_skip(&body, &out->has_headers);
    /* with headers it is encrypted: the bytes are of no use */
    err = out->has_headers ? STORE_OK : body_decode(body, &out->der);
    if (err == STORE_OK)
        *at = (size_t)(rest.data - start);
    return err;
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
