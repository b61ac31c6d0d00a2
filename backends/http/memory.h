/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_HTTP_MEMORY_H
#define BACKENDS_HTTP_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * malloc's functions, except that they wipe memory before they free it, for libraries that handle
 * secrets and accept allocators. Threads: any.
 */
void *wiping_malloc(size_t size);
void *wiping_realloc(void *data, size_t size);
void wiping_free(void *data);

/* Makes libcurl and OpenSSL use them, provided that nothing in this process has used those
 * libraries before (the store process calls this first). Only the first call has an effect; false
 * if libcurl cannot be initialized. */
bool wiping_install(void);

#endif
