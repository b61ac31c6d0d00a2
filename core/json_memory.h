/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_JSON_MEMORY_H
#define CORE_JSON_MEMORY_H

#include <setjmp.h>
#include <yajl/yajl_common.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * yajl's memory: each piece is a secret of its own (locked, wiped when freed, grown by copy and
 * wipe), and one call drops all of it.
 *
 * yajl does not check its allocators' results and would write through NULL. So an allocator without
 * memory does not return: it leaves yajl with longjmp, back to json_memory_run. The frames in
 * between own nothing but pieces, which json_memory_drop frees.
 */
struct json_piece;

struct json_memory {
    struct json_piece *pieces;
    jmp_buf exhausted; /* set while json_memory_run runs */
};

/* The allocators, bound to `memory`, for yajl_alloc and yajl_gen_alloc (which copy the struct). */
yajl_alloc_funcs json_memory_funcs(struct json_memory *memory);

/* Runs `work`, which may call yajl functions that allocate. NO_MEMORY if an allocation failed;
 * yajl's handles are then unusable. yajl cannot allocate anywhere else. */
enum store_err json_memory_run(struct json_memory *memory, void (*work)(void *),
                               void *arg) STORE_CHECKED;

/* Wipes and frees every piece. */
void json_memory_drop(struct json_memory *memory);

#endif
