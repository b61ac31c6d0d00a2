/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_SESSION_H
#define MODULE_OBJECT_OBJECT_SESSION_H

#include "module/object/object.h"

/* The session objects: they end one by one, with their session, or with a login. */

/* Makes a session object, which takes over `own` and the contents of `value`. 0 if memory is
 * short; the caller then keeps both. */
CK_OBJECT_HANDLE object_new_in_session(struct object_table *table, CK_SESSION_HANDLE session,
                                       enum object_kind kind, struct session_attributes *own,
                                       struct store_secret *value);

/* True if any session object exists; takes no lock. */
bool object_has_sessions(struct object_table *table);

/* Calls `each` with the handle of every session object; `each` must not call back. */
typedef void object_each_fn(void *arg, CK_OBJECT_HANDLE handle);
void object_each_of_sessions(struct object_table *table, object_each_fn *each, void *arg);

/* Ends one session object. */
void object_remove(struct object_table *table, CK_OBJECT_HANDLE handle);

/* Ends the session's objects that are versions of a secret. */
void object_close_versions(struct object_table *table, CK_SESSION_HANDLE session);

/* Ends the session objects of a session. */
void object_close_session(struct object_table *table, CK_SESSION_HANDLE session);

/* Ends the private session objects. */
void object_close_private(struct object_table *table);

/* Frees the lists of session objects, but not the objects. */
void object_owners_free(struct object_table *table);

#endif
