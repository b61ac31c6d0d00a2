/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/ini.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store/log.h"
#include "store/utf8.h"
#include "backends/aws/words.h"

struct slice {
    const char *data;
    size_t len;
};

/* A section's head (`name` and `sub` empty) or a setting. The slices lie in the file's text. */
struct aws_ini_entry {
    enum aws_ini_kind kind;
    struct store_secret section; /* not a secret; all of its entries share it */
    struct slice head;           /* the text between its brackets */
    struct slice name;
    struct slice sub;
    struct store_secret value;
};

/* The state of the parser. */
struct parser {
    struct aws_ini *ini;
    const char *path;
    const struct store_secret *text;
    bool config;
    unsigned line;
    bool in_section;
    bool in_setting; /* a line with more indentation continues it */
    size_t indent;   /* of the last line that was not a continuation */
    size_t gap;      /* empty lines since then: part of the value if it continues */
    size_t setting;  /* its index */
    enum aws_ini_kind kind;
    struct store_secret section;
    struct slice head;
};

/* The length of a blank, as Python knows them, that begins here; 0 if none does: a setting that was
 * copied from a page has no-break spaces around it. */
static size_t blank_at(const char *text, size_t len)
{
    uint32_t code = 0;
    size_t n = len == 0 ? 0 : store_utf8_decode((const unsigned char *)text, len, &code);

    return n > 0 && store_utf8_space(code) ? n : 0;
}

static struct slice trim(struct slice s)
{
    size_t n;

    while ((n = blank_at(s.data, s.len)) > 0) {
        s.data += n;
        s.len -= n;
    }
    /* a blank has at most three bytes */
    for (n = 1; n <= 3 && n <= s.len; n++)
        if (blank_at(s.data + s.len - n, n) == n) {
            s.len -= n;
            n = 0;
        }
    return s;
}

/* The number of characters before `trimmed` in its line. */
static size_t indent_of(struct slice line, struct slice trimmed)
{
    size_t count = 0;

    for (const char *p = line.data; p < trimmed.data; p++)
        count += ((unsigned char)*p & 0xc0) != 0x80;
    return count;
}

static bool comment(struct slice s)
{
    return s.len > 0 && (s.data[0] == '#' || s.data[0] == ';');
}

static bool slice_is(struct slice s, const char *text)
{
    return s.len == strlen(text) && (s.len == 0 || memcmp(s.data, text, s.len) == 0);
}

static bool slice_is_any_case(struct slice s, const char *text)
{
    return s.len == strlen(text) && (s.len == 0 || strncasecmp(s.data, text, s.len) == 0);
}

static enum store_err parse_failed(const struct parser *parser, const char *why)
{
    store_log(STORE_LOG_ERROR, "aws: %s, line %u: %s", parser->path, parser->line, why);
    return STORE_BAD_CONF;
}

/* Appends an entry; NULL without memory. */
static struct aws_ini_entry *entry_add(struct aws_ini *ini, enum aws_ini_kind kind,
                                       const struct store_secret *section, struct slice head)
{
    struct aws_ini_entry *entry;

    if (ini->count == ini->room) {
        size_t room = ini->room == 0 ? 64 : ini->room * 2;
        struct aws_ini_entry *entries =
            reallocarray(ini->entries, room, sizeof *entries); /* references, no secret bytes */

        if (entries == NULL)
            return NULL;
        ini->entries = entries;
        ini->room = room;
    }
    entry = &ini->entries[ini->count++];
    *entry = (struct aws_ini_entry){.kind = kind, .head = head};
    store_secret_share(&entry->section, section);
    return entry;
}

/* The kind of a section of "config" whose head is two words, split as by a shell; `section` gets
 * the second. botocore compares only the beginning of the first. */
static enum store_err section_words(struct slice head, enum aws_ini_kind kind,
                                    struct store_secret *section, enum aws_ini_kind *out)
{
    char *text = memchr(head.data, '\0', head.len) == NULL ? strndup(head.data, head.len) : NULL;
    AUTO_WORDS words = {0};
    enum store_err err = STORE_BAD_CONF;

