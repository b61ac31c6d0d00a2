/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_TABLE_H
#define TOOLS_SIDESEAT_SECRETS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "tools/sideseat-secrets/outcome.h"

/*
 * Rows for standard output. On a terminal: a header and aligned columns. Elsewhere: no header, and
 * a tab between the cells, each row as it comes, so that another program reads every key.
 */
struct table {
    const char *const *titles;
    size_t columns;
    bool terminal;
    bool failed; /* memory has run out: table_end says so */
    char **cells;
    size_t count;
};

/* Starts a table with these titles, which it borrows. */
void table_begin(struct table *table, const char *const *titles, size_t columns);

/* Adds the next cell of a row; "" is shown as '-'. */
void table_add(struct table *table, const char *text);

/* Prints what has not been printed. */
enum outcome table_end(struct table *table) STORE_CHECKED;

/* Frees the cells. Idempotent. */
void table_clear(struct table *table);

#define AUTO_TABLE __attribute__((cleanup(table_clear))) struct table

#define TABLE_TIME_SIZE 40

/* A time as people read it: local, to the second; on a terminal without the offset. A text that is
 * not RFC 3339 gives "". */
void table_time(const struct table *table, const char *text, size_t len, char out[TABLE_TIME_SIZE]);

#endif
