/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/http/memory.h"

#include <curl/curl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "backends/http/system.h"
#include "store/secret.h"

void *wiping_malloc(size_t size)
{
    return malloc(size);
}

static void *wiping_calloc(size_t count, size_t size)
{
    return calloc(count, size);
}

void wiping_free(void *data)
{
    if (data == NULL)
        return;
    store_wipe(data, malloc_usable_size(data));
    free(data);
}

/* Never realloc: it may move the bytes and leave a copy behind. */
void *wiping_realloc(void *data, size_t size)
{
    size_t old = data == NULL ? 0 : malloc_usable_size(data);
    void *moved;

    if (data != NULL && size <= old && size >= old / 2)
        return data;
    moved = malloc(size);
    if (moved == NULL)
        return NULL;
    if (data != NULL)
        memcpy(moved, data, old < size ? old : size);
    wiping_free(data);
    return moved;
}

static char *wiping_strdup(const char *text)
{
    return strdup(text);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool installed;

static void install(void)
{
    system_memory(wiping_malloc, wiping_realloc, wiping_free);
    installed = curl_global_init_mem(CURL_GLOBAL_DEFAULT, wiping_malloc, wiping_free,
                                     wiping_realloc, wiping_strdup, wiping_calloc) == CURLE_OK;
}

bool wiping_install(void)
{
    return pthread_once(&once, install) == 0 && installed;
}