    *out = AWS_INI_OTHER;
    if (text != NULL)
        err = aws_words_split(text, &words);
    free(text);
    if (err == STORE_OK && words.count == 2) {
        *out = kind;
        err = store_secret_set(section, words.argv[1], strlen(words.argv[1]));
    }
    return err == STORE_NO_MEMORY ? err : STORE_OK;
}

static enum store_err section_kind(struct parser *parser, struct slice head)
{
    static const struct {
        const char *word;
        enum aws_ini_kind kind;
    } words[] = {{"profile", AWS_INI_PROFILE},
                 {"sso-session", AWS_INI_SSO_SESSION},
                 {"services", AWS_INI_SERVICES}};

    TRY(store_secret_set(&parser->section, head.data, head.len));
    parser->kind = AWS_INI_DEFAULTS;
    if (slice_is(head, "DEFAULT"))
        return STORE_OK;
    parser->kind = AWS_INI_PROFILE;
    if (!parser->config)
        return STORE_OK;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (head.len >= strlen(words[i].word) &&
            memcmp(head.data, words[i].word, strlen(words[i].word)) == 0)
            return section_words(head, words[i].kind, &parser->section, &parser->kind);
    parser->kind = slice_is(head, "default") ? AWS_INI_PROFILE : AWS_INI_OTHER;
    return STORE_OK;
}

/* Any text after the last bracket is ignored, comment or not. */
static enum store_err parse_section(struct parser *parser, struct slice line, const char *end)
{
    struct slice head = {line.data + 1, (size_t)(end - line.data) - 1};

    parser->head = head;
    TRY(section_kind(parser, head));
    parser->in_section = true;
    parser->in_setting = false;
    return entry_add(parser->ini, parser->kind, &parser->section, parser->head) == NULL
               ? STORE_NO_MEMORY
               : STORE_OK;
}

static void value_slice(const struct parser *parser, struct slice value, struct store_secret *out)
{
    const char *start = (const char *)parser->text->data;

    store_secret_slice(out, parser->text, (size_t)(value.data - start), value.len);
}

/* `name = value` or `name: value`. A '#' after it is part of the value. */
static enum store_err parse_setting(struct parser *parser, struct slice line)
{
    struct aws_ini_entry *entry;
    struct slice name = {line.data, 0};

    if (!parser->in_section)
        return parse_failed(parser, "a setting stands before the first [section]");
    while (name.len < line.len && line.data[name.len] != '=' && line.data[name.len] != ':')
        name.len++;
    if (name.len == line.len || trim(name).len == 0)
        return parse_failed(parser, "expected `name = value`");
    parser->setting = parser->ini->count;
    entry = entry_add(parser->ini, parser->kind, &parser->section, parser->head);
    if (entry == NULL)
        return STORE_NO_MEMORY;
    entry->name = trim(name);
    value_slice(parser, trim((struct slice){line.data + name.len + 1, line.len - name.len - 1}),
                &entry->value);
    parser->in_setting = true;
    return STORE_OK;
}

/* A setting nested below one without a value. */
static enum store_err parse_nested(struct parser *parser, struct slice line)
{
    const char *equals = memchr(line.data, '=', line.len);
    struct slice name = parser->ini->entries[parser->setting].name;
    struct aws_ini_entry *entry;
    struct slice sub;

    if (equals == NULL)
        return parse_failed(parser, "expected `name = value` below a setting without a value");
    sub = trim((struct slice){line.data, (size_t)(equals - line.data)});
    if (sub.len == 0)
        return STORE_OK;
    entry = entry_add(parser->ini, parser->kind, &parser->section, parser->head);
    if (entry == NULL)
        return STORE_NO_MEMORY;
    entry->name = name;
    entry->sub = sub;
    value_slice(parser,
                trim((struct slice){equals + 1, line.len - (size_t)(equals + 1 - line.data)}),
                &entry->value);
    return STORE_OK;
}

