/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "module/object_place.h"
#include "module/token.h"
#include "store/time.h"

void object_index_init(struct object_index *index)
{
    for (size_t i = 0; i < OBJECT_SHARDS; i++)
        pthread_mutex_init(&index->shards[i].lock, NULL);
}

void object_index_free(struct object_index *index)
{
    for (size_t i = 0; i < OBJECT_SHARDS; i++) {
        HASH_CLEAR(hh, index->shards[i].secrets);
        HASH_CLEAR(hh, index->shards[i].keys);
        pthread_mutex_destroy(&index->shards[i].lock);
    }
}

/* A scope key with its hash, and the shard that it belongs to. */
struct indexed {
    const char *key;
    size_t len;
    unsigned hash;
    struct object_shard *shard;
};

static struct indexed index_at(struct token *token, const char *key)
{
    struct indexed at = {.key = key, .len = strlen(key)};

    HASH_VALUE(key, at.len, at.hash);
    /* the table in the shard goes by the low bits */
    at.shard = &token_index(token)->shards[(at.hash >> 24) % OBJECT_SHARDS];
    return at;
}

/* The object in one of the shard's tables; NULL if there is none. The shard is locked. */
static struct object *index_find(const struct indexed *at, struct object *head)
{
    struct object *object = NULL;

    HASH_FIND_BYHASHVALUE(hh, head, at->key, at->len, at->hash, object);
    return object;
}

_Static_assert(offsetof(struct object, hh) == 0, "a chain's first handle is its first object");

void object_expect(struct token *token, const char *key)
{
    struct indexed at = index_at(token, key);
    const char *first = NULL; /* of the key's chain, and most often the only one */

    pthread_mutex_lock(&at.shard->lock);
    if (at.shard->secrets != NULL) {
        const UT_hash_table *index = at.shard->secrets->hh.tbl;
        first = (const char *)index->buckets[at.hash & (index->num_buckets - 1)].hh_head;
    }
    pthread_mutex_unlock(&at.shard->lock);
    for (size_t i = 0; first != NULL && i < offsetof(struct object, session); i += 64)
        __builtin_prefetch(first + i);
}

/* A new object of the token. The shard is locked. */
static struct object *object_index_new(struct object_table *table, struct token *token,
                                       const struct indexed *at, struct object **head,
                                       enum object_kind kind)
{
    CK_OBJECT_HANDLE handle;
    struct object *object = object_new(table, &handle);
    bool added = false;

