/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_PAGES_H
#define STORE_PAGES_H

#include <stddef.h>

/* How large a huge page is, on x86-64 and on arm64 with pages of 4 KiB. */
#define STORE_PAGES_HUGE ((size_t)2 * 1024 * 1024)

/* `size`, in bytes, rounded up to whole pages. */
size_t store_pages_round(size_t size);

/*
 * Zeroed memory of the kernel's own, `size` bytes (a multiple of the page size), for the caller to
 * unmap. From STORE_PAGES_HUGE on it is aligned to that, and the kernel is asked for huge pages
 * where it gives them to who asks (madvise(2), MADV_HUGEPAGE): one fault then stands for 512. NULL
 * if there is no memory. Any thread.
 */
void *store_pages_map(size_t size);

/* Gives back what store_pages_map gave for `size`. */
void store_pages_unmap(void *pages, size_t size);

#endif