/* Continues the value of the setting before a line that is indented further. */
static enum store_err parse_further(struct parser *parser, struct slice line)
{
    struct store_secret *value = &parser->ini->entries[parser->setting].value;
    size_t breaks = parser->gap + 1;

    parser->gap = 0;
    if (value->len == 0)
        return parse_nested(parser, line);
    while (breaks-- > 0)
        TRY(store_secret_append(value, "\n", 1));
    return store_secret_append(value, line.data, line.len);
}

static enum store_err parse_line(struct parser *parser, struct slice line)
{
    struct slice trimmed = trim(line);
    size_t indent = indent_of(line, trimmed);
    const char *end = memrchr(trimmed.data, ']', trimmed.len);

    if (comment(trimmed))
        return STORE_OK;
    if (trimmed.len == 0) {
        parser->gap++;
        return STORE_OK;
    }
    if (parser->in_setting && indent > parser->indent)
        return parse_further(parser, trimmed);
    parser->indent = indent;
    parser->gap = 0;
    if (trimmed.data[0] == '[' && end != NULL && end > trimmed.data + 1)
        return parse_section(parser, trimmed, end);
    return parse_setting(parser, trimmed);
}

static bool same_section(const struct aws_ini_entry *a, const struct aws_ini_entry *b)
{
    return a->kind == b->kind && store_secret_equal(&a->section, b->section.data, b->section.len);
}

/* Orders heads by their section, and those of one section as they stand in the file. */
static int heads_compare(const void *a, const void *b, void *arg)
{
    const struct aws_ini *ini = arg;
    size_t x = *(const size_t *)a;
    size_t y = *(const size_t *)b;
    const struct aws_ini_entry *one = &ini->entries[x];
    const struct aws_ini_entry *two = &ini->entries[y];
    int order;

    if (one->kind != two->kind)
        return one->kind < two->kind ? -1 : 1;
    if (one->section.len != two->section.len)
        return one->section.len < two->section.len ? -1 : 1;
    order =
        one->section.len == 0 ? 0 : memcmp(one->section.data, two->section.data, one->section.len);
    if (order != 0)
        return order;
    return x < y ? -1 : x > y;
}

static void section_drop(struct aws_ini *ini, size_t head)
{
    do {
        ini->entries[head++].kind = AWS_INI_OTHER;
    } while (head < ini->count && ini->entries[head].name.len > 0);
}

/* Of heads that are written differently and name the same section, such as [default] and
 * [profile default], the last counts alone. A head that is repeated as it is goes on. */
static enum store_err sections_settle(struct aws_ini *ini, size_t from)
{
    size_t *heads = calloc(ini->count - from + 1, sizeof *heads);
    const struct aws_ini_entry *last = NULL;
    size_t count = 0;

    if (heads == NULL)
        return STORE_NO_MEMORY;
    for (size_t i = from; i < ini->count; i++)
        if (ini->entries[i].name.len == 0 && ini->entries[i].kind != AWS_INI_OTHER)
            heads[count++] = i;
    qsort_r(heads, count, sizeof *heads, heads_compare, ini);
    while (count-- > 0) {
        const struct aws_ini_entry *head = &ini->entries[heads[count]];

        if (last == NULL || !same_section(head, last))
            last = head;
        else if (head->head.len != last->head.len ||
                 memcmp(head->head.data, last->head.data, head->head.len) != 0)
            section_drop(ini, heads[count]);
    }
    free(heads);
    return STORE_OK;
}

/* True if the file that begins at `from` sets `name` in the section of `head`. */
static bool section_sets(const struct aws_ini *ini, size_t from, const struct aws_ini_entry *head,
                         struct slice name)
{
    for (size_t i = from; i < ini->count; i++)
        if (same_section(&ini->entries[i], head) && ini->entries[i].name.len == name.len &&
            strncasecmp(ini->entries[i].name.data, name.data, name.len) == 0)
            return true;
    return false;
}

