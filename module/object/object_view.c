/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_view.h"

#include <stdlib.h>
#include <string.h>

#include "module/status.h"
#include "module/token.h"
#include "store/time.h"

/* How many values are fetched when a search's first one is asked for; each further time twice as
 * many, up to the limit. Who reads one value of a listing pays for few that he does not read, who
 * reads all of them pays for few calls. */
#define AHEAD_FIRST 20
#define AHEAD_MOST 100

void object_view_drop(struct object_view *view)
{
    store_record_clear(&view->record);
    session_attributes_free(view->own);
    view->own = NULL;
}

bool object_view_is_hidden(const struct object_view *view)
{
    if (view->kind == OBJECT_STATUS || view->kind == OBJECT_PROFILE ||
        (view->own != NULL && !session_attributes_has(view->own, OBJECT_PRIVATE)))
        return false;
    return token_secrets_hidden(view->token);
}

CK_RV object_view(struct token *token, CK_OBJECT_HANDLE handle, struct object_view *out)
{
    struct object *object = object_lock(&token->objects, handle);

    if (object == NULL)
        return CKR_OBJECT_HANDLE_INVALID;
    out->token = token;
    out->handle = handle;
    out->kind = object->kind;
    out->complete = object->complete;
    out->described = object->described;
    out->listing_record = object->listing_record;
    out->loaded_ns = object->loaded_ns;
    out->listing = object->listing;
    out->listing_at = object->listing_at;
    out->encoding = object->encoding;
    out->own = session_attributes_share(object->own);
    store_record_share(&out->record, &object->record);
    if (object->key != NULL)
        memcpy(out->key, object->key, strlen(object->key) + 1);
    object_unlock(&token->objects, object);
    return object_view_is_hidden(out) ? CKR_OBJECT_HANDLE_INVALID : CKR_OK;
}

/* Whether the record is as good as asked now: it is, for a while after the store was asked for it,
 * and after a search to which the store said that nothing had changed. */
static bool is_fresh(const struct object_view *view)
{
    int64_t now = store_time_coarse();
    int64_t confirmed_ns = 0;
    struct listing *listing;

    if (view->loaded_ns != 0 && now - view->loaded_ns < OBJECT_SNAPSHOT_NS)
        return true;
    if (!view->listing_record)
        return false;
    listing = listings_find_id(&view->token->listings, view->listing);
    if (listing != NULL)
        confirmed_ns = atomic_load(&listing->confirmed_ns);
    listing_drop(listing);
    return confirmed_ns != 0 && now - confirmed_ns < OBJECT_SNAPSHOT_NS;
}

static bool has(const struct object_view *view, enum object_need need)
{
    return ((need & OBJECT_NEED_VALUE) == 0 || view->complete) &&
           ((need & OBJECT_NEED_RECORD) == 0 || view->described);
}

/* Takes a record that the store has just given. */
static void take(struct object_view *view, const struct store_record *record, bool described)
{
    store_record_share(&view->record, record);
    view->complete = true;
    view->described = described;
    view->loaded_ns = store_time_coarse();
}

/* A bulk read, for one view and those that are likely to come next. */
struct ahead {
    struct object_view *view;
    struct listing *listing;
    int64_t asked_ns;
};

/* A value that was fetched ahead; one that could not be is left for whoever asks for it. */
static enum store_err take_one(void *arg, const char *key, enum store_err err,
                               const struct store_record *record)
{
    struct ahead *ahead = arg;
    struct object_found found = {.kind = OBJECT_SECRET,
                                 .key = key,
                                 .record = record,
                                 .complete = true,
                                 .asked_ns = ahead->asked_ns};

    if (err != STORE_OK)
        return STORE_OK;
    found.described = record->version[0] != '\0';
    if (!found.described)
        atomic_store(&ahead->listing->bare, true);
    if (strcmp(key, ahead->view->key) == 0)
        take(ahead->view, record, found.described);
    (void)object_upsert(&ahead->view->token->objects, &found);
    return STORE_OK;
}

