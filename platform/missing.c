/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/missing.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Functions that both macOS and Windows lack; each has its own beside them. */

void *memrchr(const void *bytes, int byte, size_t len)
{
    const unsigned char *start = bytes;

    while (len > 0)
        if (start[--len] == (unsigned char)byte)
            return (void *)(uintptr_t)(start + len);
    return NULL;
}

void *reallocarray(void *old, size_t count, size_t size)
{
    size_t bytes;

    if (!__builtin_mul_overflow(count, size, &bytes))
        return realloc(old, bytes);
    errno = ENOMEM;
    return NULL;
}

int missing_compare(void *order, const void *a, const void *b)
{
    const struct missing_order *given = order;

    return given->compare(a, b, given->arg);
}
