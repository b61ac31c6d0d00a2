/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_HANDLE_TABLE_H
#define MODULE_HANDLE_TABLE_H

#include "module/object/object.h"

/* The places that objects live in, for the files that make and end them: object.c with its index,
 * for those of the token, and object_session.c. */

/* A handle is the object's place, counted from 1, above that the token's slot, and above that how
 * often the place was used. There are at most 48 tokens (store/conf.h). */
#define HANDLE_TABLE_BITS 22
#define OBJECT_SLOT_BITS 6
#define HANDLE_TABLE_MASK (((CK_OBJECT_HANDLE)1 << HANDLE_TABLE_BITS) - 1)
#define OBJECT_USE ((CK_OBJECT_HANDLE)1 << (HANDLE_TABLE_BITS + OBJECT_SLOT_BITS))

static inline uint32_t handle_table(CK_OBJECT_HANDLE handle)
{
    return (uint32_t)(handle & HANDLE_TABLE_MASK);
}

void object_places_init(struct object_table *table);
void object_places_free(struct object_table *table); /* with the objects in them */

/* The object in a place that was ever one's. */
struct object *object_in_place(const struct object_table *table, uint32_t place);

/* Locks an object that stays: its shard is locked, or nobody else may end it. */
void object_hold(struct object_table *table, struct object *object);

/* A free object and the handle it will have; it is not an object before object_publish. NULL if
 * memory is short. */
struct object *object_new(struct object_table *table, CK_OBJECT_HANDLE *handle);
void object_publish(struct object *object, CK_OBJECT_HANDLE handle);

/* Drops what the object holds. It is locked or nobody else's. */
void object_clear(struct object *object);

/* Gives the place back. The object had this handle, and has it no more. */
void object_release(struct object_table *table, struct object *object, CK_OBJECT_HANDLE handle);

/* Ends the private session objects. */
void object_close_private(struct object_table *table);

/* Frees the lists of the session objects, but not these. */
void object_owners_free(struct object_table *table);

/* Ends the use of the places of a list of objects: no handle, nothing held. The objects are in no
 * index and in no list of a session. */
void object_end_all(struct object_table *table, struct object *gone);

#endif
