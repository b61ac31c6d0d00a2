/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_SYNTAX_H
#define CONF_SYNTAX_H

#include "core/json.h"
#include "conf/conf.h"

/* Reads a file's text as JSON in which no object has a key twice. A mistake is reported with its
 * line and column and without the text, which may hold tokens; NULL then, or where memory is short.
 * The caller frees the document. `file` is for messages. */
struct json_document *syntax_read(struct conf_reader *reader, const char *file,
                                  const struct store_secret *text);

#endif
