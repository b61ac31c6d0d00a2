/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/peek.h"

#include "platform/windows/api.h"

bool platform_peek_begin(struct platform_peek *peek)
{
    *peek = (struct platform_peek){0};
    return true;
}

/* The readable bytes from `from` on, in pages of one kind. Wine's ReadProcessMemory reads pages
 * that a load could not. */
static size_t readable(const void *from)
{
    const DWORD closed = PAGE_NOACCESS | PAGE_GUARD;
    MEMORY_BASIC_INFORMATION info;

    if (VirtualQuery(from, &info, sizeof info) == 0 || info.State != MEM_COMMIT ||
        (info.Protect & closed) != 0)
        return 0;
    return info.RegionSize - (size_t)((const char *)from - (const char *)info.BaseAddress);
}

size_t platform_peek(const struct platform_peek *peek, const void *from, void *to, size_t len)
{
    size_t most = readable(from);
    SIZE_T n = 0;

    (void)peek;
    if (len > most)
        len = most;
    if (len == 0 || !ReadProcessMemory(GetCurrentProcess(), from, to, len, &n))
        return 0;
    return n;
}

void platform_peek_end(const struct platform_peek *peek)
{
    (void)peek;
}