    if (object == NULL)
        return NULL;
    object->key = at->len < OBJECT_KEY_ROOM ? object->key_room : malloc(at->len + 1);
    if (object->key != NULL && store_scope_parse(at->key, at->len, NULL) == STORE_OK) {
        memcpy(object->key, at->key, at->len + 1);
        HASH_ADD_KEYPTR_BYHASHVALUE(hh, *head, object->key, at->len, at->hash, object);
        added = object->hh.tbl != NULL; /* else there was no memory for the table */
    }
    if (!added) {
        object_clear(object);
        object_release(table, object);
        return NULL;
    }
    object->kind = kind;
    object->token = token;
    object->asked_ns = at->shard->dropped_ns;
    object_publish(object, handle);
    return object;
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

/* Leaves the object with nothing known of it that was asked for before `now_ns`. It is locked. */
static void object_drop(struct object *object, int64_t now_ns)
{
    store_record_clear(&object->record);
    object->complete = false;
    object->described = false;
    object->asked_ns = now_ns;
    object->loaded_ns = 0;
    object->listing_record = false;
    object->serial++;
}

/* Takes over what was found, unless the object holds something newer. The object is locked. */
static void object_refresh(struct object *object, const struct object_found *found)
{
    object->encoding = found->encoding;
    if (found->asked_ns > object->seen_ns)
        object->seen_ns = found->asked_ns;
    /* Of two at the same time, the later one; and a look-up, with none, stays near. */
    if (found->listing != 0 && found->listing > object->listing) {
        object->listing = found->listing;
        object->listing_at = found->listing_at;
    }
    object->listing_record = false;
    if (found->record == NULL || found->asked_ns < object->asked_ns)
        return;
    keep_pinned(object);
    if (found->began_ns != 0 && object->asked_ns > found->began_ns) {
        object_drop(object, found->asked_ns);
        return;
    }
    if (!object->complete || !found->complete || object->record.version[0] == '\0' ||
        strcmp(object->record.version, found->record->version) != 0)
        object->serial++;
    store_record_share(&object->record, found->record);
    object->complete = found->complete;
    object->described = found->described;
    object->listing_record = found->listing != 0 && found->listing == object->listing;
    object->asked_ns = found->asked_ns;
    object->loaded_ns = store_time_coarse();
}

CK_OBJECT_HANDLE object_of_token(struct object_table *table, struct token *token,
                                 const struct object_found *found)
{
    struct indexed at = index_at(token, found->key);
    struct object **head = found->kind == OBJECT_KEY ? &at.shard->keys : &at.shard->secrets;
    CK_OBJECT_HANDLE handle = 0;
    struct object *object;

    pthread_mutex_lock(&at.shard->lock);
    object = index_find(&at, *head);
    if (object == NULL)
        object = object_index_new(table, token, &at, head, found->kind);
    if (object != NULL) {
        pthread_mutex_lock(&object->lock);
        object_refresh(object, found);
        handle = atomic_load_explicit(&object->handle, memory_order_relaxed);
        pthread_mutex_unlock(&object->lock);
    }
    pthread_mutex_unlock(&at.shard->lock);
    return handle;
}

/* Takes an object out of its table, if it was last seen by `asked_ns`, and puts it before `gone`;
 * else drops what it holds. `object` may be NULL. The shard is locked. */
static struct object *take_unseen(struct object **head, struct object *object, int64_t asked_ns,
                                  int64_t now_ns, struct object *gone)
{
    bool seen;

    if (object == NULL)
        return gone;
    pthread_mutex_lock(&object->lock);
    seen = object->seen_ns > asked_ns;
    if (seen) {
        keep_pinned(object);
        object_drop(object, now_ns);
    }
    pthread_mutex_unlock(&object->lock);
    if (seen)
        return gone;
    HASH_DELETE(hh, *head, object);
    object->next = gone;
    return object;
}

static void end_all(struct object_table *table, struct object *gone)
{
    while (gone != NULL) {
        struct object *object = gone;
        gone = object->next;
        object_end(table, object);
    }
}

void object_remove_key(struct object_table *table, struct token *token, const char *key,
                       int64_t asked_ns)
{
    struct indexed at = index_at(token, key);
    struct object *gone = NULL;

    pthread_mutex_lock(&at.shard->lock);
    at.shard->dropped_ns = store_time_monotonic();
    gone = take_unseen(&at.shard->secrets, index_find(&at, at.shard->secrets), asked_ns,
                       at.shard->dropped_ns, gone);
    gone = take_unseen(&at.shard->keys, index_find(&at, at.shard->keys), asked_ns,
                       at.shard->dropped_ns, gone);
    pthread_mutex_unlock(&at.shard->lock);
    end_all(table, gone);
}

CK_OBJECT_HANDLE object_key_of_secret(struct object_table *table, struct token *token,
                                      const char *key, const char *encoding)
{
    struct indexed at = index_at(token, key);
    struct object_found found = {.kind = OBJECT_KEY, .key = key, .encoding = encoding};
    AUTO_RECORD record = {0};
    struct object *secret;

    pthread_mutex_lock(&at.shard->lock);
    secret = index_find(&at, at.shard->secrets);
    if (secret != NULL) {
        pthread_mutex_lock(&secret->lock);
        store_record_share(&record, &secret->record);
        found.complete = secret->complete;
        found.described = secret->described;
        found.asked_ns = secret->asked_ns;
        pthread_mutex_unlock(&secret->lock);
    }
    pthread_mutex_unlock(&at.shard->lock);
    if (secret == NULL)
        return 0;
    if (found.complete)
        found.record = &record;
    return object_of_token(table, token, &found);
}

/* Takes what the listing does not have out of one shard, with its keys, and puts it before `gone`.
 */
static struct object *take_unlisted(struct object_shard *shard, const struct listing *listing,
                                    int64_t asked_ns, struct object *gone)
{
    size_t prefix_len = strlen(listing->prefix);
    struct object *object;
    struct object *next;

    pthread_mutex_lock(&shard->lock);
    HASH_ITER(hh, shard->secrets, object, next)
    {
        struct indexed at = {.key = object->key, .len = object->hh.keylen, .shard = shard};
        bool listed;
        pthread_mutex_lock(&object->lock);
        /* one that was found or written since is there, whatever the listing saw */
        listed = object->listing >= listing->id || object->seen_ns > asked_ns ||
                 strncmp(object->key, listing->prefix, prefix_len) != 0;
        pthread_mutex_unlock(&object->lock);
        if (listed)
            continue;
        at.hash = object->hh.hashv;
        shard->dropped_ns = store_time_monotonic();
        gone = take_unseen(&shard->keys, index_find(&at, shard->keys), asked_ns, shard->dropped_ns,
                           gone);
        HASH_DELETE(hh, shard->secrets, object);
        object->next = gone;
        gone = object;
    }
    pthread_mutex_unlock(&shard->lock);
    return gone;
}

void object_remove_unlisted(struct object_table *table, struct token *token,
                            const struct listing *listing, int64_t asked_ns)
{
    struct object *gone = NULL;

    for (size_t i = 0; i < OBJECT_SHARDS; i++)
        gone = take_unlisted(&token_index(token)->shards[i], listing, asked_ns, gone);
    end_all(table, gone);
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

static void forget_all(struct object *head, int64_t now_ns)
{
    struct object *object;
    struct object *next;

    HASH_ITER(hh, head, object, next)
    {
        pthread_mutex_lock(&object->lock);
        object_drop(object, now_ns);
        object_unpin(object);
        object->listing = 0;
        pthread_mutex_unlock(&object->lock);
    }
}

void object_forget(struct object_index *index)
{
    for (size_t i = 0; i < OBJECT_SHARDS; i++) {
        struct object_shard *shard = &index->shards[i];
        pthread_mutex_lock(&shard->lock);
        shard->dropped_ns = store_time_monotonic();
        forget_all(shard->secrets, shard->dropped_ns);
        forget_all(shard->keys, shard->dropped_ns);
        pthread_mutex_unlock(&shard->lock);
    }
}
