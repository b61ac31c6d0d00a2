/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "platform/windows/api.h"

void explicit_bzero(void *bytes, size_t len)
{
    SecureZeroMemory(bytes, len);
}

void *memmem(const void *bytes, size_t len, const void *part, size_t part_len)
{
    const unsigned char *at = bytes;

    for (; len >= part_len; at++, len--)
        if (memcmp(at, part, part_len) == 0)
            return (void *)(uintptr_t)at;
    return NULL;
}

void *memrchr(const void *bytes, int byte, size_t len)
{
    const unsigned char *start = bytes;

    while (len > 0)
        if (start[--len] == (unsigned char)byte)
            return (void *)(uintptr_t)(start + len);
    return NULL;
}

char *strndup(const char *text, size_t len)
{
    size_t used = strnlen(text, len);
    char *copy = malloc(used + 1);

    if (copy == NULL)
        return NULL;
    memcpy(copy, text, used);
    copy[used] = '\0';
    return copy;
}

void *reallocarray(void *old, size_t count, size_t size)
{
    size_t bytes;

    if (!__builtin_mul_overflow(count, size, &bytes))
        return realloc(old, bytes);
    errno = ENOMEM;
    return NULL;
}
