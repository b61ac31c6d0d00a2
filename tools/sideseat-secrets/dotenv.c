/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/dotenv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/utf8.h"

/* A text and the place where it is read. */
struct reader {
    const unsigned char *data;
    size_t len;
    size_t at;
    size_t counted; /* bytes whose line ends are in `line` */
    size_t line;
};

/* The length of the white space at `at`, as Python's \s; 0 if there is none. */
static size_t space_at(const struct reader *in, size_t at, bool lines)
{
    uint32_t code = 0;
    size_t n = at < in->len ? store_utf8_decode(in->data + at, in->len - at, &code) : 0;

    if (n == 0 || (!lines && (code == '\r' || code == '\n')))
        return 0;
    return store_utf8_space(code) ? n : 0;
}

static void skip_space(struct reader *in, bool lines)
{
    size_t n;

    while ((n = space_at(in, in->at, lines)) > 0)
        in->at += n;
}

static int peek(const struct reader *in)
{
    return in->at < in->len ? in->data[in->at] : -1;
}

static bool at_line_end(const struct reader *in)
{
    return peek(in) == -1 || peek(in) == '\r' || peek(in) == '\n';
}

/* Counts the lines up to the place where the text is read. */
static void count_lines(struct reader *in)
{
    for (; in->counted < in->at; in->counted++) {
        unsigned char c = in->data[in->counted];
        bool pair = in->counted + 1 < in->len && in->data[in->counted + 1] == '\n';
        if (c == '\n' || (c == '\r' && !pair))
            in->line++;
    }
}

/* "export" with white space behind it, which is not a part of the name. */
static void skip_export(struct reader *in)
{
    static const char word[] = "export";
    size_t len = sizeof word - 1;

    if (in->len - in->at > len && memcmp(in->data + in->at, word, len) == 0 &&
        space_at(in, in->at + len, false) > 0) {
        in->at += len;
        skip_space(in, false);
    }
}

/* Reads a name, in single quotes or up to white space, '=' or '#'. NULL if there is none. */
static char *read_name(struct reader *in)
{
    bool quoted = peek(in) == '\'';
    size_t start = in->at + (quoted ? 1 : 0);
    size_t end = start;

    while (end < in->len &&
           (quoted ? in->data[end] != '\''
                   : in->data[end] != '=' && in->data[end] != '#' && space_at(in, end, true) == 0))
        end++;
    if (end == start || (quoted && end == in->len) || memchr(in->data + start, 0, end - start))
        return NULL;
    in->at = end + (quoted ? 1 : 0);
    return strndup((const char *)in->data + start, end - start);
}

/* The place of the quote that ends the value which starts at `at`, at least `len` if none does: no
 * quote behind a backslash, which itself may be behind one. */
static size_t find_quote(const struct reader *in, size_t at, unsigned char quote)
{
    while (at < in->len && in->data[at] != quote)
        at += in->data[at] == '\\' ? 2 : 1;
    return at;
}

/* The character that a backslash and `c` stand for; 0 if they stand for themselves. */
static unsigned char unescape(unsigned char c, unsigned char quote)
{
    static const char letters[] = "\\'\"abfnrtv";
    static const char meanings[] = "\\'\"\a\b\f\n\r\t\v";
    const char *found = c == 0 ? NULL : strchr(letters, c);

    if (found == NULL || (quote == '\'' && c != '\\' && c != '\''))
        return 0;
    return (unsigned char)meanings[found - letters];
}

/* NOT_FOUND: the quotes have no end. */
static enum store_err read_quoted(struct reader *in, struct store_secret *value)
{
    unsigned char quote = in->data[in->at];
    size_t start = in->at + 1;
    size_t end = find_quote(in, start, quote);

    if (end >= in->len)
        return STORE_NOT_FOUND;
    for (size_t i = start; i < end; i++) {
        unsigned char c = in->data[i];
        unsigned char meant = 0;

        if (c == '\\' && i + 1 < end)
            meant = unescape(in->data[i + 1], quote);
        if (meant != 0)
            i++;
        TRY(store_secret_append(value, meant != 0 ? &meant : &c, 1));
    }
    in->at = end + 1;
    return STORE_OK;
}

/* Reads to the end of the line, without a comment behind white space and without white space at
 * the end. */
static enum store_err read_unquoted(struct reader *in, struct store_secret *value)
{
    size_t start = in->at;
    size_t end = start; /* behind the last character that is not white space */
    size_t space;

    while (!at_line_end(in)) {
        space = space_at(in, in->at, false);
        if (peek(in) == '#' && end < in->at)
            break;
        in->at += space > 0 ? space : 1;
        if (space == 0)
            end = in->at;
    }
    while (!at_line_end(in))
        in->at++;
    return store_secret_set(value, in->data + start, end - start);
}

/* Reads "= value" and the rest of the line. NOT_FOUND: it is not such a line. */
static enum store_err read_value(struct reader *in, struct store_secret *value)
{
    size_t behind;

    skip_space(in, false);
    if (peek(in) != '=')
        return STORE_NOT_FOUND;
    behind = ++in->at;
    skip_space(in, false);
    if (peek(in) == '\'' || peek(in) == '"')
        TRY(read_quoted(in, value));
    else if (peek(in) != '#' || in->at == behind) /* else the value is empty: "A= # comment" */
        TRY(read_unquoted(in, value));
    skip_space(in, false);
    while (peek(in) == '#' && !at_line_end(in))
        for (; !at_line_end(in); in->at++)
            ;
    return at_line_end(in) ? STORE_OK : STORE_NOT_FOUND;
}

