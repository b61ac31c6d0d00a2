/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_CREDENTIAL_MANAGER_WIDE_H
#define BACKENDS_CREDENTIAL_MANAGER_WIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/err.h"
#include "store/secret.h"

/* UTF-16, of which Windows makes its texts. A unit is a WCHAR there. */

/* Copies ASCII text; it fits. */
void wide_format(const char *text, uint16_t *out);

/* Copies NUL-terminated text; NULL is empty. False if it has other characters than ASCII, or more
 * than `size` - 1; `out` is "" then. */
bool wide_parse(const uint16_t *text, char *out, size_t size);

/* Converts text of UTF-16LE, with or without a byte order mark, to UTF-8. CORRUPT if it is not
 * such text, or empty. */
enum store_err wide_to_utf8(const struct store_secret *text,
                            struct store_secret *out) STORE_CHECKED;

#endif
