/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/peek.h"

#include "platform/windows/api.h"

bool platform_peek_begin(struct platform_peek *peek)
{
    *peek = (struct platform_peek){0};
    return true;
}

size_t platform_peek(const struct platform_peek *peek, const void *from, void *to, size_t len)
{
    SIZE_T n = 0;

    (void)peek;
    if (!ReadProcessMemory(GetCurrentProcess(), from, to, len, &n))
        return 0;
    return n;
}

void platform_peek_end(const struct platform_peek *peek)
{
    (void)peek;
}
