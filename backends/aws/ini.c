/* SPDX-License-Identifier: Apache-2.0 */
#include "ini.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store/log.h"
#include "store/utf8.h"

struct slice {
    const char *data;
    size_t len;
};

/* A section's head (`name` and `sub` empty) or a setting. The slices lie in the file's text. */
struct aws_ini_entry {
    enum aws_ini_kind kind;
    struct slice section;
    struct slice name;
    struct slice sub;
    struct store_secret value;
};

/* Where the parser is. */
struct parser {
    struct aws_ini *ini;
    const char *path;
    const struct store_secret *text;
    bool config;
    unsigned line;
    bool in_section;
    bool in_setting; /* so that an indented line goes on with it */
    enum aws_ini_kind kind;
    struct slice section;
    struct slice name;
};

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct slice trim(struct slice s)
{
    while (s.len > 0 && blank(s.data[s.len - 1]))
        s.len--;
    while (s.len > 0 && blank(s.data[0])) {
        s.data++;
        s.len--;
    }
    return s;
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

/* Without a comment that follows a blank: a '#' or ';' inside a word is part of it. */
static struct slice without_comment(struct slice s)
{
    for (size_t i = 1; i < s.len; i++)
        if ((s.data[i] == '#' || s.data[i] == ';') && blank(s.data[i - 1]))
            s.len = i;
    return trim(s);
}

static enum store_err parse_failed(const struct parser *parser, const char *why)
{
    store_log(STORE_LOG_ERROR, "aws: %s, line %u: %s", parser->path, parser->line, why);
    return STORE_BAD_CONF;
}

/* A new entry at the end; NULL without memory. */
static struct aws_ini_entry *entry_add(struct parser *parser)
{
    struct aws_ini *ini = parser->ini;
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
    *entry = (struct aws_ini_entry){.kind = parser->kind, .section = parser->section};
    return entry;
}

/* "profile x" and the like: whether `s` starts with `word` and a blank; then `rest` is what
 * follows, without the quotes that some tools write. */
static bool section_word(struct slice s, const char *word, struct slice *rest)
{
    size_t len = strlen(word);

    if (s.len <= len || memcmp(s.data, word, len) != 0 || !blank(s.data[len]))
        return false;
    *rest = trim((struct slice){s.data + len, s.len - len});
    if (rest->len >= 2 && (rest->data[0] == '"' || rest->data[0] == '\'') &&
        rest->data[rest->len - 1] == rest->data[0])
        *rest = trim((struct slice){rest->data + 1, rest->len - 2});
    return rest->len > 0;
}

static enum aws_ini_kind section_kind(const struct parser *parser, struct slice name,
                                      struct slice *section)
{
    struct slice rest;

    *section = name;
    if (section_word(name, "profile", &rest)) {
        *section = rest;
        return parser->config ? AWS_INI_PROFILE : AWS_INI_OTHER;
    }
    if (!parser->config)
        return AWS_INI_PROFILE;
    if (slice_is(name, "default"))
        return AWS_INI_PLAIN_DEFAULT;
    if (section_word(name, "sso-session", section))
        return AWS_INI_SSO_SESSION;
    return section_word(name, "services", section) ? AWS_INI_SERVICES : AWS_INI_OTHER;
}

static enum store_err parse_section(struct parser *parser, struct slice line)
{
    const char *end = memchr(line.data, ']', line.len);
    struct slice name;
    struct slice after;

    if (end == NULL)
        return parse_failed(parser, "a section's name ends with ']'");
    name = trim((struct slice){line.data + 1, (size_t)(end - line.data) - 1});
    after = trim((struct slice){end + 1, line.len - (size_t)(end + 1 - line.data)});
    if (name.len == 0 || (after.len > 0 && !comment(after)))
        return parse_failed(parser, "expected [name] and nothing more");
    parser->kind = section_kind(parser, name, &parser->section);
    parser->in_section = true;
    parser->in_setting = false;
    return entry_add(parser) == NULL ? STORE_NO_MEMORY : STORE_OK;
}

/* Splits `name = value`; false if it is none. */
static bool setting_split(struct slice line, struct slice *name, struct slice *value)
{
    const char *equals = memchr(line.data, '=', line.len);

    if (equals == NULL)
        return false;
    *name = trim((struct slice){line.data, (size_t)(equals - line.data)});
    value->data = equals + 1;
    value->len = line.len - (size_t)(equals + 1 - line.data);
    *value = without_comment(*value);
    return name->len > 0;
}

static void value_slice(const struct parser *parser, struct slice value, struct store_secret *out)
{
    const char *start = (const char *)parser->text->data;

    store_secret_slice(out, parser->text, (size_t)(value.data - start), value.len);
}

static enum store_err parse_setting(struct parser *parser, struct slice line)
{
    struct aws_ini_entry *entry;
    struct slice value;

    if (!parser->in_section)
        return parse_failed(parser, "a setting stands before the first [section]");
    if (!setting_split(line, &parser->name, &value))
        return parse_failed(parser, "expected `name = value`");
    entry = entry_add(parser);
    if (entry == NULL)
        return STORE_NO_MEMORY;
    entry->name = parser->name;
    value_slice(parser, value, &entry->value);
    parser->in_setting = true;
    return STORE_OK;
}

/* An indented line: a setting nested below one without a value, or more of a value. */
static enum store_err parse_indented(struct parser *parser, struct slice line)
{
    struct aws_ini_entry *last;
    struct slice sub;
    struct slice value;

    if (!parser->in_setting)
        return parse_failed(parser, "an indented line follows no setting");
    last = &parser->ini->entries[parser->ini->count - 1];
    if (last->sub.len == 0 && last->value.len > 0) {
        TRY(store_secret_append(&last->value, "\n", 1));
        return store_secret_append(&last->value, line.data, line.len);
    }
    if (!setting_split(line, &sub, &value))
        return parse_failed(parser, "expected `name = value` below a setting without a value");
    last = entry_add(parser);
    if (last == NULL)
        return STORE_NO_MEMORY;
    last->name = parser->name;
    last->sub = sub;
    value_slice(parser, value, &last->value);
    return STORE_OK;
}

static enum store_err parse_line(struct parser *parser, struct slice line)
{
    struct slice trimmed = trim(line);

    if (trimmed.len == 0 || comment(trimmed))
        return STORE_OK;
    if (blank(line.data[0]))
        return parse_indented(parser, trimmed);
    if (trimmed.data[0] == '[')
        return parse_section(parser, trimmed);
    return parse_setting(parser, trimmed);
}

/* `[profile default]` makes `[default]` count for nothing, wherever the two stand. */
static void default_settle(struct aws_ini *ini, size_t from)
{
    bool full = false;

    for (size_t i = from; i < ini->count; i++)
        if (ini->entries[i].kind == AWS_INI_PROFILE && slice_is(ini->entries[i].section, "default"))
            full = true;
    for (size_t i = from; i < ini->count; i++)
        if (ini->entries[i].kind == AWS_INI_PLAIN_DEFAULT)
            ini->entries[i].kind = full ? AWS_INI_OTHER : AWS_INI_PROFILE;
}

enum store_err aws_ini_parse(struct aws_ini *ini, const char *path, bool config,
                             const struct store_secret *text)
{
    struct parser parser = {.ini = ini, .path = path, .text = text, .config = config};
    struct slice rest = {(const char *)text->data, text->len};
    size_t from = ini->count;

    if (text->len == 0)
        return STORE_OK;
    store_secret_share(&ini->files[ini->file_count++], text);
    rest.data += store_utf8_mark(text->data, text->len);
    rest.len -= store_utf8_mark(text->data, text->len);
    while (rest.len > 0) {
        const char *end = memchr(rest.data, '\n', rest.len);
        struct slice line = {rest.data, end == NULL ? rest.len : (size_t)(end - rest.data)};
        size_t used = line.len + (end == NULL ? 0 : 1);

        parser.line++;
        TRY(parse_line(&parser, line));
        rest = (struct slice){rest.data + used, rest.len - used};
    }
    default_settle(ini, from);
    return STORE_OK;
}

void aws_ini_clear(struct aws_ini *ini)
{
    for (size_t i = 0; i < ini->count; i++)
        store_secret_wipe(&ini->entries[i].value);
    free(ini->entries);
    for (size_t i = 0; i < ini->file_count; i++)
        store_secret_wipe(&ini->files[i]);
    *ini = (struct aws_ini){0};
}

bool aws_ini_has(const struct aws_ini *ini, enum aws_ini_kind kind, const char *section)
{
    for (size_t i = 0; i < ini->count; i++)
        if (ini->entries[i].kind == kind && slice_is(ini->entries[i].section, section))
            return true;
    return false;
}

const struct store_secret *aws_ini_find(const struct aws_ini *ini, enum aws_ini_kind kind,
                                        const char *section, const char *name, const char *sub)
{
    for (size_t i = ini->count; i-- > 0;) {
        const struct aws_ini_entry *entry = &ini->entries[i];

        if (entry->kind == kind && slice_is(entry->section, section) &&
            slice_is_any_case(entry->name, name) &&
            slice_is_any_case(entry->sub, sub == NULL ? "" : sub))
            return entry->value.len > 0 ? &entry->value : NULL;
    }
    return NULL;
}
