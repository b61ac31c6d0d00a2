/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/short_memory.h"

#include <stdbool.h>

#include "store/pages.h"
#include "store/secret.h"

unsigned long short_memory_at;

static bool fails(void)
{
    return short_memory_at != 0 && --short_memory_at == 0;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
char *__wrap_strndup(const char *text, size_t len);
void *__real_store_pages_map(size_t size);
void *__wrap_store_pages_map(size_t size);
enum store_err __real_store_secret_set(struct store_secret *s, const void *data, size_t len);
enum store_err __wrap_store_secret_set(struct store_secret *s, const void *data, size_t len);
enum store_err __real_store_secret_append(struct store_secret *s, const void *data, size_t len);
enum store_err __wrap_store_secret_append(struct store_secret *s, const void *data, size_t len);
enum store_err __real_store_secret_resize(struct store_secret *s, size_t len, unsigned char **out);
enum store_err __wrap_store_secret_resize(struct store_secret *s, size_t len, unsigned char **out);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
    return fails() ? NULL : __real_reallocarray(old, count, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t len)
{
    return fails() ? NULL : __real_strndup(text, len);
}

void *__wrap_store_pages_map(size_t size)
{
    return fails() ? NULL : __real_store_pages_map(size);
}

enum store_err __wrap_store_secret_set(struct store_secret *s, const void *data, size_t len)
{
    return fails() ? STORE_NO_MEMORY : __real_store_secret_set(s, data, len);
}

enum store_err __wrap_store_secret_append(struct store_secret *s, const void *data, size_t len)
{
    return fails() ? STORE_NO_MEMORY : __real_store_secret_append(s, data, len);
}

enum store_err __wrap_store_secret_resize(struct store_secret *s, size_t len, unsigned char **out)
{
    return fails() ? STORE_NO_MEMORY : __real_store_secret_resize(s, len, out);
}
