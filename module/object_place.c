/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object_place.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "store/time.h"

/* A handle is the object's place plus one, and above that how often the place was used. */
#define PLACE_BITS 22
#define PLACE_MASK (((CK_OBJECT_HANDLE)1 << PLACE_BITS) - 1)

_Static_assert((size_t)OBJECT_CHUNK *OBJECT_CHUNKS <= PLACE_MASK, "each place has a handle");

void object_table_init(struct object_table *table)
{
    pthread_mutex_init(&table->lock, NULL);
}

void object_own_free(struct object_own *own)
{
    if (own == NULL)
        return;
    store_secret_wipe(&own->label);
    store_secret_wipe(&own->application);
    store_secret_wipe(&own->object_id);
    store_secret_wipe(&own->id);
    free(own);
}

bool object_is_pinned(const struct object *object)
{
    return object->pinned_ns != 0 && store_time_coarse() - object->pinned_ns < OBJECT_PIN_NS;
}

void object_unpin(struct object *object)
{
    object->pinned_ns = 0;
    if (object->pinned_kept)
        store_secret_wipe(&object->pinned);
    object->pinned_kept = false;
}

void object_clear(struct object *object)
{
    store_record_clear(&object->record);
    object_unpin(object);
    object_own_free(object->own);
    if (object->key != object->key_room)
        free(object->key);
    object->own = NULL;
    object->key = NULL;
    object->complete = false;
    object->described = false;
    object->asked_ns = 0;
    object->seen_ns = 0;
    object->loaded_ns = 0;
    object->listing = 0;
    object->wanted = 0;
    object->listing_record = false;
    object->session = 0;
    object->serial++;
}

static struct object *place_at(const struct object_table *table, size_t place)
{
    return &table->chunks[place / OBJECT_CHUNK][place % OBJECT_CHUNK];
}

void object_table_free(struct object_table *table)
{
    for (size_t i = 0; i < table->used; i++) {
        object_clear(place_at(table, i));
        pthread_mutex_destroy(&place_at(table, i)->lock);
    }
    for (size_t i = 0; i * OBJECT_CHUNK < table->used; i++)
        free(table->chunks[i]);
    pthread_mutex_destroy(&table->lock);
}

/* A place that was never used. The table is locked. */
static struct object *place_new(struct object_table *table)
{
    size_t place = atomic_load_explicit(&table->used, memory_order_relaxed);
    size_t chunk = place / OBJECT_CHUNK;
    struct object *object;

    if (chunk == OBJECT_CHUNKS)
        return NULL;
    if (table->chunks[chunk] == NULL)
        table->chunks[chunk] =
            aligned_alloc(_Alignof(struct object), OBJECT_CHUNK * sizeof *object);
    if (table->chunks[chunk] == NULL)
        return NULL;
    object = place_at(table, place);
    *object = (struct object){.last_handle = place + 1};
    pthread_mutex_init(&object->lock, NULL);
    atomic_store_explicit(&table->used, place + 1, memory_order_release);
    return object;
}

struct object *object_new(struct object_table *table, CK_OBJECT_HANDLE *handle)
{
    struct object *object;

    pthread_mutex_lock(&table->lock);
    object = table->free;
    if (object != NULL) {
        table->free = object->next;
        object->last_handle += PLACE_MASK + 1;
    } else {
        object = place_new(table);
    }
    if (object != NULL)
        *handle = object->last_handle;
    pthread_mutex_unlock(&table->lock);
    return object;
}

void object_publish(struct object *object, CK_OBJECT_HANDLE handle)
{
    atomic_store_explicit(&object->handle, handle, memory_order_release);
}

void object_release(struct object_table *table, struct object *object)
{
    pthread_mutex_lock(&table->lock);
    object->next = table->free;
    table->free = object;
    pthread_mutex_unlock(&table->lock);
}

static struct object *object_at(struct object_table *table, CK_OBJECT_HANDLE handle)
{
    size_t place = (size_t)(handle & PLACE_MASK);

    if (place == 0 || place > atomic_load_explicit(&table->used, memory_order_acquire))
        return NULL;
    return place_at(table, place - 1);
}

bool object_exists(struct object_table *table, CK_OBJECT_HANDLE handle)
{
    struct object *object = object_at(table, handle);

    return object != NULL && atomic_load_explicit(&object->handle, memory_order_acquire) == handle;
}

struct object *object_lock(struct object_table *table, CK_OBJECT_HANDLE handle)
{
    struct object *object = object_at(table, handle);

    if (object == NULL || atomic_load_explicit(&object->handle, memory_order_acquire) != handle)
        return NULL;
    pthread_mutex_lock(&object->lock);
    if (atomic_load_explicit(&object->handle, memory_order_relaxed) == handle)
        return object;
    pthread_mutex_unlock(&object->lock);
    return NULL;
}

void object_unlock(struct object *object)
{
    pthread_mutex_unlock(&object->lock);
}

void object_end(struct object_table *table, struct object *object)
{
    pthread_mutex_lock(&object->lock);
    atomic_store_explicit(&object->handle, 0, memory_order_release);
    object_clear(object);
    pthread_mutex_unlock(&object->lock);
    object_release(table, object);
}
