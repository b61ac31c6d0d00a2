/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PAGES_H
#define PLATFORM_PAGES_H

#include <stdbool.h>
#include <stddef.h>

/* Advice about mapped pages, for store/pages.h. */

/* Asks for huge pages, if the system has them. */
void platform_pages_huge(void *pages, size_t size);

/* Keeps the pages in memory, as far as the system lets this process. */
void platform_pages_lock(void *pages, size_t size);

/* Keeps the pages out of a core dump, if the system can. */
void platform_pages_hide(void *pages, size_t size);

/* Asks the system to show the pages as zeros to a forked child: true if it will. On a system that
 * does so, a mutex of zeros is an unlocked one. */
bool platform_pages_wipe_on_fork(void *pages, size_t size);

#endif
