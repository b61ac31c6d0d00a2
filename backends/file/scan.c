/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/scan.h"

#include <string.h>

#include "backends/file/mark.h"
#include "store/time.h"
#include "store/utf8.h"

/* The most bytes to read in vain, for each byte of the text; the rest stays in the backup. */
#define PATIENCE 16

#define LOOK_AT_CLOCK 256

/* The objects around a record in the fresh file, which counts them, too. */
#define RECORD_DEPTH 2

struct scan {
    const struct store_secret *text;
    const unsigned char *s;
    size_t len;
    size_t at;
    size_t depth;
    size_t secrets; /* the depth of the members of "secrets", while it is open; 0: it is not */
    bool had_secrets;
    bool in_step;      /* the text has been in order since the beginning, or the last record */
    bool foreign;      /* the scan lost its place in a foreign member */
    size_t last_quote; /* the end of the last string that was passed; 0: none */
    size_t patience;
    int64_t version;
    scan_note_fn *note;
    scan_mark_fn *mark;
    void *arg;
};

static void impatient(struct scan *scan, size_t bytes)
{
    scan->patience -= bytes < scan->patience ? bytes : scan->patience;
}

static size_t skip_space(const struct scan *scan, size_t at)
{
    while (at < scan->len && memchr(" \t\r\n", scan->s[at], 4) != NULL)
        at++;
    return at;
}

/* True if the next byte after white space is `c`. */
static bool follows(const struct scan *scan, size_t at, char c)
{
    at = skip_space(scan, at);
    return at < scan->len && scan->s[at] == (unsigned char)c;
}

/* The end of the string that begins at `at`; 0 if it has no end or is not a valid string. */
static size_t string_end(const struct scan *scan, size_t at)
{
    for (at++; at < scan->len && scan->s[at] >= 0x20; at++) {
        if (scan->s[at] == '"')
            return at + 1;
        at += scan->s[at] == '\\';
    }
    return 0;
}

/* The end of the object or array that begins at `from`, by its brackets; 0 if it has no end. */
static size_t container_end(struct scan *scan, size_t from)
{
    size_t depth = 0;
    size_t at = from;

    while (at < scan->len && at - from < scan->patience) {
        unsigned char c = scan->s[at];
        size_t next = c == '"' ? string_end(scan, at) : at + 1;
        if (next == 0 || c == '\0')
            break;
        if (c == '{' || c == '[')
            depth++;
        else if (c == '}' || c == ']')
            depth--;
        if (depth == 0)
            return next;
        if (depth > JSON_DEPTH_MAX - RECORD_DEPTH)
            break;
        at = next;
    }
    impatient(scan, at - from);
    return 0;
}

/* Reads the value of a member if it is whole. Of a string it needs only the end, unless it may be a
 * secret. */
static enum store_err read_whole(struct scan *scan, struct scan_member *member,
                                 struct json_document **out)
{
    AUTO_SECRET slice = {0};
    unsigned char c = member->start < scan->len ? scan->s[member->start] : 0;
    bool of_use = scan->version < 2 || strcmp(member->name, FILE_MARK) == 0;
    enum store_err err;

    *out = NULL;
    if (c == '"')
        member->end = string_end(scan, member->start);
    else if (c == '{' || c == '[')
        member->end = container_end(scan, member->start);
    if (member->end == 0 || (c == '"' && (!scan->in_step || !of_use)))
        return STORE_OK;
    store_secret_slice(&slice, scan->text, member->start, member->end - member->start);
    err = json_read(out, &slice, NULL);
    if (err == STORE_NO_MEMORY)
        return err;
    if (err != STORE_OK)
        impatient(scan, member->end - member->start);
    return STORE_OK;
}

/* Reads the string between two offsets if it can be a name; else returns "". */
static enum store_err read_name(const struct scan *scan, size_t quote, size_t end,
                                char out[STORE_KEY_MAX + 1])
{
    AUTO_SECRET slice = {0};
    AUTO_JSON name = NULL;
    size_t len = end - quote - 2;
    enum store_err err;

    out[0] = '\0';
    if (memchr(scan->s + quote, '\\', end - quote) == NULL) {
        if (len <= STORE_KEY_MAX) {
            memcpy(out, scan->s + quote + 1, len);
            out[len] = '\0';
        }
        return STORE_OK;
    }
    store_secret_slice(&slice, scan->text, quote, end - quote);
    err = json_read(&name, &slice, NULL);
    if (err == STORE_OK && json_text(json_root(name), out, STORE_KEY_MAX + 1) != STORE_OK)
        out[0] = '\0';
    return err == STORE_NO_MEMORY ? err : STORE_OK;
}

/* The text is damaged here: from `at` on, tries each quotation mark. */
static void lose_step_at(struct scan *scan, size_t at)
{
    if (scan->in_step)
        scan->foreign = scan->version == 2 && scan->secrets == 0 && scan->depth >= 2;
    scan->in_step = false;
    scan->last_quote = 0;
    scan->at = at;
}

/* The same at this place. What follows the last string that was passed may have been taken for a
 * string, so that is where the search begins. */
static void lose_step(struct scan *scan)
{
    lose_step_at(scan, scan->in_step && scan->last_quote != 0 ? scan->last_quote : scan->at + 1);
}

/* True if members here may be records. */
static bool among_records(const struct scan *scan)
{
    if (!scan->in_step)
        return !scan->foreign;
    return scan->secrets == 0 ? scan->depth <= 1 : scan->depth == scan->secrets;
}

