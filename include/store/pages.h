/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_PAGES_H
#define STORE_PAGES_H

#include <stdbool.h>
#include <stddef.h>

/* The size of a huge page on x86-64, and on arm64 with pages of 4 KiB. */
#define STORE_PAGES_HUGE ((size_t)2 * 1024 * 1024)

/* `size`, in bytes, rounded up to whole pages. */
size_t store_pages_round(size_t size);

/*
 * Maps `size` bytes of zeroed memory (a multiple of the page size); the caller unmaps it. From
 * STORE_PAGES_HUGE on the mapping is aligned to that and asks the kernel for huge pages
 * (madvise(2), MADV_HUGEPAGE): one page fault then replaces 512. NULL if there is no memory. Any
 * thread.
 */
void *store_pages_map(size_t size);

/*
 * Asks the kernel to show `size` bytes at `pages` as zeros to a forked child (madvise(2),
 * MADV_WIPEONFORK, Linux 4.14). True if it will. False on an older kernel and under emulators that
 * accept any advice and follow none, as qemu's user mode does: the caller then has to compare
 * process ids. Any thread.
 */
bool store_pages_wipe_on_fork(void *pages, size_t size);

/* Unmaps memory from store_pages_map. */
void store_pages_unmap(void *pages, size_t size);

#endif
