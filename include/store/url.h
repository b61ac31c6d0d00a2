/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_URL_H
#define STORE_URL_H

#include <stddef.h>

/* Writes a URL, or a message that contains one, without its credentials: "***" replaces the text
 * from after the scheme (or the first quotation mark, or the start) to the last '@', where a
 * user name and password stand; '?' replaces what a terminal would not simply show
 * (store_utf8_defuse). Everything that shows a URL uses this: status, logs, health. Cuts `out` to
 * `size` bytes with its NUL. Any thread. */
void store_url_show(const char *text, char *out, size_t size);

#endif
