/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PEEK_H
#define PLATFORM_PEEK_H

#include <stdbool.h>
#include <stddef.h>

/* Reads memory that may not be there, at any address. */

struct platform_peek {
    int ends[2]; /* of a pipe, where the system needs one */
};

/* False, with errno, if the system lacks something for it. */
bool platform_peek_begin(struct platform_peek *peek);

/* Copies up to `len` bytes, 4096 at most; returns how many, 0 if they are not readable. */
size_t platform_peek(const struct platform_peek *peek, const void *from, void *to, size_t len);

void platform_peek_end(const struct platform_peek *peek);

#endif
