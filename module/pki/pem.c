/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/pem.h"

#include <string.h>

#include "store/base64.h"
#include "store/utf8.h"

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

/* Programs in C store the NUL behind a text, too. */
static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\0';
}

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

/* An encapsulation boundary (RFC 7468, 2): dashes, BEGIN or END, the label, and dashes. */
struct boundary {
    const char *start; /* of its line, if it is alone on it */
    const char *end;   /* behind it, and behind its line in the same case */
    struct span label;
    bool begins;
    bool alone; /* on its line, but for blanks */
};

/* Finds out if the boundary is alone on its line, and then takes in the line with its break: CR, LF
 * or both. */
static void take_line(struct span text, struct boundary *boundary)
{
    const char *start = boundary->start;
    const char *end = boundary->end;
    const char *last = text.data + text.len;

    while (start > text.data && is_blank(start[-1]))
        start--;
    while (end < last && is_blank(*end))
        end++;
    boundary->alone =
        (start == text.data || is_break(start[-1])) && (end == last || is_break(*end));
    if (!boundary->alone)
        return;
    if (end < last)
        end += *end == '\r' && end + 1 < last && end[1] == '\n' ? 2 : 1;
    boundary->start = start;
    boundary->end = end;
}

/* Reads the boundary that begins at `at`; false if none does, or not as a word of its own. Some
 * stores' pages put a key on one line, so a boundary may be beside other words. */
static bool boundary_read(struct span text, const char *at, struct boundary *out)
{
    struct span rest = span_from(text, at);
    size_t len = strlen(BEGIN);
    const char *dashes;

    out->begins = rest.len > len && memcmp(at, BEGIN, len) == 0;
    if (!out->begins)
        len = strlen(END);
    if (!out->begins && (rest.len <= len || memcmp(at, END, len) != 0))
        return false;
    rest = span_from(rest, at + len);
    dashes = find(rest, DASHES);
    if (dashes == NULL)
        return false;
    out->label = (struct span){rest.data, (size_t)(dashes - rest.data)};
    out->start = at;
    out->end = dashes + strlen(DASHES);
    if (at > text.data && !is_blank(at[-1]) && !is_break(at[-1]))
        return false;
    if (out->end < text.data + text.len && !is_blank(*out->end) && !is_break(*out->end))
        return false;
    if (memchr(out->label.data, '\n', out->label.len) != NULL ||
        memchr(out->label.data, '\r', out->label.len) != NULL)
        return false;
    take_line(text, out);
    return true;
}

/* Finds the first boundary of the text from `from` on. */
static bool boundary_next(struct span text, const char *from, struct boundary *out)
{
    for (const char *at = find(span_from(text, from), DASHES); at != NULL;
         at = find(span_from(text, at + 1), DASHES))
        if (boundary_read(text, at, out))
            return true;
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

/* Reads the block behind a boundary, and gives the end of it. CORRUPT: no such block follows. */
static enum store_err block_read(struct span text, const struct boundary *first,
                                 struct pem_block *out, const char **end)
{
    struct boundary last;
    struct span body;

    if (!boundary_next(text, first->end, &last) || last.begins ||
        last.label.len != first->label.len ||
        memcmp(last.label.data, first->label.data, last.label.len) != 0)
        return STORE_CORRUPT;
    body = (struct span){first->end, (size_t)(last.start - first->end)};
    store_secret_wipe(&out->der);
    headers_skip(&body, &out->has_headers);
    /* with headers it is encrypted: the bytes are of no use */
    if (!out->has_headers)
        TRY(body_decode(body, &out->der));
    *end = last.end;
    return STORE_OK;
}

enum store_err pem_next(const struct store_secret *value, size_t *at, struct pem_block *out)
{
    const char *start = (const char *)value->data;
    const size_t mark = value->len > 0 ? store_utf8_mark(value->data, value->len) : 0;
    const struct span text = {start + mark, value->len - mark};
    enum store_err err = STORE_NOT_FOUND;
    struct boundary first;
    const char *end;
    size_t len;

    if (*at >= value->len)
        return STORE_NOT_FOUND;
    for (end = start + (*at < mark ? mark : *at); boundary_next(text, end, &first);) {
        end = first.end;
        if (!first.begins)
            continue;
        out->has_headers = false;
        err = block_read(text, &first, out, &end);
        if (err == STORE_CORRUPT && !first.alone)
            continue; /* a sentence that mentions a boundary */
        *at = (size_t)(end - start);
        out->start = (size_t)(first.start - start);
        len = first.label.len < sizeof out->label ? first.label.len : sizeof out->label - 1;
        memcpy(out->label, first.label.data, len);
        out->label[len] = '\0';
        return err;
    }
    return err == STORE_CORRUPT ? STORE_NOT_FOUND : err;
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
