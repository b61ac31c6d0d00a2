/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_HANDLE_TABLE_H
#define MODULE_OBJECT_HANDLE_TABLE_H

#include <limits.h>

#include "module/object/object.h"

/* The table of the places that objects live in, for the files that make and end objects:
 * object.c with its index for those of the token, and object_session.c. */

/* A handle is the object's place, counted from 1; above that the token's slot; above that the
 * number of uses of the place. There are at most 48 tokens (store/conf.h). A place whose uses are
 * counted to the end is not used again, so that a handle never returns. Where CK_ULONG has 32 bits
 * (i386, Windows), fewer places leave more uses: 256 instead of 16. */
#if ULONG_MAX > 0xffffffff
#define HANDLE_TABLE_BITS 22
#else
#define HANDLE_TABLE_BITS 18
#endif
#define OBJECT_SLOT_BITS 6
#define HANDLE_TABLE_MASK (((CK_OBJECT_HANDLE)1 << HANDLE_TABLE_BITS) - 1)
#define OBJECT_USE ((CK_OBJECT_HANDLE)1 << (HANDLE_TABLE_BITS + OBJECT_SLOT_BITS))

static inline uint32_t handle_place(CK_OBJECT_HANDLE handle)
{
    return (uint32_t)(handle & HANDLE_TABLE_MASK);
}

void object_places_init(struct object_table *table);
void object_places_free(struct object_table *table); /* and the objects in them */

/* The object in a place that has ever been used. */
struct object *object_in_place(const struct object_table *table, uint32_t place);

/* Locks an object that cannot end meanwhile: the caller holds its shard, or nobody else knows
 * the object. */
void object_hold(struct object_table *table, struct object *object);

/* Gives a free object and its future handle, which is valid only after object_publish. NULL if
 * memory is short. */
struct object *object_new(struct object_table *table, CK_OBJECT_HANDLE *handle);
void object_publish(struct object *object, CK_OBJECT_HANDLE handle);

/* Drops the object's contents. The object is locked, or nobody else knows it. */
void object_clear(struct object *object);

/* Gives the place back. `handle` was the object's handle and is no longer valid. */
void object_release(struct object_table *table, struct object *object, CK_OBJECT_HANDLE handle);

/* Ends an object, or those of a list: clears their handles and contents. They are no longer in an
 * index or in the list of a session. */
void object_end(struct object_table *table, struct object *object);
void object_end_all(struct object_table *table, struct object *gone);

#endif
