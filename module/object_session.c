/* SPDX-License-Identifier: Apache-2.0 */
#include <stdatomic.h>
#include <stdlib.h>

#include "module/object_place.h"
#include "store/time.h"

CK_OBJECT_HANDLE object_of_session(struct object_table *table, struct token *token,
                                   CK_SESSION_HANDLE session, enum object_kind kind,
                                   struct object_own *own, struct store_secret *value)
{
    CK_OBJECT_HANDLE handle;
    struct object *object = object_new(table, &handle);

    if (object == NULL)
        return 0;
    object->kind = kind;
    object->token = token;
    own->session = session;
    object->own = own;
    store_secret_move(&object->record.value, value);
    object->record.created_ns = store_time_now();
    object->record.updated_ns = object->record.created_ns;
    object->complete = true;
    object->described = true;
    pthread_mutex_lock(&table->lock);
    object->next = table->session_objects;
    table->session_objects = object;
    atomic_fetch_add(&table->session_object_count, 1);
    object_publish(object, handle);
    pthread_mutex_unlock(&table->lock);
    return handle;
}

/* Takes the session objects that `wanted` picks out of the list and ends them. */
static void object_end_where(struct object_table *table,
                             bool (*wanted)(const struct object *object, const void *arg),
                             const void *arg)
{
    struct object *taken = NULL;
    struct object **link;

    pthread_mutex_lock(&table->lock);
    link = &table->session_objects;
    while (*link != NULL) {
        struct object *object = *link;
        if (wanted(object, arg)) {
            *link = object->next;
            atomic_fetch_sub(&table->session_object_count, 1);
            object->next = taken;
            taken = object;
        } else {
            link = &object->next;
        }
    }
    pthread_mutex_unlock(&table->lock);
    while (taken != NULL) {
        struct object *object = taken;
        taken = object->next;
        object_end(table, object);
    }
}

static bool has_handle(const struct object *object, const void *arg)
{
    return atomic_load_explicit(&object->handle, memory_order_relaxed) ==
           *(const CK_OBJECT_HANDLE *)arg;
}

static bool has_session(const struct object *object, const void *arg)
{
    return object->own->session == *(const CK_SESSION_HANDLE *)arg;
}

static bool is_private_of(const struct object *object, const void *arg)
{
    return object->token == arg && object->own->private;
}

void object_remove(struct object_table *table, CK_OBJECT_HANDLE handle)
{
    object_end_where(table, has_handle, &handle);
}

void object_close_session(struct object_table *table, CK_SESSION_HANDLE session)
{
    object_end_where(table, has_session, &session);
}

void object_close_private(struct object_table *table, const struct token *token)
{
    object_end_where(table, is_private_of, token);
}

bool object_has_sessions(struct object_table *table)
{
    return atomic_load(&table->session_object_count) != 0;
}

void object_each_of_sessions(struct object_table *table, const struct token *token,
                             object_each_fn *each, void *arg)
{
    pthread_mutex_lock(&table->lock);
    for (struct object *object = table->session_objects; object != NULL; object = object->next)
        if (object->token == token)
            each(arg, atomic_load_explicit(&object->handle, memory_order_relaxed));
    pthread_mutex_unlock(&table->lock);
}
