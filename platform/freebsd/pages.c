/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/pages.h"

#include <sys/mman.h>

/* the kernel chooses huge pages by itself */
void platform_pages_huge(void *pages, size_t size)
{
    (void)pages;
    (void)size;
}

void platform_pages_hide(void *pages, size_t size)
{
    (void)madvise(pages, size, MADV_NOCORE);
}

bool platform_pages_wipe_on_fork(void *pages, size_t size)
{
    return minherit(pages, size, INHERIT_ZERO) == 0;
}