/* The keys, from the object's place in its listing on, whose values are not here yet. */
static size_t keys_ahead(const struct ahead *ahead, size_t most, char (*keys)[STORE_KEY_MAX + 1])
{
    struct token *token = ahead->view->token;
    size_t count = 0;

    for (size_t i = ahead->view->listing_at; i < ahead->listing->count && count < most; i++) {
        AUTO_VIEW view = {0};
        if (object_view(token, ahead->listing->handles[i], &view) == CKR_OK &&
            view.kind == OBJECT_SECRET && !(view.complete && is_fresh(&view)) &&
            object_need(&view, CKA_VALUE) == OBJECT_NEED_VALUE)
            memcpy(keys[count++], view.key, strlen(view.key) + 1);
    }
    return count;
}

/* Fetches values ahead; the view's own may still be missing afterwards. */
static void load_many(struct ahead *ahead)
{
    size_t most = atomic_load(&ahead->listing->ahead);
    const char *pointers[AHEAD_MOST];
    char(*keys)[STORE_KEY_MAX + 1];
    size_t count;

    if (most == 0)
        most = AHEAD_FIRST;
    atomic_store(&ahead->listing->ahead, most * 2 < AHEAD_MOST ? most * 2 : AHEAD_MOST);
    keys = malloc(most * sizeof *keys);
    if (keys == NULL)
        return;
    count = keys_ahead(ahead, most, keys);
    for (size_t i = 0; i < count; i++)
        pointers[i] = keys[i];
    /* its error is every key's, and the read of the one key tells it */
    if (count > 1)
        (void)!token_read_many(ahead->view->token, pointers, count, take_one, ahead);
    free(keys);
}

/* Loads a secret of a listing with its neighbours, where the store reads several at a time and more
 * is not needed than comes with them. */
static void load_ahead(struct object_view *view, enum object_need need, int64_t asked_ns)
{
    struct ahead ahead = {.view = view, .asked_ns = asked_ns};

    if (view->kind != OBJECT_SECRET || (need & OBJECT_NEED_VALUE) == 0 || view->listing == 0 ||
        !token_reads_many(view->token))
        return;
    ahead.listing = listings_find_id(&view->token->listings, view->listing);
    if (ahead.listing == NULL)
        return;
    if ((need & OBJECT_NEED_RECORD) == 0 || !atomic_load(&ahead.listing->bare))
        load_many(&ahead);
    listing_drop(ahead.listing);
}

/* Reads the one secret. */
static enum store_err load_one(struct object_view *view, int64_t asked_ns)
{
    AUTO_RECORD record = {0};
    const struct object_found found = {.kind = view->kind,
                                       .key = view->key,
                                       .encoding = view->encoding,
                                       .record = &record,
                                       .complete = true,
                                       .described = true,
                                       .asked_ns = asked_ns};
    enum store_err err = token_read(view->token, view->key, &record);

    if (err == STORE_OK) {
        take(view, &record, true);
        object_keep(&view->token->objects, view->handle, &found);
    } else if (err == STORE_NOT_FOUND) {
        object_remove_key(&view->token->objects, view->key, asked_ns);
    }
    return err;
}

CK_RV object_view_load(struct object_view *view, enum object_need need, enum ckr_call call)
{
    int64_t asked_ns;
    enum store_err err;

    if (need == OBJECT_NEED_NOTHING || view->own != NULL)
        return CKR_OK;
    if (view->kind == OBJECT_STATUS)
        return status_describe(view->token, &view->record.value);
    if (has(view, need) && is_fresh(view))
        return CKR_OK;
    asked_ns = store_time_monotonic();
    view->loaded_ns = 0;
    view->listing_record = false;
    load_ahead(view, need, asked_ns);
    if (view->loaded_ns != 0 && has(view, need))
        return CKR_OK;
    err = load_one(view, asked_ns);
    if (err == STORE_OK)
        return CKR_OK;
    return err == STORE_NOT_FOUND ? CKR_OBJECT_HANDLE_INVALID : ckr_from_store(call, err);
}
