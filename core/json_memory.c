/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json_memory.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The header at the start of the secret that it describes. */
struct json_piece {
    struct store_secret self;
    struct json_piece *next;
    struct json_piece *previous;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
};

static struct json_piece *piece_of(void *bytes)
{
    return (struct json_piece *)(void *)((unsigned char *)bytes -
                                         offsetof(struct json_piece, bytes));
}

static void *piece_new(void *ctx, size_t size)
{
    struct json_memory *memory = ctx;
    struct store_secret secret = {0};
    struct json_piece *piece;
    unsigned char *start;

    if (size > SIZE_MAX / 4 ||
        store_secret_resize(&secret, sizeof *piece + size, &start) != STORE_OK)
        longjmp(memory->exhausted, 1);
    piece = (struct json_piece *)(void *)start;
    piece->self = secret;
    piece->size = size;
    piece->next = memory->pieces;
    if (piece->next != NULL)
        piece->next->previous = piece;
    memory->pieces = piece;
    return piece->bytes;
}

static void piece_free(void *ctx, void *bytes)
{
    struct json_memory *memory = ctx;
    struct json_piece *piece;
    struct store_secret self;

    if (bytes == NULL)
        return;
    piece = piece_of(bytes);
    if (piece->next != NULL)
        piece->next->previous = piece->previous;
    if (piece->previous != NULL)
        piece->previous->next = piece->next;
    else
        memory->pieces = piece->next;
    self = piece->self; /* a copy: the piece lies in its own memory */
    store_secret_wipe(&self);
}

static void *piece_resize(void *ctx, void *bytes, size_t size)
{
    void *fresh = piece_new(ctx, size);

    if (bytes != NULL) {
        size_t had = piece_of(bytes)->size;
        memcpy(fresh, bytes, had < size ? had : size);
        piece_free(ctx, bytes);
    }
    return fresh;
}

yajl_alloc_funcs json_memory_funcs(struct json_memory *memory)
{
    return (yajl_alloc_funcs){piece_new, piece_resize, piece_free, memory};
}

enum store_err json_memory_run(struct json_memory *memory, void (*work)(void *), void *arg)
{
    if (setjmp(memory->exhausted) != 0)
        return STORE_NO_MEMORY;
    work(arg);
    return STORE_OK;
}

void json_memory_drop(struct json_memory *memory)
{
    while (memory->pieces != NULL)
        piece_free(memory, memory->pieces->bytes);
}
