/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/pages.h"

/* macOS has none of these: it chooses the size of pages by itself, a core dump has all memory, and
 * a forked child sees the parent's. */

void platform_pages_huge(void *pages, size_t size)
{
    (void)pages;
    (void)size;
}

void platform_pages_hide(void *pages, size_t size)
{
    (void)pages;
    (void)size;
}

bool platform_pages_wipe_on_fork(void *pages, size_t size)
{
    (void)pages;
    (void)size;
    return false;
}