static void skip_blank(struct reader *in)
{
    for (skip_space(in, true); peek(in) == '#'; skip_space(in, true))
        for (; !at_line_end(in); in->at++)
            ;
}

/* The variables that were read, each name once. */
struct variables {
    struct variable {
        size_t line;
        char *name;
        struct store_secret value;
    } * all;
    size_t count;
};

/* Adds the variable, or gives the one of this name its value; takes `name` and `value`. */
static enum store_err keep(struct variables *variables, size_t line, char *name,
                           struct store_secret *value)
{
    struct variable *one = variables->all;
    struct variable *end = one + variables->count;

    while (one < end && strcmp(one->name, name) != 0)
        one++;
    if (one < end) {
        free(one->name);
    } else {
        one = reallocarray(variables->all, variables->count + 1, sizeof *one);
        if (one == NULL) {
            free(name);
            return STORE_NO_MEMORY;
        }
        variables->all = one;
        one += variables->count++;
        memset(one, 0, sizeof *one);
    }
    one->line = line;
    one->name = name;
    store_secret_move(&one->value, value);
    return STORE_OK;
}

static enum outcome read_variables(const char *path, struct reader *in, struct variables *variables)
{
    for (skip_blank(in); in->at < in->len; skip_blank(in)) {
        AUTO_SECRET value = {0};
        enum store_err err = STORE_NOT_FOUND;
        char *name;

        count_lines(in);
        skip_export(in);
        name = read_name(in);
        if (name != NULL)
            err = read_value(in, &value);
        if (err == STORE_OK)
            err = keep(variables, in->line, name, &value);
        else
            free(name);
        if (err == STORE_NO_MEMORY)
            return outcome_no_memory();
        if (err != STORE_OK) {
            outcome_print("%s, line %zu, is not NAME=VALUE, or its quotes have no end", path,
                          in->line);
            return OUTCOME_USAGE;
        }
    }
    return OUTCOME_OK;
}

enum outcome dotenv_parse(const char *path, const struct store_secret *text, dotenv_fn *each,
                          void *arg)
{
    size_t mark = text->len > 0 ? store_utf8_mark(text->data, text->len) : 0;
    struct reader in = {.data = text->data + mark, .len = text->len - mark, .line = 1};
    struct variables variables = {0};
    enum outcome outcome;

    if (in.len > 0 && !store_utf8_valid(in.data, in.len)) {
        outcome_print("%s is not UTF-8", path);
        return OUTCOME_USAGE;
    }
    outcome = read_variables(path, &in, &variables);
    for (size_t i = 0; i < variables.count && outcome == OUTCOME_OK; i++)
        outcome = each(arg, variables.all[i].line, variables.all[i].name, &variables.all[i].value);
    for (size_t i = 0; i < variables.count; i++) {
        free(variables.all[i].name);
        store_secret_wipe(&variables.all[i].value);
    }
    free(variables.all);
    return outcome;
}

/* True if the value without quotes is read as it is. */
static bool is_bare(const struct store_secret *value)
{
    const struct reader in = {.data = value->data, .len = value->len};

    if (value->data[0] == '\'' || value->data[0] == '"' || value->data[0] == '#')
        return false;
    for (size_t i = 0; i < value->len; i++)
        if (value->data[i] == '\n' || value->data[i] == '\r' ||
            (space_at(&in, i, true) > 0 && (i == 0 || i + space_at(&in, i, true) == value->len ||
                                            value->data[i + space_at(&in, i, true)] == '#')))
            return false;
    return true;
}

/* True if a shell reads it like this, too. */
static bool is_plain(const struct store_secret *value)
{
    for (size_t i = 0; i < value->len; i++) {
        unsigned char c = value->data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c != 0 && strchr("_./:@%+,-=", c) != NULL)))
            return false;
    }
    return true;
}

static enum store_err add_quoted(struct store_secret *out, const struct store_secret *value,
                                 char quote)
{
    TRY(store_secret_append(out, &quote, 1));
    for (size_t i = 0; i < value->len; i++) {
        if (quote == '"' && (value->data[i] == '"' || value->data[i] == '\\'))
            TRY(store_secret_append(out, "\\", 1));
        TRY(store_secret_append(out, value->data + i, 1));
    }
    return store_secret_append(out, &quote, 1);
}

static enum store_err add_line(struct store_secret *out, const char *name,
                               const struct store_secret *value, bool bare, bool single)
{
    TRY(store_secret_append(out, name, strlen(name)));
    TRY(store_secret_append(out, "=", 1));
    if (value->len > 0 && bare)
        TRY(store_secret_append(out, value->data, value->len));
    else if (value->len > 0)
        TRY(add_quoted(out, value, single ? '\'' : '"'));
    return store_secret_append(out, "\n", 1);
}

bool dotenv_add(struct store_secret *out, const char *name, const struct store_secret *value,
                enum store_err *err)
{
    bool escapes = value->len > 0 && memchr(value->data, '\\', value->len) != NULL;
    bool single = !escapes && value->len > 0 && memchr(value->data, '\'', value->len) == NULL;
    bool bare = value->len > 0 && is_bare(value) && (is_plain(value) || !single);

    *err = STORE_OK;
    if (value->len > 0 &&
        (!store_utf8_valid(value->data, value->len) || memchr(value->data, 0, value->len) != NULL))
        return false;
    if (!bare && escapes && value->data[value->len - 1] == '\\')
        return false;
    *err = add_line(out, name, value, bare, single);
    return true;
}
