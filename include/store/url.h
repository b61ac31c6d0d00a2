/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_URL_H
#define STORE_URL_H

#include <stddef.h>

/* Writes a URL, or a message with one in it, as people may see it: everything from the scheme (or
 * the first quotation mark, or the begin) to the last '@' becomes "***", as a user's name and
 * password stand there; control characters become '?'. For whatever shows a URL: status, logs,
 * health. `out` is cut to `size` bytes with its NUL. Any thread. */
void store_url_show(const char *text, char *out, size_t size);

#endif
