/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "platform/missing.h"
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

/* Windows has it with the arguments in another order. */
void qsort_r(void *array, size_t count, size_t size,
             int (*compare)(const void *a, const void *b, void *arg), void *arg)
{
    struct missing_order order = {compare, arg};

    qsort_s(array, count, size, missing_compare, &order);
}
