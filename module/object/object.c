/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "module/object/listing.h"
#include "module/object/object_index.h"
#include "module/object/object_session.h"
#include "module/object/handle_table.h"
#include "module/pki/pki.h"
#include "store/time.h"

#define SECRETS 0u /* the place of an OBJECT_SECRET: object_index_place */

void object_table_init(struct object_table *table, CK_SLOT_ID slot)
{
    table->slot = slot;
    table->born_ns = store_time_now();
    object_places_init(table);
    object_index_init(&table->index);
}

void object_table_free(struct object_table *table)
{
    object_index_free(&table->index);
    object_owners_free(table);
    object_places_free(table);
}

static struct object_at index_at(struct object_table *table, const char *key)
{
    return object_index_at(&table->index, key);
}

/* The hash of the certificate that was found; NULL for another kind, and for one in no face. */
static const unsigned char *found_hash(const struct object_found *found)
{
    if (found->kind != OBJECT_CERTIFICATE || found->pki == NULL ||
        found->number >= found->pki->count)
        return NULL;
    return found->pki->certificates[found->number].hash;
}

/* Makes an object of the token for the caller to publish. The shard is locked. */
static struct object *object_index_new(struct object_table *table, const struct object_at *at,
                                       const struct object_found *found, CK_OBJECT_HANDLE *handle)
{
    struct object *object = object_new(table, handle);

    if (object == NULL)
        return NULL;
    object->kind = found->kind;
    object->number = found->number;
    if (found_hash(found) != NULL)
        memcpy(object->hash, found_hash(found), sizeof object->hash);
    else
        memset(object->hash, 0, sizeof object->hash);
    object->asked_ns = at->shard->dropped_ns;
    object->key = at->len < OBJECT_KEY_ROOM ? object->key_room : malloc(at->len + 1);
    if (object->key != NULL && store_scope_parse(at->key, at->len, NULL) == STORE_OK) {
        memcpy(object->key, at->key, at->len + 1);
        if (object_index_add(at, object))
            return object;
    }
    object_clear(object);
    object_release(table, object, *handle);
    return NULL;
}

/* Drops the record and ignores answers to calls from before `now_ns`. The object is locked. */
static void object_drop(struct object *object, int64_t now_ns)
{
    store_record_clear(&object->record);
    pki_drop(object->pki);
    object->pki = NULL;
    object->has_value = false;
    object->has_metadata = false;
    object->asked_ns = now_ns;
    object->loaded_ns = 0;
    object->listing_record = false;
}

/* Records that a listing has the object, which is a secret. The later of two concurrent listings
 * counts; a look-up (listing 0) does not. The object and its shard are locked. */
static void object_listed(struct object_shard *shard, struct object *object, uint64_t listing,
                          uint32_t at)
{
    if (listing <= object->listing)
        return;
    object->listing = listing;
    object->listing_at = at;
    if (listing > shard->listing) {
        shard->listing = listing;
        shard->listed = 0;
    }
    if (listing == shard->listing)
        shard->listed++;
}

/* Takes over the record, unless the object holds a newer one. The object is locked or not
 * published yet. */
static void object_refresh(struct object *object, const struct object_found *found)
{
    object->encoding = found->encoding;
    if (found->asked_ns > object->seen_ns)
        object->seen_ns = found->asked_ns;
    object->listing_record = false;
    if (found->record == NULL || found->asked_ns < object->asked_ns)
        return;
    if (found->began_ns != 0 && object->asked_ns > found->began_ns) {
        object_drop(object, found->asked_ns);
        return;
    }
    store_record_share(&object->record, found->record);
    pki_drop(object->pki);
    object->pki = pki_share(found->pki);
    object->has_value = found->has_value;
    object->has_metadata = found->has_metadata;
    object->listing_record = found->listing != 0 && found->listing == object->listing;
    object->asked_ns = found->asked_ns;
    object->loaded_ns = store_time_coarse();
}

/* Removes an object from its index and prepends it to `gone`. The shard is locked. */
static struct object *remove_from_index(const struct object_at *at, struct object *object,
                                        struct object *gone)
{
    object_index_remove(at, object);
    if (object->listing != 0 && object->listing == at->shard->listing)
        at->shard->listed--;
    object->next = gone;
    return object;
}

/* True if the object is another certificate than the one that was found in its place, by a call
 * that is not older than its record. The object is locked. */
static bool is_replaced(const struct object *object, const struct object_found *found)
{
    const unsigned char *hash = found_hash(found);

    return hash != NULL && found->asked_ns >= object->asked_ns &&
           memcmp(object->hash, hash, sizeof object->hash) != 0;
}

/* Updates the object in the finding's place. 0 if there is none, or it is another certificate,
 * which then leaves the index for `gone`. The shard is locked. */