/* True if they may be records of version 1. */
static bool among_flat(const struct scan *scan, bool plain)
{
    if (scan->version > 1 || (plain && !scan->in_step))
        return false;
    return !scan->in_step || scan->secrets != 0 || !scan->had_secrets;
}

/* Reads the version at `at`. */
static void read_version(struct scan *scan, size_t at)
{
    int64_t number = 0;

    if (scan->version != 0)
        return;
    for (; at < scan->len && scan->s[at] >= '0' && scan->s[at] <= '9' && number < INT32_MAX; at++)
        number = number * 10 + (scan->s[at] - '0');
    scan->version = number;
}

/* After a record the scan knows its place again. */
static void regain_step(struct scan *scan)
{
    if (scan->in_step)
        return;
    scan->in_step = true;
    scan->depth = scan->secrets != 0 ? scan->secrets : 1;
}

/* Skips a whole value. */
static void pass(struct scan *scan, size_t end, bool string)
{
    scan->at = end;
    scan->last_quote = string ? end - 1 : 0;
}

/* Enters an object or array, or moves on to a value of another kind. */
static void enter(struct scan *scan, size_t value, bool secrets)
{
    scan->at = value;
    scan->last_quote = 0;
    if (!secrets)
        return;
    scan->secrets = scan->depth + 1;
    scan->had_secrets = true;
    scan->foreign = false;
}

/* Reads the member whose value begins at `value`, and moves on. */
static enum store_err read_member(struct scan *scan, size_t quote, struct scan_member *member)
{
    size_t value = member->start;
    unsigned char c = value < scan->len ? scan->s[value] : 0;
    bool secrets = c == '{' && scan->secrets == 0 && strcmp(member->name, "secrets") == 0;
    bool string = c == '"';
    enum scan_verdict verdict = SCAN_OTHER;

    if (secrets) {
        enter(scan, value, true);
        return STORE_OK;
    }
    /* a string with a ':' after it was a key */
    if (string && member->end != 0 && follows(scan, member->end, ':')) {
        lose_step_at(scan, value);
        return STORE_OK;
    }
    if (scan->depth <= 1 && strcmp(member->name, "version") == 0)
        read_version(scan, value);
    if (scan->depth <= 1 && member->whole != NULL && strcmp(member->name, FILE_MARK) == 0)
        TRY(scan->mark(scan->arg, json_root(member->whole)));
    member->plain = string;
    member->may_be_flat = among_flat(scan, string);
    if (among_records(scan))
        TRY(scan->note(scan->arg, member, &verdict));
    if (verdict == SCAN_TAKEN)
        regain_step(scan);
    if (verdict == SCAN_TAKEN ||
        (verdict == SCAN_OTHER &&
         (string ? scan->in_step && member->end != 0 : member->whole != NULL))) {
        pass(scan, member->end, string);
        return STORE_OK;
    }
    if (verdict == SCAN_DAMAGED && member->whole != NULL)
        impatient(scan, member->end - value);
    if (string && !scan->in_step)
        scan->at = quote + 1;
    else
        enter(scan, value, false);
    scan->in_step = scan->in_step && verdict == SCAN_OTHER;
    return STORE_OK;
}

/* A quotation mark: a member, a string, or the end of one. */
static enum store_err read_string(struct scan *scan)
{
    size_t quote = scan->at;
    size_t end = string_end(scan, quote);
    size_t colon = end == 0 ? 0 : skip_space(scan, end);
    struct scan_member member = {0};
    AUTO_JSON whole = NULL;

    if (end == 0) {
        lose_step(scan);
        return STORE_OK;
    }
    if (!follows(scan, colon, ':')) {
        if (scan->in_step)
            pass(scan, end, true);
        else
            scan->at++;
        return STORE_OK;
    }
    TRY(read_name(scan, quote, end, member.name));
    member.start = skip_space(scan, colon + 1);
    TRY(read_whole(scan, &member, &whole));
    member.whole = whole;
    return read_member(scan, quote, &member);
}

/* Anything but a quotation mark. */
static void read_byte(struct scan *scan)
{
    unsigned char c = scan->s[scan->at];

    if (c == '{' || c == '[') {
        scan->depth++;
    } else if (c == '}' || c == ']') {
        scan->depth -= scan->depth > 0;
        if (scan->in_step && scan->depth < scan->secrets)
            scan->secrets = 0;
    } else if (c == '\\') {
        scan->at++; /* an escaped quotation mark does not end a string */
    } else if (scan->in_step &&
               (c == '\0' || strchr(" \t\r\n,:+-.0123456789EtruefalsnE", c) == NULL)) {
        lose_step(scan);
        return;
    }
    scan->at++;
}

enum store_err scan_members(const struct store_secret *text, scan_note_fn *note, scan_mark_fn *mark,
                            void *arg, int64_t deadline_ns, int64_t *version)
{
    uint64_t steps = 0;
    struct scan scan = {.text = text,
                        .s = text->data,
                        .len = text->len,
                        .at = text->len == 0 ? 0 : store_utf8_mark(text->data, text->len),
                        .in_step = true,
                        .patience = PATIENCE * text->len,
                        .note = note,
                        .mark = mark,
                        .arg = arg};

    while (scan.at < scan.len && scan.patience > 0) {
        if (++steps % LOOK_AT_CLOCK == 0 && store_time_monotonic() > deadline_ns)
            return STORE_TIMEOUT;
        if (scan.s[scan.at] == '"')
            TRY(read_string(&scan));
        else
            read_byte(&scan);
    }
    *version = scan.version;
    return STORE_OK;
}
