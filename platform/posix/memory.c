/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "store/thread.h"

void *store_thread_calloc(size_t alignment, size_t count, size_t size)
{
    void *memory = aligned_alloc(alignment, count * size);

    if (memory != NULL)
        memset(memory, 0, count * size);
    return memory;
}

void store_thread_free(void *memory)
{
    free(memory);
}
