/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_session.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "module/object/handle_table.h"
#include "store/time.h"

/* The session objects, in one list for each session: ending one object or closing a session does
 * not walk past the others. */

/* The list of a session's objects; NULL if there is none. The table is locked. */
static struct object_owner *owner_find(struct object_table *table, CK_SESSION_HANDLE session)
{
    struct object_owner *owner = NULL;

    HASH_FIND(hh, table->owners, &session, sizeof session, owner);
    return owner;
}

/* The same, but makes the list if necessary. NULL if memory is short. */
static struct object_owner *owner_of(struct object_table *table, CK_SESSION_HANDLE session)
{
    struct object_owner *owner = owner_find(table, session);

    if (owner != NULL || (owner = calloc(1, sizeof *owner)) == NULL)
        return owner;
    owner->session = session;
    HASH_ADD(hh, table->owners, session, sizeof owner->session, owner);
    if (owner->hh.tbl != NULL)
        return owner;
    free(owner);
    return NULL;
}

/* Frees the list if it is empty. */
static void owner_tidy(struct object_table *table, struct object_owner *owner)
{
    if (owner->first != NULL)
        return;
    HASH_DELETE(hh, table->owners, owner);
    free(owner);
}

CK_OBJECT_HANDLE object_new_in_session(struct object_table *table, CK_SESSION_HANDLE session,
                                       enum object_kind kind, struct session_attributes *own,
                                       struct store_secret *value)
{
    CK_OBJECT_HANDLE handle;
    struct object *object = object_new(table, &handle);
    struct object_owner *owner;

    if (object == NULL)
        return 0;
    pthread_mutex_lock(&table->lock);
    owner = owner_of(table, session);
    if (owner == NULL) {
        pthread_mutex_unlock(&table->lock);
        object_release(table, object, handle);
        return 0;
    }
    object->kind = kind;
    own->session = session;
    object->own = own;
    object->private = session_attributes_has(own, OBJECT_PRIVATE);
    store_secret_move(&object->record.value, value);
    object->record.created_ns = store_time_now();
    object->record.updated_ns = object->record.created_ns;
    object->has_value = true;
    object->has_metadata = true;
    object->next = owner->first;
    object->previous = NULL;
    if (owner->first != NULL)
        owner->first->previous = object;
    owner->first = object;
    atomic_fetch_add(&table->session_object_count, 1);
    object_publish(object, handle);
    pthread_mutex_unlock(&table->lock);
    return handle;
}

/* Removes an object from its session's list and prepends it to `gone`. The table is locked. */
static struct object *remove_from_session(struct object_table *table, struct object_owner *owner,
                                          struct object *object, struct object *gone)
{
    if (object->previous != NULL)
        object->previous->next = object->next;
    else
        owner->first = object->next;
    if (object->next != NULL)
        object->next->previous = object->previous;
    atomic_fetch_sub(&table->session_object_count, 1);
    object->previous = object;
    object->next = gone;
    return object;
}

void object_remove(struct object_table *table, CK_OBJECT_HANDLE handle)
{
    struct object *object = object_lock(table, handle);
    CK_SESSION_HANDLE session = object == NULL || object->own == NULL ? 0 : object->own->session;
    struct object *gone = NULL;

    if (object != NULL)
        object_unlock(table, object);
    if (session == 0)
        return;
    pthread_mutex_lock(&table->lock);
    /* another thread may have removed or ended it since */
    if (object_exists(table, handle) && object->previous != object) {
        struct object_owner *owner = owner_find(table, session);
        gone = remove_from_session(table, owner, object, NULL);
        owner_tidy(table, owner);
    }
    pthread_mutex_unlock(&table->lock);
    object_end_all(table, gone);
}

void object_close_versions(struct object_table *table, CK_SESSION_HANDLE session)
{
    struct object *gone = NULL;
    struct object_owner *owner;
    struct object *next;

    if (!object_has_sessions(table))
        return;
    pthread_mutex_lock(&table->lock);
    owner = owner_find(table, session);
    for (struct object *object = owner == NULL ? NULL : owner->first; object != NULL;
         object = next) {
        next = object->next;
        if (object->kind == OBJECT_VERSION)
            gone = remove_from_session(table, owner, object, gone);
    }
    if (owner != NULL)
        owner_tidy(table, owner);
    pthread_mutex_unlock(&table->lock);
    object_end_all(table, gone);
}

void object_close_session(struct object_table *table, CK_SESSION_HANDLE session)
{
    struct object *gone = NULL;
    struct object_owner *owner;

    if (!object_has_sessions(table))
        return;
    pthread_mutex_lock(&table->lock);
    owner = owner_find(table, session);
    while (owner != NULL && owner->first != NULL)
        gone = remove_from_session(table, owner, owner->first, gone);
    if (owner != NULL)
        owner_tidy(table, owner);
    pthread_mutex_unlock(&table->lock);
    object_end_all(table, gone);
}

void object_close_private(struct object_table *table)
{
    struct object_owner *owner;
    struct object_owner *next_owner;
    struct object *gone = NULL;

    pthread_mutex_lock(&table->lock);
    HASH_ITER(hh, table->owners, owner, next_owner)
    {
        struct object *next;
        for (struct object *object = owner->first; object != NULL; object = next) {
            next = object->next;
            if (object->private)
                gone = remove_from_session(table, owner, object, gone);
        }
        owner_tidy(table, owner);
    }
    pthread_mutex_unlock(&table->lock);
    object_end_all(table, gone);
}

bool object_has_sessions(struct object_table *table)
{
    return atomic_load(&table->session_object_count) != 0;
}

void object_each_of_sessions(struct object_table *table, object_each_fn *each, void *arg)
{
    struct object_owner *owner;
    struct object_owner *next;

    pthread_mutex_lock(&table->lock);
    HASH_ITER(hh, table->owners, owner, next)
    {
        for (struct object *object = owner->first; object != NULL; object = object->next)
            each(arg, atomic_load_explicit(&object->handle, memory_order_relaxed));
    }
    pthread_mutex_unlock(&table->lock);
}

void object_owners_free(struct object_table *table)
{
    struct object_owner *owner;
    struct object_owner *next;

    HASH_ITER(hh, table->owners, owner, next)
    {
        owner->first = NULL;
        owner_tidy(table, owner);
    }
}
