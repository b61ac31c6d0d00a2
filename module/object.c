/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "module/token.h"
#include "store/time.h"

/* A handle is the object's place plus one, and above that how often the place was used. */
#define PLACE_BITS 22
#define PLACE_MASK (((CK_OBJECT_HANDLE)1 << PLACE_BITS) - 1)

_Static_assert((size_t)OBJECT_CHUNK *OBJECT_CHUNKS <= PLACE_MASK + 1, "each place has a handle");

void object_table_init(struct object_table *table)
{
    pthread_mutex_init(&table->lock, NULL);
}

void object_index_init(struct object_index *index)
{
    pthread_mutex_init(&index->lock, NULL);
}

void object_index_free(struct object_index *index)
{
    HASH_CLEAR(hh, index->secrets);
    HASH_CLEAR(hh, index->keys);
    pthread_mutex_destroy(&index->lock);
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

/* Drops what the object holds. It is locked or nobody else's. */
static void object_clear(struct object *object)
{
    store_record_clear(&object->record);
    object_own_free(object->own);
    free(object->key);
    object->own = NULL;
    object->key = NULL;
    object->complete = false;
    object->asked_ns = 0;
    object->loaded_ns = 0;
    object->pinned_ns = 0;
    object->listing = 0;
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
    size_t chunk = table->used / OBJECT_CHUNK;
    struct object *objects;

    if (chunk == OBJECT_CHUNKS)
        return NULL;
    if (table->chunks[chunk] == NULL) {
        objects = calloc(OBJECT_CHUNK, sizeof *objects);
        if (objects == NULL)
            return NULL;
        atomic_store_explicit(&table->chunks[chunk], objects, memory_order_release);
    }
    objects = place_at(table, table->used);
    pthread_mutex_init(&objects->lock, NULL);
    objects->last_handle = ++table->used;
    return objects;
}

/* A free object and the handle it will have; it is not an object before object_publish. */
static struct object *object_new(struct object_table *table, CK_OBJECT_HANDLE *handle)
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

static void object_publish(struct object *object, CK_OBJECT_HANDLE handle)
{
    atomic_store_explicit(&object->handle, handle, memory_order_release);
}

/* Gives the place back. The object has no handle any more. */
static void object_release(struct object_table *table, struct object *object)
{
    pthread_mutex_lock(&table->lock);
    object->next = table->free;
    table->free = object;
    pthread_mutex_unlock(&table->lock);
}

static struct object *object_at(struct object_table *table, CK_OBJECT_HANDLE handle)
{
    size_t place = (size_t)(handle & PLACE_MASK);
    struct object *chunk;

    if (place == 0 || (place - 1) / OBJECT_CHUNK >= OBJECT_CHUNKS)
        return NULL;
    place--;
    chunk = atomic_load_explicit(&table->chunks[place / OBJECT_CHUNK], memory_order_acquire);
    return chunk == NULL ? NULL : chunk + place % OBJECT_CHUNK;
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

/* A new object of the token. The index is locked. */
static struct object *object_index_new(struct object_table *table, struct token *token,
                                       struct object **head, const struct object_found *found)
{
    size_t len = strlen(found->key);
    CK_OBJECT_HANDLE handle;
    struct object *object = object_new(table, &handle);
    struct object *added = NULL;

    if (object == NULL)
        return NULL;
    object->key = malloc(len + 1);
    if (object->key != NULL) {
        memcpy(object->key, found->key, len + 1);
        HASH_ADD_KEYPTR(hh, *head, object->key, len, object);
        HASH_FIND(hh, *head, object->key, len, added);
    }
    if (added == NULL || store_scope_parse(object->key, len, &object->parts) != STORE_OK) {
        if (added != NULL)
            HASH_DELETE(hh, *head, object);
        object_clear(object);
        object_release(table, object);
        return NULL;
    }
    object->kind = found->kind;
    object->token = token;
    object_publish(object, handle);
    return object;
}

/* Takes over what was found, unless the object holds something newer. The object is locked. */
static void object_refresh(struct object *object, const struct object_found *found)
{
    object->encoding = found->encoding;
    if (found->listing != 0) {
        object->listing = found->listing;
        object->listing_at = found->listing_at;
    }
    object->listing_record = false;
    if (found->record == NULL || found->asked_ns < object->asked_ns)
        return;
    if (!object->complete || !found->complete || object->record.version[0] == '\0' ||
        strcmp(object->record.version, found->record->version) != 0)
        object->serial++;
    store_record_share(&object->record, found->record);
    object->complete = found->complete;
    object->listing_record = found->listing != 0;
    object->asked_ns = found->asked_ns;
    object->loaded_ns = store_time_coarse();
    object->pinned_ns = 0;
}

CK_OBJECT_HANDLE object_of_token(struct object_table *table, struct token *token,
                                 const struct object_found *found)
{
    struct object_index *index = token_index(token);
    struct object **head = found->kind == OBJECT_KEY ? &index->keys : &index->secrets;
    CK_OBJECT_HANDLE handle = 0;
    struct object *object = NULL;

    pthread_mutex_lock(&index->lock);
    HASH_FIND(hh, *head, found->key, strlen(found->key), object);
    if (object == NULL)
        object = object_index_new(table, token, head, found);
    if (object != NULL) {
        pthread_mutex_lock(&object->lock);
        object_refresh(object, found);
        handle = atomic_load_explicit(&object->handle, memory_order_relaxed);
        pthread_mutex_unlock(&object->lock);
    }
    pthread_mutex_unlock(&index->lock);
    return handle;
}

/* Ends the use of a place: no handle, nothing held. The object is in no index and no list. */
static void object_end(struct object_table *table, struct object *object)
{
    pthread_mutex_lock(&object->lock);
    atomic_store_explicit(&object->handle, 0, memory_order_release);
    object_clear(object);
    pthread_mutex_unlock(&object->lock);
    object_release(table, object);
}

void object_remove_key(struct object_table *table, struct token *token, const char *key)
{
    struct object_index *index = token_index(token);
    struct object *secret = NULL;
    struct object *hmac_key = NULL;

    pthread_mutex_lock(&index->lock);
    HASH_FIND(hh, index->secrets, key, strlen(key), secret);
    if (secret != NULL)
        HASH_DELETE(hh, index->secrets, secret);
    HASH_FIND(hh, index->keys, key, strlen(key), hmac_key);
    if (hmac_key != NULL)
        HASH_DELETE(hh, index->keys, hmac_key);
    pthread_mutex_unlock(&index->lock);
    /* `key` may be the secret's own */
    if (hmac_key != NULL)
        object_end(table, hmac_key);
    if (secret != NULL)
        object_end(table, secret);
}

CK_OBJECT_HANDLE object_key_of_secret(struct object_table *table, struct token *token,
                                      const char *key, const char *encoding)
{
    struct object_index *index = token_index(token);
    struct object_found found = {.kind = OBJECT_KEY, .key = key, .encoding = encoding};
    AUTO_RECORD record = {0};
    struct object *secret = NULL;

    pthread_mutex_lock(&index->lock);
    HASH_FIND(hh, index->secrets, key, strlen(key), secret);
    if (secret != NULL) {
        pthread_mutex_lock(&secret->lock);
        store_record_share(&record, &secret->record);
        found.complete = secret->complete;
        found.asked_ns = secret->asked_ns;
        pthread_mutex_unlock(&secret->lock);
    }
    pthread_mutex_unlock(&index->lock);
    if (secret == NULL)
        return 0;
    if (found.complete)
        found.record = &record;
    return object_of_token(table, token, &found);
}

void object_remove_unlisted(struct object_table *table, struct token *token,
                            const struct listing *listing, int64_t asked_ns)
{
    struct object_index *index = token_index(token);
    size_t prefix_len = strlen(listing->prefix);
    struct object *gone = NULL;
    struct object *object;
    struct object *next;

    pthread_mutex_lock(&index->lock);
    HASH_ITER(hh, index->secrets, object, next)
    {
        bool listed;
        pthread_mutex_lock(&object->lock);
        /* one that was read or written since is there, whatever the listing saw */
        listed = object->listing == listing->id || object->asked_ns > asked_ns ||
                 strncmp(object->key, listing->prefix, prefix_len) != 0;
        pthread_mutex_unlock(&object->lock);
        if (listed)
            continue;
        HASH_DELETE(hh, index->secrets, object);
        object->next = gone;
        gone = object;
    }
    pthread_mutex_unlock(&index->lock);
    while (gone != NULL) {
        object = gone;
        gone = object->next;
        object_remove_key(table, token, object->key); /* its key object */
        object_end(table, object);
    }
}

CK_OBJECT_HANDLE object_status(struct object_table *table, struct token *token)
{
    CK_OBJECT_HANDLE *status = token_status(token);
    struct object_index *index = token_index(token);
    CK_OBJECT_HANDLE handle;

    pthread_mutex_lock(&index->lock);
    if (*status == 0) {
        struct object *object = object_new(table, &handle);
        if (object != NULL) {
            object->kind = OBJECT_STATUS;
            object->token = token;
            *status = handle;
            object_publish(object, handle);
        }
    }
    handle = *status;
    pthread_mutex_unlock(&index->lock);
    return handle;
}

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
    object->session = session;
    object->own = own;
    store_secret_move(&object->record.value, value);
    object->record.created_ns = store_time_now();
    object->record.updated_ns = object->record.created_ns;
    object->complete = true;
    pthread_mutex_lock(&table->lock);
    object->next = table->session_objects;
    table->session_objects = object;
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
    return object->session == *(const CK_SESSION_HANDLE *)arg;
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

static void forget_all(struct object *head)
{
    struct object *object;
    struct object *next;

    HASH_ITER(hh, head, object, next)
    {
        pthread_mutex_lock(&object->lock);
        store_record_clear(&object->record);
        object->complete = false;
        object->asked_ns = 0;
        object->loaded_ns = 0;
        object->pinned_ns = 0;
        object->listing = 0;
        object->serial++;
        pthread_mutex_unlock(&object->lock);
    }
}

void object_forget(struct object_index *index)
{
    pthread_mutex_lock(&index->lock);
    forget_all(index->secrets);
    forget_all(index->keys);
    pthread_mutex_unlock(&index->lock);
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
