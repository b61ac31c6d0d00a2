/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "module/lib.h"
#include "module/object_read.h"
#include "module/status.h"
#include "store/time.h"

/* How many values are fetched when a search's first one is asked for; each further time twice as
 * many, up to the limit. Who reads one value of a listing pays for few that he does not read, who
 * reads all of them pays for few calls. */
#define AHEAD_FIRST 20
#define AHEAD_MOST 100

/* Whether the record is as good as asked now: it is, for a while after the store was asked for it,
 * and after a search to which the store said that nothing had changed. */
static bool is_fresh(struct object *object)
{
    int64_t now = store_time_coarse();
    struct listing *listing;

    if (object->loaded_ns != 0 && now - object->loaded_ns < OBJECT_SNAPSHOT_NS)
        return true;
    if (!object->listing_record)
        return false;
    listing = listings_find_id(&object->token->listings, object->listing);
    if (listing != NULL) {
        object->loaded_ns = atomic_load(&listing->confirmed_ns);
        listing_drop(listing);
    }
    return now - object->loaded_ns < OBJECT_SNAPSHOT_NS;
}

bool object_has(const struct object *object, enum object_need need)
{
    if (object->own != NULL)
        return true;
    return ((need & OBJECT_NEED_VALUE) == 0 || object->complete) &&
           ((need & OBJECT_NEED_RECORD) == 0 || object->described);
}

bool object_holds(struct object *object, enum object_need need)
{
    if (need == OBJECT_NEED_NOTHING || object->own != NULL)
        return true;
    return object_has(object, need) && is_fresh(object);
}

/* What a load needs to know of an object that it must not hold. */
struct load {
    struct lib *lib;
    struct token *token;
    enum object_kind kind;
    char key[STORE_KEY_MAX + 1];
    const char *encoding;
    uint64_t listing;
    uint32_t listing_at;
    struct listing *from; /* of values that are fetched ahead */
    int64_t asked_ns;
};

static enum store_err take_in(struct load *load, enum object_kind kind, const char *key,
                              const char *encoding, const struct store_record *record,
                              bool described)
{
    const struct object_found found = {
        .kind = kind,
        .key = key,
        .encoding = encoding,
        .record = record,
        .complete = true,
        .described = described,
        .asked_ns = load->asked_ns,
    };

    if (object_of_token(&load->lib->objects, load->token, &found) == 0)
        return STORE_NO_MEMORY;
    return STORE_OK;
}

/* A value that was fetched ahead; one that could not be is left for whoever asks for it. */
static enum store_err take_in_one_of_many(void *arg, const char *key, enum store_err err,
                                          const struct store_record *record)
{
    struct load *load = arg;

    if (err != STORE_OK)
        return STORE_OK;
    if (record->version[0] == '\0')
        atomic_store(&load->from->bare, true);
    (void)take_in(load, OBJECT_SECRET, key, NULL, record, record->version[0] != '\0');
    return STORE_OK;
}

/* The keys, from the object's place in its listing on, whose values are not here yet. */
static size_t keys_ahead(struct load *load, const struct listing *listing, size_t most,
                         char (*keys)[STORE_KEY_MAX + 1])
{
    size_t count = 0;

    for (size_t i = load->listing_at; i < listing->count && count < most; i++) {
        struct object *object = object_lock(&load->lib->objects, listing->handles[i]);
        if (object == NULL)
            continue;
        if (object->kind == OBJECT_SECRET && !object_holds(object, OBJECT_NEED_VALUE) &&
            object_need(object, CKA_VALUE) == OBJECT_NEED_VALUE)
            memcpy(keys[count++], object->key, strlen(object->key) + 1);
        object_unlock(object);
    }
    return count;
}

/* Fetches values ahead; the object's own may still be missing afterwards. Not if more is needed
 * than is known to come with them. */
static void load_many(struct load *load, enum object_need need)
{
    struct listing *listing = load->from;
    size_t most = atomic_load(&listing->ahead);
    const char *pointers[AHEAD_MOST];
    char(*keys)[STORE_KEY_MAX + 1];
    size_t count;

    if ((need & OBJECT_NEED_RECORD) != 0 && atomic_load(&listing->bare))
        return;
    if (most == 0)
        most = AHEAD_FIRST;
    atomic_store(&listing->ahead, most * 2 < AHEAD_MOST ? most * 2 : AHEAD_MOST);
    keys = malloc(most * sizeof *keys);
    if (keys == NULL)
        return;
    count = keys_ahead(load, listing, most, keys);
    for (size_t i = 0; i < count; i++)
        pointers[i] = keys[i];
    /* its error is every key's, and the read of the one key tells it */
    if (count > 1)
        (void)!token_read_many(load->token, pointers, count, take_in_one_of_many, load);
    free(keys);
}

