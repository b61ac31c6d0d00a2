/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "module/object_place.h"
#include "module/token.h"
#include "store/time.h"

static struct object_at index_at(struct token *token, const char *key)
{
    return object_index_at(token_index(token), key);
}

void object_expect(struct token *token, const char *key)
{
    struct object_at at = index_at(token, key);
    const char *memory;

    pthread_mutex_lock(&at.shard->lock);
    memory = (const char *)object_index_guess(&at);
    pthread_mutex_unlock(&at.shard->lock);
    for (size_t i = 0; memory != NULL && i < sizeof(struct object); i += 64)
        __builtin_prefetch(memory + i);
}

/* A new object of the token, to be published. The shard is locked. */
static struct object *object_index_new(struct object_table *table, struct token *token,
                                       const struct object_at *at, enum object_kind kind,
                                       CK_OBJECT_HANDLE *handle)
{
    struct object *object = object_new(table, handle);

    if (object == NULL)
        return NULL;
    object->kind = kind;
    object->token = token;
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

/* Keeps, before the record goes, the value that a session has measured and not yet read. */
static void keep_pinned(struct object *object)
{
    if (!object_is_pinned(object)) {
        object_unpin(object);
    } else if (!object->pinned_kept) {
        store_secret_share(&object->pinned, &object->record.value);
        object->pinned_kept = true;
    }
}

/* Leaves the object with nothing known of it, and nothing to take in that was asked for before
 * `now_ns` or what it held. It is locked. */
static void object_drop(struct object *object, int64_t now_ns)
{
    object_record_clear(&object->record);
    object->complete = false;
    object->described = false;
    if (now_ns > object->asked_ns)
        object->asked_ns = now_ns;
    object->loaded_ns = 0;
    object->listing_record = false;
    object->serial++;
}

/* Says that a listing has the object. Of two at the same time the later one counts, and a look-up,
 * with none, does not. The object is locked, and so is its shard. */
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

/* Takes over what was found, unless the object holds something newer. The object is locked or not
 * published yet, and its shard is locked. False, and the object holds nothing, if memory is short.
 */
static bool object_refresh(struct object_shard *shard, struct object *object,
                           const struct object_found *found)
{
    object->encoding = found->encoding;
    if (found->asked_ns > object->seen_ns)
        object->seen_ns = found->asked_ns;
    object_listed(shard, object, found->listing, found->listing_at);
    object->listing_record = false;
    if (found->record == NULL || found->asked_ns < object->asked_ns)
        return true;
    keep_pinned(object);
    if (found->began_ns != 0 && object->asked_ns > found->began_ns) {
        object_drop(object, found->asked_ns);
        return true;
    }
    if (!object->complete || !found->complete || object->record.version[0] == '\0' ||
        strcmp(object->record.version, found->record->version) != 0)
        object->serial++;
    if (!object_record_take(&object->record, found->record)) {
        object_drop(object, found->asked_ns);
        return false;
    }
    object->complete = found->complete;
    object->described = found->described;
    object->listing_record = found->listing != 0 && found->listing == object->listing;
    object->asked_ns = found->asked_ns;
    object->loaded_ns = store_time_coarse();
    return true;
}

CK_OBJECT_HANDLE object_of_token(struct object_table *table, struct token *token,
                                 const struct object_found *found)
{
    struct object_at at = index_at(token, found->key);
    CK_OBJECT_HANDLE handle = 0;
    bool taken = false;
    struct object *object;

    pthread_mutex_lock(&at.shard->lock);
    object = object_index_find(&at, found->kind);
    if (object != NULL) {
        object_hold(table, object);
        handle = atomic_load_explicit(&object->handle, memory_order_relaxed);
        taken = object_refresh(at.shard, object, found);
        object_unlock(object);
    } else if ((object = object_index_new(table, token, &at, found->kind, &handle)) != NULL) {
        taken = object_refresh(at.shard, object, found);
        object_publish(object, handle);
    }
    pthread_mutex_unlock(&at.shard->lock);
    return taken ? handle : 0;
}

/* Takes an object out of its index, if there is one and it was last seen by `asked_ns`, and gives
 * it; else drops what it holds. The shard is locked. */
static struct object *take_unseen(struct object_table *table, const struct object_at *at,
                                  enum object_kind kind, int64_t asked_ns)
{
    struct object *object = object_index_find(at, kind);
    bool seen;

    if (object == NULL)
        return NULL;
    object_hold(table, object);
    seen = object->seen_ns > asked_ns;
    if (seen) {
        keep_pinned(object);
        object_drop(object, at->shard->dropped_ns);
    }
    object_unlock(object);
    if (seen)
        return NULL;
    object_index_remove(at, object);
    if (object->listing != 0 && object->listing == at->shard->listing)
        at->shard->listed--;
    return object;
}

void object_remove_key(struct object_table *table, struct token *token, const char *key,
                       int64_t asked_ns)
{
    struct object_at at = index_at(token, key);
    struct object *secret;
    struct object *used;

    pthread_mutex_lock(&at.shard->lock);
    at.shard->dropped_ns = store_time_monotonic();
    secret = take_unseen(table, &at, OBJECT_SECRET, asked_ns);
    used = take_unseen(table, &at, OBJECT_KEY, asked_ns);
    pthread_mutex_unlock(&at.shard->lock);
    if (secret != NULL)
        object_end(table, secret);
    if (used != NULL)
        object_end(table, used);
}

CK_OBJECT_HANDLE object_key_of_secret(struct object_table *table, struct token *token,
                                      const char *key, const char *encoding)
{
    struct object_at at = index_at(token, key);
    struct object_found found = {.kind = OBJECT_KEY, .key = key, .encoding = encoding};
    AUTO_RECORD record = {0};
    struct object *secret;

    pthread_mutex_lock(&at.shard->lock);
    secret = object_index_find(&at, OBJECT_SECRET);
    if (secret != NULL) {
        object_hold(table, secret);
        object_record_give(&secret->record, &record);
        found.complete = secret->complete;
        found.described = secret->described;
        found.asked_ns = secret->asked_ns;
        object_unlock(secret);
    }
    pthread_mutex_unlock(&at.shard->lock);
    if (secret == NULL)
        return 0;
    if (found.complete)
        found.record = &record;
    return object_of_token(table, token, &found);
}

/* Whether all secrets that there are were last seen by this listing. */
static bool all_listed(struct object_index *index, const struct listing *listing)
{
    bool all = true;

    for (size_t i = 0; all && i < OBJECT_SHARDS; i++) {
        struct object_shard *shard = &index->shards[i];
        pthread_mutex_lock(&shard->lock);
        all = shard->secrets == NULL ||
              (shard->listing == listing->id && shard->listed == object_index_secrets(shard));
        pthread_mutex_unlock(&shard->lock);
    }
    return all;
}

void object_remove_unlisted(struct object_table *table, struct token *token,
                            const struct listing *listing, int64_t asked_ns)
{
    size_t prefix_len = strlen(listing->prefix);
    uint32_t place = 0;
    struct object *object;

    if (all_listed(token_index(token), listing))
        return;
    while ((object = object_lock_next(table, token, &place)) != NULL) {
        char key[STORE_KEY_MAX + 1];
        bool gone = object->kind == OBJECT_SECRET && object->listing < listing->id &&
                    object->seen_ns <= asked_ns &&
                    strncmp(object->key, listing->prefix, prefix_len) == 0;
        if (gone)
            memcpy(key, object->key, strlen(object->key) + 1);
        object_unlock(object);
        /* one that was found or written since is there, whatever the listing saw, and stays */
        if (gone)
            object_remove_key(table, token, key, asked_ns);
    }
}

CK_OBJECT_HANDLE object_status(struct object_table *table, struct token *token)
{
    CK_OBJECT_HANDLE *status = token_status(token);
    pthread_mutex_t *lock = &token_index(token)->shards[0].lock; /* any one will do */
    CK_OBJECT_HANDLE handle;

    pthread_mutex_lock(lock);
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
    pthread_mutex_unlock(lock);
    return handle;
}

void object_forget(struct object_table *table, struct token *token)
{
    struct object_index *index = token_index(token);
    int64_t now_ns;
    uint32_t place = 0;
    struct object *object;

    /* first, so that no new object takes in what was asked for earlier */
    for (size_t i = 0; i < OBJECT_SHARDS; i++) {
        pthread_mutex_lock(&index->shards[i].lock);
        index->shards[i].dropped_ns = store_time_monotonic();
        pthread_mutex_unlock(&index->shards[i].lock);
    }
    now_ns = store_time_monotonic();
    while ((object = object_lock_next(table, token, &place)) != NULL) {
        object_drop(object, now_ns);
        object_unpin(object);
        object_unlock(object);
    }
}
