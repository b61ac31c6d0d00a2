/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "platform/pages.h"

size_t store_pages_round(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (size + page - 1) & ~(page - 1);
}

static void *map(size_t size)
{
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return pages == MAP_FAILED ? NULL : pages;
}

/* Maps more than necessary and unmaps the parts before the first boundary and after the end:
 * mmap() aligns to pages only. */
static void *map_huge(size_t size)
{
    unsigned char *pages;
    size_t before;

    if (size > SIZE_MAX - STORE_PAGES_HUGE || (pages = map(size + STORE_PAGES_HUGE)) == NULL)
        return NULL;
    before = -(uintptr_t)pages % STORE_PAGES_HUGE;
    if (before > 0)
        munmap(pages, before);
    munmap(pages + before + size, STORE_PAGES_HUGE - before);
    platform_pages_huge(pages + before, size);
    return pages + before;
}

void *store_pages_map(size_t size)
{
    return size < STORE_PAGES_HUGE ? map(size) : map_huge(size);
}

void platform_pages_lock(void *pages, size_t size)
{
    (void)mlock(pages, size);
}

bool store_pages_wipe_on_fork(void *pages, size_t size)
{
    return platform_pages_wipe_on_fork(pages, size);
}

void store_pages_unmap(void *pages, size_t size)
{
    munmap(pages, size);
}
