/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_PLACE_H
#define MODULE_OBJECT_PLACE_H

#include "module/object.h"

/* The places that objects live in, for the two files that make and end them: object.c, for those of
 * the token, and object_session.c. */

/* A free object and the handle it will have; it is not an object before object_publish. NULL if
 * memory is short. */
struct object *object_new(struct object_table *table, CK_OBJECT_HANDLE *handle);
void object_publish(struct object *object, CK_OBJECT_HANDLE handle);

/* Drops what the object holds. It is locked or nobody else's. */
void object_clear(struct object *object);

/* Whether some session was told the value's length and is still expected to read it, and the end of
 * that. The object is locked. */
bool object_is_pinned(const struct object *object);
void object_unpin(struct object *object);

/* Gives the place back. The object has no handle any more. */
void object_release(struct object_table *table, struct object *object);

/* Ends the use of a place: no handle, nothing held. The object is in no index and no list. */
void object_end(struct object_table *table, struct object *object);

#endif
