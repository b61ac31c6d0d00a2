/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/handle_table.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "module/pki/pki.h"
#include "store/thread.h"

/* The number of places before a chunk. */
#define BEFORE(chunk) ((((uint32_t)1 << (chunk)) - 1) * OBJECT_CHUNK)

/* The last place that a handle can name; memory for a whole chunk may reach past it. */
#define LAST_PLACE                                                                                 \
    (BEFORE(OBJECT_CHUNKS) < HANDLE_TABLE_MASK ? BEFORE(OBJECT_CHUNKS)                             \
                                               : (uint32_t)HANDLE_TABLE_MASK)

void object_clear(struct object *object)
{
    store_record_clear(&object->record);
    if (object->own != NULL)
        session_attributes_free(object->own);
    if (object->pki != NULL)
        pki_drop(object->pki);
    if (object->key != object->key_room)
        free(object->key);
    object->own = NULL;
    object->pki = NULL;
    object->number = 0;
    object->key = NULL;
    object->has_value = false;
    object->has_metadata = false;
    object->asked_ns = 0;
    object->seen_ns = 0;
    object->loaded_ns = 0;
    object->listing = 0;
    object->listing_record = false;
}

/* The chunk that holds a place. */
static unsigned chunk_of(uint32_t place)
{
    return 31u - (unsigned)__builtin_clz((place - 1) / OBJECT_CHUNK + 1);
}

struct object *object_in_place(const struct object_table *table, uint32_t place)
{
    unsigned chunk = chunk_of(place);

    return &table->chunks[chunk][place - 1 - BEFORE(chunk)];
}

void object_places_init(struct object_table *table)
{
    pthread_mutex_init(&table->lock, NULL);
    for (size_t i = 0; i < OBJECT_LOCKS; i++)
        pthread_mutex_init(&table->locks[i].mutex, NULL);
}

void object_places_free(struct object_table *table)
{
    for (uint32_t place = 1; place <= table->used; place++)
        object_clear(object_in_place(table, place));
    for (unsigned chunk = 0; chunk < OBJECT_CHUNKS; chunk++)
        free(table->chunks[chunk]);
    for (size_t i = 0; i < OBJECT_LOCKS; i++)
        pthread_mutex_destroy(&table->locks[i].mutex);
    pthread_mutex_destroy(&table->lock);
}

/* Returns an unused place. The table is locked. */
static struct object *place_new(struct object_table *table, CK_OBJECT_HANDLE *handle)
{
    uint32_t place = atomic_load_explicit(&table->used, memory_order_relaxed) + 1;
    unsigned chunk = chunk_of(place);

    if (place > LAST_PLACE)
        return NULL;
    if (table->chunks[chunk] == NULL)
        table->chunks[chunk] = calloc((size_t)OBJECT_CHUNK << chunk, sizeof(struct object));
    if (table->chunks[chunk] == NULL)
        return NULL;
    atomic_store_explicit(&table->used, place, memory_order_release);
    *handle = (CK_OBJECT_HANDLE)table->slot << HANDLE_TABLE_BITS | place;
    return object_in_place(table, place);
}

struct object *object_new(struct object_table *table, CK_OBJECT_HANDLE *handle)
{
    struct object *object;

    pthread_mutex_lock(&table->lock);
    object = table->free;
    if (object != NULL) {
        table->free = object->next;
        *handle = object->last_handle + OBJECT_USE;
    } else {
        object = place_new(table, handle);
    }
    pthread_mutex_unlock(&table->lock);
    return object;
}

void object_publish(struct object *object, CK_OBJECT_HANDLE handle)
{
    atomic_store_explicit(&object->handle, handle, memory_order_release);
}

void object_release(struct object_table *table, struct object *object, CK_OBJECT_HANDLE handle)
{
    if (handle > (CK_OBJECT_HANDLE)-1 - OBJECT_USE)
        return; /* its next handle would be its first one again */
    pthread_mutex_lock(&table->lock);
    object->last_handle = handle;
    object->next = table->free;
    table->free = object;
    pthread_mutex_unlock(&table->lock);
}

static struct object *object_at(struct object_table *table, CK_OBJECT_HANDLE handle)
{
    uint32_t place = handle_place(handle);

    if (place == 0 || place > atomic_load_explicit(&table->used, memory_order_acquire))
        return NULL;
    return object_in_place(table, place);
}

bool object_exists(struct object_table *table, CK_OBJECT_HANDLE handle)
{
    struct object *object = object_at(table, handle);

    return object != NULL && atomic_load_explicit(&object->handle, memory_order_acquire) == handle;
}

/* Objects that are neighbours in memory, such as those of a listing, get different locks. */
static pthread_mutex_t *lock_of(struct object_table *table, const struct object *object)
{
    return &table->locks[store_part((uintptr_t)object, OBJECT_LOCK_BITS)].mutex;
}

void object_hold(struct object_table *table, struct object *object)
{
    pthread_mutex_lock(lock_of(table, object));
}

struct object *object_lock(struct object_table *table, CK_OBJECT_HANDLE handle)
{
    struct object *object = object_at(table, handle);

    if (object == NULL || atomic_load_explicit(&object->handle, memory_order_acquire) != handle)
        return NULL;
    object_hold(table, object);
    if (atomic_load_explicit(&object->handle, memory_order_relaxed) == handle)
        return object;
    object_unlock(table, object);
    return NULL;
}

void object_unlock(struct object_table *table, struct object *object)
{
    pthread_mutex_unlock(lock_of(table, object));
}

void object_end(struct object_table *table, struct object *object)
{
    CK_OBJECT_HANDLE handle;

    object_hold(table, object);
    handle = atomic_load_explicit(&object->handle, memory_order_relaxed);
    atomic_store_explicit(&object->handle, 0, memory_order_release);
    object_clear(object);
    object_unlock(table, object);
    object_release(table, object, handle);
}

void object_end_all(struct object_table *table, struct object *gone)
{
    while (gone != NULL) {
        struct object *object = gone;
        gone = object->next;
        object_end(table, object);
    }
}