static CK_OBJECT_HANDLE update(struct object_table *table, const struct object_at *at,
                               const struct object_found *found, struct object **gone)
{
    struct object *object = object_index_find(at, object_index_place(found->kind, found->number));
    CK_OBJECT_HANDLE handle = 0;

    if (object == NULL)
        return 0;
    object_hold(table, object);
    if (!is_replaced(object, found)) {
        handle = atomic_load_explicit(&object->handle, memory_order_relaxed);
        object_listed(at->shard, object, found->listing, found->listing_at);
        object_refresh(object, found);
    }
    object_unlock(table, object);
    if (handle == 0)
        *gone = remove_from_index(at, object, *gone);
    return handle;
}

CK_OBJECT_HANDLE object_upsert(struct object_table *table, const struct object_found *found)
{
    struct object_at at = index_at(table, found->key);
    struct object *gone = NULL;
    CK_OBJECT_HANDLE handle;
    struct object *object;

    pthread_mutex_lock(&at.shard->lock);
    handle = update(table, &at, found, &gone);
    if (handle == 0) {
        object = object_index_new(table, &at, found, &handle);
        if (object != NULL) {
            object_listed(at.shard, object, found->listing, found->listing_at);
            object_refresh(object, found);
            object_publish(object, handle);
        } else {
            handle = 0;
        }
    }
    pthread_mutex_unlock(&at.shard->lock);
    object_end_all(table, gone);
    return handle;
}

void object_keep(struct object_table *table, CK_OBJECT_HANDLE handle,
                 const struct object_found *found)
{
    struct object *object = object_lock(table, handle);

    if (object == NULL)
        return;
    object_refresh(object, found);
    object_unlock(table, object);
}

void object_keep_face(struct object_table *table, CK_OBJECT_HANDLE handle,
                      const struct object_found *found)
{
    struct object_at at = index_at(table, found->key);
    struct object_found other = *found;
    AUTO_RECORD public = {0};

    store_record_share(&public, found->record);
    store_secret_wipe(&public.value);
    other.record = &public;
    other.has_value = false;
    pthread_mutex_lock(&at.shard->lock);
    for (unsigned place = 0; place < OBJECT_PLACES; place++) {
        struct object *object = object_index_find(&at, place);
        if (object == NULL || !object_shows_face(object->kind))
            continue;
        object_hold(table, object);
        if (atomic_load_explicit(&object->handle, memory_order_relaxed) == handle)
            object_refresh(object, found);
        else if (object->pki != found->pki)
            object_refresh(object, &other);
        object_unlock(table, object);
    }
    pthread_mutex_unlock(&at.shard->lock);
}

void object_forget_value(struct object_table *table, CK_OBJECT_HANDLE handle,
                         const struct store_secret *value)
{
    struct object *object = object_lock(table, handle);

    if (object == NULL)
        return;
    if (object->kind == OBJECT_SECRET && !object->listing_record &&
        object->record.value.data == value->data) {
        store_secret_wipe(&object->record.value);
        object->has_value = false;
    }
    object_unlock(table, object);
}

/* Removes an object last seen by `asked_ns` and prepends it to `gone`; only drops the record of
 * one seen since. The shard is locked. */
static struct object *remove_unseen(struct object_table *table, const struct object_at *at,
                                    unsigned place, int64_t asked_ns, struct object *gone)
{
    struct object *object = object_index_find(at, place);
    bool seen;

    if (object == NULL)
        return gone;
    object_hold(table, object);
    seen = object->seen_ns > asked_ns;
    if (seen)
        object_drop(object, at->shard->dropped_ns);
    object_unlock(table, object);
    return seen ? gone : remove_from_index(at, object, gone);
}

static void remove_places(struct object_table *table, const char *key, unsigned first,
                          int64_t asked_ns)
{
    struct object_at at = index_at(table, key);
    struct object *gone = NULL;

    pthread_mutex_lock(&at.shard->lock);
    at.shard->dropped_ns = store_time_monotonic();
    for (unsigned place = first; place < OBJECT_PLACES; place++)
        gone = remove_unseen(table, &at, place, asked_ns, gone);
    pthread_mutex_unlock(&at.shard->lock);
    object_end_all(table, gone);
}

void object_remove_key(struct object_table *table, const char *key, int64_t asked_ns)
{
    remove_places(table, key, 0, asked_ns);
}

void object_remove_certificates(struct object_table *table, const char *key)
{
    remove_places(table, key, OBJECT_PLACE_CERTIFICATES, INT64_MAX);
}

void object_drop_faces(struct object_table *table, const char *key)
{
    struct object_at at = index_at(table, key);

    pthread_mutex_lock(&at.shard->lock);
    for (unsigned place = 0; place < OBJECT_PLACES; place++) {
        struct object *object = object_index_find(&at, place);
        if (object == NULL || !object_shows_face(object->kind))
            continue;
        object_hold(table, object);
        object_drop(object, store_time_monotonic());
        object_unlock(table, object);
    }
    pthread_mutex_unlock(&at.shard->lock);
}

