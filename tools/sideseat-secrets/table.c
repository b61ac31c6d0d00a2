/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/table.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/time.h"
#include "store/user.h"
#include "store/utf8.h"
#include "tools/sideseat-secrets/label.h"

#define GAP 2 /* blanks between columns */
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

/* True if standard output is a terminal that shows colours, and NO_COLOR (no-color.org) is unset.
 */
static bool has_colours(void)
{
    const char *kind = store_env("TERM");

    return isatty(STDOUT_FILENO) && store_env("NO_COLOR") == NULL && kind != NULL &&
           strcmp(kind, "dumb") != 0;
}

void table_begin(struct table *table, const char *const *titles, size_t columns)
{
    *table = (struct table){
        .titles = titles, .columns = columns, .terminal = isatty(STDOUT_FILENO) != 0};
}

/* The number of characters, which are what a terminal shows. */
static size_t width(const char *text)
{
    size_t len = strlen(text);
    size_t count = 0;
    size_t n;

    for (size_t i = 0; i < len; i += n, count++) {
        uint32_t code;
        n = store_utf8_decode((const unsigned char *)text + i, len - i, &code);
        n = n == 0 ? 1 : n;
    }
    return count;
}

static void keep(struct table *table, const char *shown)
{
    char **longer = table->cells;

    if (table->failed)
        return;
    if (table->count % table->columns == 0)
        longer = reallocarray(table->cells, table->count + table->columns, sizeof *longer);
    if (longer == NULL) {
        table->failed = true;
        return;
    }
    table->cells = longer;
    table->cells[table->count] = strdup(shown);
    if (table->cells[table->count] == NULL)
        table->failed = true;
    else
        table->count++;
}

void table_add(struct table *table, const char *text)
{
    char shown[LABEL_SIZE];

    label_for_output(text[0] == '\0' ? "-" : text, shown);
    if (table->terminal) {
        keep(table, shown);
        return;
    }
    (void)fputs(shown, stdout);
    table->count++;
    (void)putchar(table->count % table->columns == 0 ? '\n' : '\t');
}

static void print_row(const struct table *table, const size_t *widths, const char *const *cells)
{
    for (size_t i = 0; i < table->columns; i++) {
        size_t blanks = i + 1 == table->columns ? 0 : widths[i] + GAP - width(cells[i]);
        (void)printf("%s%*s", cells[i], (int)blanks, "");
    }
}

enum outcome table_end(struct table *table)
{
    size_t *widths = calloc(table->columns, sizeof *widths);
    bool colours = has_colours();

    if (widths == NULL || table->failed) {
        free(widths);
        return outcome_no_memory();
    }
    for (size_t i = 0; i < table->columns; i++)
        widths[i] = width(table->titles[i]);
    for (size_t i = 0; table->terminal && i < table->count; i++)
        if (width(table->cells[i]) > widths[i % table->columns])
            widths[i % table->columns] = width(table->cells[i]);
    if (table->terminal && table->count > 0) {
        (void)fputs(colours ? BOLD : "", stdout);
        print_row(table, widths, table->titles);
        (void)fputs(colours ? PLAIN "\n" : "\n", stdout);
    }
    for (size_t i = 0; table->terminal && i < table->count; i += table->columns) {
        print_row(table, widths, (const char *const *)&table->cells[i]);
        (void)putchar('\n');
    }
    free(widths);
    if (fflush(stdout) == 0)
        return OUTCOME_OK;
    outcome_print("cannot write to standard output");
    return OUTCOME_FAILED;
}

void table_clear(struct table *table)
{
    for (size_t i = 0; table->cells != NULL && i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    table->cells = NULL;
    table->count = 0;
}

void table_time(const struct table *table, const char *text, size_t len, char out[TABLE_TIME_SIZE])
{
    int64_t ns = store_time_parse(text, len);
    time_t seconds = (time_t)(ns / STORE_TIME_S);
    struct tm tm;
    size_t n;

    out[0] = '\0';
    if (ns == 0 || localtime_r(&seconds, &tm) == NULL)
        return;
    if (table->terminal) {
        (void)strftime(out, TABLE_TIME_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
        return;
    }
    n = strftime(out, TABLE_TIME_SIZE, "%Y-%m-%dT%H:%M:%S%z", &tm);
    /* RFC 3339 has a colon in the offset */
    memmove(out + n - 1, out + n - 2, 3);
    out[n - 2] = ':';
}