/* `[DEFAULT]` holds in every section of the same file, unless the section says otherwise. */
static enum store_err defaults_spread(struct aws_ini *ini, size_t from)
{
    size_t end = ini->count;

    for (size_t d = from; d < end; d++) {
        if (ini->entries[d].kind != AWS_INI_DEFAULTS || ini->entries[d].name.len == 0)
            continue;
        for (size_t i = from; i < end; i++) {
            struct aws_ini_entry head = ini->entries[i];
            struct aws_ini_entry *copy;

            if (head.kind == AWS_INI_DEFAULTS || head.kind == AWS_INI_OTHER || head.name.len > 0 ||
                section_sets(ini, from, &head, ini->entries[d].name))
                continue;
            copy = entry_add(ini, head.kind, &head.section, head.head);
            if (copy == NULL)
                return STORE_NO_MEMORY;
            copy->name = ini->entries[d].name;
            copy->sub = ini->entries[d].sub;
            store_secret_share(&copy->value, &ini->entries[d].value);
        }
    }
    return STORE_OK;
}

/* Removes and returns the next line of `rest`; it ends in LF, CR or both. */
static struct slice line_next(struct slice *rest)
{
    struct slice line = {rest->data, 0};
    size_t used;

    while (line.len < rest->len && line.data[line.len] != '\n' && line.data[line.len] != '\r')
        line.len++;
    used = line.len;
    if (used < rest->len)
        used += rest->data[used] == '\r' && used + 1 < rest->len && rest->data[used + 1] == '\n'
                    ? 2
                    : 1;
    *rest = (struct slice){rest->data + used, rest->len - used};
    return line;
}

enum store_err aws_ini_parse(struct aws_ini *ini, const char *path, bool config,
                             const struct store_secret *text)
{
    struct parser parser = {.ini = ini, .path = path, .text = text, .config = config};
    struct slice rest = {(const char *)text->data, text->len};
    size_t from = ini->count;
    enum store_err err = STORE_OK;

    if (text->len == 0)
        return STORE_OK;
    store_secret_share(&ini->files[ini->file_count++], text);
    rest.data += store_utf8_mark(text->data, text->len);
    rest.len -= store_utf8_mark(text->data, text->len);
    while (err == STORE_OK && rest.len > 0) {
        parser.line++;
        err = parse_line(&parser, line_next(&rest));
    }
    store_secret_wipe(&parser.section);
    TRY(err);
    if (config)
        TRY(sections_settle(ini, from));
    return defaults_spread(ini, from);
}

void aws_ini_clear(struct aws_ini *ini)
{
    for (size_t i = 0; i < ini->count; i++) {
        store_secret_wipe(&ini->entries[i].section);
        store_secret_wipe(&ini->entries[i].value);
    }
    free(ini->entries);
    for (size_t i = 0; i < ini->file_count; i++)
        store_secret_wipe(&ini->files[i]);
    *ini = (struct aws_ini){0};
}

bool aws_ini_has(const struct aws_ini *ini, enum aws_ini_kind kind, const char *section)
{
    for (size_t i = 0; i < ini->count; i++)
        if (ini->entries[i].kind == kind &&
            store_secret_equal(&ini->entries[i].section, section, strlen(section)))
            return true;
    return false;
}

const struct store_secret *aws_ini_find(const struct aws_ini *ini, enum aws_ini_kind kind,
                                        const char *section, const char *name, const char *sub)
{
    for (size_t i = ini->count; i-- > 0;) {
        const struct aws_ini_entry *entry = &ini->entries[i];

        if (entry->kind == kind && store_secret_equal(&entry->section, section, strlen(section)) &&
            slice_is_any_case(entry->name, name) && slice_is(entry->sub, sub == NULL ? "" : sub))
            return entry->value.len > 0 ? &entry->value : NULL;
    }
    return NULL;
}
