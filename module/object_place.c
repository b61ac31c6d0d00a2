/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object_place.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "module/token.h"
#include "store/pages.h"
#include "store/thread.h"
#include "store/time.h"

_Static_assert((size_t)OBJECT_CHUNK *OBJECT_CHUNKS <= OBJECT_PLACE_MASK, "each place has a handle");

void object_table_init(struct object_table *table)
{
    pthread_mutex_init(&table->lock, NULL);
    for (size_t i = 0; i < OBJECT_LOCKS; i++)
        pthread_mutex_init(&table->locks[i].mutex, NULL);
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
    object_record_clear(&object->record);
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
    object->serial++;
}

/* A few objects take few pages. More of them are a listing of many, and lie in areas for which huge
 * pages are asked: most of what making an object costs is its memory's first use. */
#define FEW_CHUNKS 4
#define CHUNK_SIZE (OBJECT_CHUNK * sizeof(struct object))
#define AREA_CHUNKS (STORE_PAGES_HUGE / CHUNK_SIZE)

/* Whether the chunk is the first of an area. */
static bool begins_area(size_t chunk)
{
    return chunk >= FEW_CHUNKS && (chunk - FEW_CHUNKS) % AREA_CHUNKS == 0;
}

/* Zeroed memory for the chunk, whose predecessors have theirs. NULL if it is short. */
static struct object *chunk_new(const struct object_table *table, size_t chunk)
{
    if (chunk < FEW_CHUNKS)
        return store_thread_calloc(_Alignof(struct object), OBJECT_CHUNK, sizeof(struct object));
    if (begins_area(chunk))
        return store_pages_map(STORE_PAGES_HUGE);
    return table->chunks[chunk - 1] + OBJECT_CHUNK;
}

static void chunk_free(struct object_table *table, size_t chunk)
{
    if (chunk < FEW_CHUNKS)
        free(table->chunks[chunk]);
    else if (begins_area(chunk))
        store_pages_unmap(table->chunks[chunk], STORE_PAGES_HUGE);
}

void object_table_free(struct object_table *table)
{
    for (uint32_t place = 1; place <= table->used; place++)
        object_clear(object_in_place(table, place));
    for (size_t i = 0; i * OBJECT_CHUNK < table->used; i++)
        chunk_free(table, i);
    for (size_t i = 0; i < OBJECT_LOCKS; i++)
        pthread_mutex_destroy(&table->locks[i].mutex);
    pthread_mutex_destroy(&table->lock);
}

/* A place that was never used. The table is locked. */
static struct object *place_new(struct object_table *table, CK_OBJECT_HANDLE *handle)
{
    uint32_t used = atomic_load_explicit(&table->used, memory_order_relaxed);
    size_t chunk = used / OBJECT_CHUNK;
    struct object *object;

    if (chunk == OBJECT_CHUNKS)
        return NULL;
    if (table->chunks[chunk] == NULL)
        table->chunks[chunk] = chunk_new(table, chunk);
    if (table->chunks[chunk] == NULL)
        return NULL;
    object = object_in_place(table, used + 1);
    object->record.version = object->record.version_room;
    atomic_store_explicit(&table->used, used + 1, memory_order_release);
    *handle = used + 1;
    return object;
}

struct object *object_new(struct object_table *table, CK_OBJECT_HANDLE *handle)
{
    struct object *object;

    pthread_mutex_lock(&table->lock);
    object = table->free;
    if (object != NULL) {
        table->free = object->next;
        *handle = object->last_handle + OBJECT_PLACE_MASK + 1;
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
    pthread_mutex_lock(&table->lock);
    object->last_handle = handle;
    object->next = table->free;
    table->free = object;
    pthread_mutex_unlock(&table->lock);
}

static struct object *object_at(struct object_table *table, CK_OBJECT_HANDLE handle)
{
    uint32_t place = object_place(handle);

    if (place == 0 || place > atomic_load_explicit(&table->used, memory_order_acquire))
        return NULL;
    return object_in_place(table, place);
}

bool object_exists(struct object_table *table, CK_OBJECT_HANDLE handle)
{
    struct object *object = object_at(table, handle);

    return object != NULL && atomic_load_explicit(&object->handle, memory_order_acquire) == handle;
}

/* Neighbours in memory, as a listing makes them, have different ones. */
static pthread_mutex_t *lock_of(struct object_table *table, const struct object *object)
{
    return &table->locks[(uintptr_t)object / sizeof *object % OBJECT_LOCKS].mutex;
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
    pthread_mutex_unlock(lock_of(table, object)); /* its token may be another one by now */
    return NULL;
}

void object_unlock(struct object *object)
{
    pthread_mutex_unlock(lock_of(object->token->objects, object));
}

void object_end(struct object_table *table, struct object *object)
{
    CK_OBJECT_HANDLE handle;

    object_hold(table, object);
    handle = atomic_load_explicit(&object->handle, memory_order_relaxed);
    atomic_store_explicit(&object->handle, 0, memory_order_release);
    object_clear(object);
    object_unlock(object);
    object_release(table, object, handle);
}