CK_OBJECT_HANDLE object_key_of_secret(struct object_table *table, const char *key,
                                      const char *encoding)
{
    struct object_at at = index_at(table, key);
    struct object_found found = {.kind = OBJECT_KEY, .key = key, .encoding = encoding};
    AUTO_RECORD record = {0};
    struct object *secret;

    pthread_mutex_lock(&at.shard->lock);
    secret = object_index_find(&at, SECRETS);
    if (secret != NULL) {
        object_hold(table, secret);
        store_record_share(&record, &secret->record);
        found.has_value = secret->has_value;
        found.has_metadata = secret->has_metadata;
        found.asked_ns = secret->asked_ns;
        object_unlock(table, secret);
    }
    pthread_mutex_unlock(&at.shard->lock);
    if (secret == NULL)
        return 0;
    if (found.has_value)
        found.record = &record;
    return object_upsert(table, &found);
}

/* True unless the listing shows that the secret is gone: false if the key is under the prefix,
 * the listing lacks it, and no call has seen it since. */
static bool is_listed(struct object_table *table, struct object *object,
                      const struct listing *listing, int64_t asked_ns)
{
    bool listed;

    object_hold(table, object);
    listed = object->listing >= listing->id || object->seen_ns > asked_ns ||
             strncmp(object->key, listing->prefix, strlen(listing->prefix)) != 0;
    object_unlock(table, object);
    return listed;
}

/* Removes the secrets that the listing lacks, with their keys, and prepends them to `gone`. The
 * shard is locked. */
static struct object *remove_unlisted(struct object_table *table, struct object_shard *shard,
                                      const struct listing *listing, int64_t asked_ns,
                                      struct object *gone)
{
    struct object *object;
    struct object *next;

    /* Usually the listing has all of them. */
    if (shard->listing == listing->id && shard->listed == HASH_COUNT(shard->places[SECRETS]))
        return gone;
    HASH_ITER(hh, shard->places[SECRETS], object, next)
    {
        const struct object_at at = {
            .key = object->key, .len = object->hh.keylen, .hash = object->hh.hashv, .shard = shard};
        if (is_listed(table, object, listing, asked_ns))
            continue;
        shard->dropped_ns = store_time_monotonic();
        for (unsigned place = SECRETS + 1; place < OBJECT_PLACES; place++)
            gone = remove_unseen(table, &at, place, asked_ns, gone);
        gone = remove_from_index(&at, object, gone);
    }
    return gone;
}

void object_remove_unlisted(struct object_table *table, const struct listing *listing,
                            int64_t asked_ns)
{
    struct object *gone = NULL;

    for (size_t i = 0; i < OBJECT_SHARDS; i++) {
        struct object_shard *shard = &table->index.shards[i];
        pthread_mutex_lock(&shard->lock);
        gone = remove_unlisted(table, shard, listing, asked_ns, gone);
        pthread_mutex_unlock(&shard->lock);
    }
    object_end_all(table, gone);
}

CK_OBJECT_HANDLE object_fixed(struct object_table *table, enum object_kind kind)
{
    CK_OBJECT_HANDLE *fixed = kind == OBJECT_PROFILE ? &table->profile : &table->status;
    pthread_mutex_t *lock = &table->index.shards[0].lock; /* any shard's lock would do */
    CK_OBJECT_HANDLE handle;

    pthread_mutex_lock(lock);
    if (*fixed == 0) {
        struct object *object = object_new(table, &handle);
        if (object != NULL) {
            object->kind = kind;
            *fixed = handle;
            object_publish(object, handle);
        }
    }
    handle = *fixed;
    pthread_mutex_unlock(lock);
    return handle;
}

/* Ends all objects of one kind in a shard, which is locked. */
static void end_all(struct object_table *table, struct object **head)
{
    struct object *object = *head;

    HASH_CLEAR(hh, *head); /* first: an object that has ended may get another use at once */
    while (object != NULL) {
        struct object *ended = object;
        object = ended->hh.next;
        object_end(table, ended);
    }
}

void object_logout(struct object_table *table)
{
    object_close_private(table);
    for (size_t i = 0; i < OBJECT_SHARDS; i++) {
        struct object_shard *shard = &table->index.shards[i];
        pthread_mutex_lock(&shard->lock);
        shard->dropped_ns = store_time_monotonic();
        shard->listing = 0;
        shard->listed = 0;
        for (unsigned place = 0; place < OBJECT_PLACES; place++)
            end_all(table, &shard->places[place]);
        pthread_mutex_unlock(&shard->lock);
    }
}
