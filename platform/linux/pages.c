/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/pages.h"

#include <sys/mman.h>

/* The kernel refuses this advice. A system that accepts it accepts others without following them.
 */
#define NOT_AN_ADVICE 0x5ea7

void platform_pages_huge(void *pages, size_t size)
{
    (void)madvise(pages, size, MADV_HUGEPAGE);
}

void platform_pages_hide(void *pages, size_t size)
{
    (void)madvise(pages, size, MADV_DONTDUMP);
}

bool platform_pages_wipe_on_fork(void *pages, size_t size)
{
    return madvise(pages, size, MADV_WIPEONFORK) == 0 && madvise(pages, size, NOT_AN_ADVICE) != 0;
}