/* Reads the one secret. */
static enum store_err load_one(struct load *load)
{
    AUTO_RECORD record = {0};
    enum store_err err = token_read(load->token, load->key, &record);

    if (err == STORE_OK)
        err = take_in(load, load->kind, load->key, load->encoding, &record, true);
    else if (err == STORE_NOT_FOUND)
        object_remove_key(&load->lib->objects, load->token, load->key, load->asked_ns);
    return err;
}

static CK_RV load_status(struct load *load, CK_OBJECT_HANDLE handle)
{
    AUTO_SECRET text = {0};
    struct object *object;
    CK_RV rv = status_describe(load->token, &text);

    if (rv != CKR_OK)
        return rv;
    object = object_lock(&load->lib->objects, handle);
    if (object == NULL)
        return CKR_OBJECT_HANDLE_INVALID;
    store_secret_move(&object->record.value, &text);
    object->complete = true;
    object->loaded_ns = store_time_coarse();
    object_unlock(object);
    return CKR_OK;
}

/* Whether the object, by its handle, holds what is needed; false too if it is gone. */
static bool holds_now(struct load *load, CK_OBJECT_HANDLE handle, enum object_need need)
{
    struct object *object = object_lock(&load->lib->objects, handle);
    bool holds;

    if (object == NULL)
        return false;
    holds = object_holds(object, need);
    object_unlock(object);
    return holds;
}

/* Fills `load` from the object. CKR_OBJECT_HANDLE_INVALID if there is none. */
static CK_RV load_begin(struct load *load, struct lib *lib, CK_OBJECT_HANDLE handle)
{
    struct object *object = object_lock(&lib->objects, handle);

    if (object == NULL)
        return CKR_OBJECT_HANDLE_INVALID;
    load->lib = lib;
    load->token = object->token;
    load->kind = object->kind;
    load->encoding = object->encoding;
    load->listing = object->listing;
    load->listing_at = object->listing_at;
    load->asked_ns = store_time_monotonic();
    if (object->key != NULL)
        memcpy(load->key, object->key, strlen(object->key) + 1);
    if (object->kind == OBJECT_SECRET)
        object->wanted++;
    object_unlock(object);
    return CKR_OK;
}

struct object *object_lock_loaded(struct object_table *table, CK_OBJECT_HANDLE handle)
{
    struct object *object = object_lock(table, handle);

    if (object != NULL && object->kind == OBJECT_SECRET)
        object->wanted--;
    return object;
}

/* After a load that has failed: nobody is going to look. */
static CK_RV load_failed(struct load *load, CK_OBJECT_HANDLE handle, CK_RV rv)
{
    struct object *object = object_lock_loaded(&load->lib->objects, handle);

    if (object != NULL)
        object_unlock(object);
    return rv;
}

CK_RV object_load(struct lib *lib, CK_OBJECT_HANDLE handle, enum object_need need,
                  enum ckr_call call)
{
    struct load load;
    CK_RV rv = load_begin(&load, lib, handle);

    if (rv != CKR_OK)
        return rv;
    if (load.kind == OBJECT_SESSION_DATA || load.kind == OBJECT_SESSION_KEY)
        return CKR_OK;
    if (load.kind == OBJECT_STATUS)
        return load_status(&load, handle);
    if (load.kind == OBJECT_SECRET && (need & OBJECT_NEED_VALUE) != 0 && load.listing != 0 &&
        token_reads_many(load.token)) {
        load.from = listings_find_id(&load.token->listings, load.listing);
        if (load.from != NULL) {
            load_many(&load, need);
            listing_drop(load.from);
        }
        if (holds_now(&load, handle, need))
            return CKR_OK;
    }
    rv = ckr_from_store(call, load_one(&load));
    return rv == CKR_OK ? CKR_OK : load_failed(&load, handle, rv);
}
