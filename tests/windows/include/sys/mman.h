/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_INCLUDE_SYS_MMAN_H
#define TESTS_WINDOWS_INCLUDE_SYS_MMAN_H

#include <stddef.h>

#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define MAP_PRIVATE 0
#define MAP_SHARED 0
#define MAP_ANONYMOUS 0
#define MAP_FAILED ((void *)-1)

/* fresh memory, whatever else is asked for */
void *mmap(void *address, size_t size, int protection, int flags, int fd, long offset);
int mprotect(void *pages, size_t size, int protection);
/* all of it, from its beginning */
int munmap(void *pages, size_t size);

#endif
