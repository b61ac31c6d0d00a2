/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RECORD_JSON_MEMORY_H
#define RECORD_JSON_MEMORY_H

#include <setjmp.h>
#include <yajl/yajl_common.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * The memory yajl works in: each piece is a secret of its own (locked, wiped when freed, grown by
 * copy and wipe), and all of it can be dropped at once.
 *
 * yajl does not look at what its allocators return and would write through NULL. So an allocator
 * that has nothing to give does not return: it leaves the call into yajl with longjmp, to where
 * json_memory_run was called. Nothing in between owns anything but pieces, which json_memory_drop
 * frees.
 */
struct json_piece;

struct json_memory {
    struct json_piece *pieces;
    jmp_buf exhausted; /* set while json_memory_run runs */
};

/* The allocators, bound to `memory`, for yajl_alloc and yajl_gen_alloc (which copy the struct). */
yajl_alloc_funcs json_memory_funcs(struct json_memory *memory);

/* Runs `work`, within which yajl may allocate; NO_MEMORY if it could not, and then yajl's handles
 * must not be used again. Allocating outside of this is not possible. */
enum store_err json_memory_run(struct json_memory *memory, void (*work)(void *),
                               void *arg) STORE_CHECKED;

/* Wipes and frees every piece. */
void json_memory_drop(struct json_memory *memory);

#endif
