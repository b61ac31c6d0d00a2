/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_DOTENV_H
#define TOOLS_SIDESEAT_SECRETS_DOTENV_H

#include "store/secret.h"
#include "tools/sideseat-secrets/outcome.h"

/*
 * Files of variables (.env), as python-dotenv 1.2 reads them without interpolation: comments,
 * `export`, values in single or double quotes, over several lines, or without quotes.
 */

/* Receives a variable of line `line`; `value` is empty for an empty one. */
typedef enum outcome dotenv_fn(void *arg, size_t line, const char *name,
                               const struct store_secret *value);

/* Passes each variable of `text` to `each`, whose failure ends it; of a name that is there twice,
 * the last one. USAGE, before `each` is called, if the text is not UTF-8 or a line is not a
 * variable; the line is printed. `path` is for messages. */
enum outcome dotenv_parse(const char *path, const struct store_secret *text, dotenv_fn *each,
                          void *arg) STORE_CHECKED;

/* Appends "NAME=value\n" so that dotenv_parse and python-dotenv read the same value. False if they
 * would not: neither knows a form for each value of several lines that ends in a backslash. */
bool dotenv_add(struct store_secret *out, const char *name, const struct store_secret *value,
                enum store_err *err);

#endif
