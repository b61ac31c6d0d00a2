/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_view.h"

#include <stdlib.h>
#include <string.h>

#include "module/object/object_face.h"
#include "module/object/object_version.h"
#include "module/pair.h"
#include "module/status.h"
#include "module/token.h"
#include "store/time.h"

/* The number of values in a listing's first bulk read; each further one doubles it, up to the
 * limit. A caller who reads one value pays for few others; one who reads all of them pays for
 * few calls. */
#define AHEAD_FIRST 20
#define AHEAD_MOST 100

void object_view_drop(struct object_view *view)
{
    store_record_clear(&view->record);
    if (view->own != NULL)
        session_attributes_free(view->own);
    if (view->pki != NULL)
        pki_drop(view->pki);
    view->pki = NULL;
    view->own = NULL;
}

bool object_view_is_hidden(const struct object_view *view)
{
    if (view->kind == OBJECT_STATUS || view->kind == OBJECT_PROFILE ||
        (view->own != NULL && !session_attributes_has(view->own, OBJECT_PRIVATE)))
        return false;
    return token_secrets_hidden(view->token);
}

/* Fills in what the search for versions found; only the value is read from the store. */
static void view_version(struct object_view *view)
{
    const struct store_secret *key = &view->own->texts[OBJECT_LABEL];
    const struct store_version *version = &view->own->version;

    memcpy(view->key, key->data, key->len); /* a scope key */
    view->key[key->len] = '\0';
    memcpy(view->record.version, version->id, sizeof view->record.version);
    view->record.created_ns = version->created_ns;
    view->record.updated_ns = version->created_ns;
    view->has_value = false;
}

CK_RV object_view(struct token *token, CK_OBJECT_HANDLE handle, struct object_view *out)
{
    struct object *object = object_lock(&token->objects, handle);

    out->record.value = (struct store_secret){0};
    out->own = NULL;
    out->pki = NULL;
    out->key[0] = '\0';
    if (object == NULL)
        return CKR_OBJECT_HANDLE_INVALID;
    out->token = token;
    out->handle = handle;
    out->kind = object->kind;
    out->has_value = object->has_value;
    out->has_metadata = object->has_metadata;
    out->listing_record = object->listing_record;
    out->loaded_ns = object->loaded_ns;
    out->listing = object->listing;
    out->listing_at = object->listing_at;
    out->encoding = object->encoding;
    out->number = object->number;
    memcpy(out->hash, object->hash, sizeof out->hash);
    if (object->own != NULL) {
        out->own = session_attributes_share(object->own);
        out->pki = pki_share(object->own->pki);
    }
    if (object->pki != NULL)
        out->pki = pki_share(object->pki);
    store_record_share(&out->record, &object->record);
    if (object->key != NULL)
        memcpy(out->key, object->key, strlen(object->key) + 1);
    if (object->kind == OBJECT_VERSION)
        view_version(out);
    object_unlock(&token->objects, object);
    return object_view_is_hidden(out) ? CKR_OBJECT_HANDLE_INVALID : CKR_OK;
}

/* True while the record stands for the store's: for a while after the read, or after a search in
 * which the store reported no change. */
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
    return ((need & OBJECT_NEED_VALUE) == 0 || view->has_value) &&
           ((need & OBJECT_NEED_RECORD) == 0 || view->has_metadata) &&
           ((need & OBJECT_NEED_FACE) == 0 || view->pki != NULL);
}

/* Puts a record that the store has just returned into the view. */
static void view_set_record(struct object_view *view, const struct store_record *record,
                            bool has_metadata)
{
    store_record_share(&view->record, record);
    view->has_value = true;
    view->has_metadata = has_metadata;
    view->loaded_ns = store_time_coarse();
}

/* A bulk read for one view and its likely successors. */
struct ahead {
    struct object_view *view;
    struct listing *listing;
    int64_t asked_ns;
};

/* Keeps a fetched value; a value that failed waits for the call that asks for it. */
static enum store_err keep_fetched(void *arg, const char *key, enum store_err err,
                                   const struct store_record *record)
{
    struct ahead *ahead = arg;
    struct object_found found = {.kind = OBJECT_SECRET,
                                 .key = key,
                                 .record = record,
                                 .has_value = true,
                                 .asked_ns = ahead->asked_ns};

    if (err != STORE_OK)
        return STORE_OK;
    found.has_metadata = record->version[0] != '\0';
    if (!found.has_metadata)
        atomic_store(&ahead->listing->bare, true);
    if (strcmp(key, ahead->view->key) == 0)
        view_set_record(ahead->view, record, found.has_metadata);
    (void)object_upsert(&ahead->view->token->objects, &found);
    return STORE_OK;
}

/* Copies the keys of missing values, from the object's index in its listing on. */
static size_t keys_ahead(const struct ahead *ahead, size_t most, char (*keys)[STORE_KEY_MAX + 1])
{
    struct token *token = ahead->view->token;
    size_t count = 0;

    for (size_t i = ahead->view->listing_at; i < ahead->listing->count && count < most; i++) {
        AUTO_VIEW view;
        if (object_view(token, ahead->listing->handles[i], &view) == CKR_OK &&
            view.kind == OBJECT_SECRET && !(view.has_value && is_fresh(&view)) &&
            object_need(&view, CKA_VALUE) == OBJECT_NEED_VALUE)
            memcpy(keys[count++], view.key, strlen(view.key) + 1);
    }
    return count;
}

/* Fetches values ahead. The view's own value may still be missing afterwards. */
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
    /* a failure here shows again in the read of the one key */
    if (count > 1)
        (void)!token_read_many(ahead->view->token, pointers, count, keep_fetched, ahead);
    free(keys);
}

/* Loads a listed secret with its neighbours, if the store has a bulk read and that gives all
 * that `need` names. */
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

/* Reads the face in a record that the store has just returned. Only a private key keeps the value:
 * it is used. */
static CK_RV load_face(struct object_view *view, struct object_found *found,
                       struct store_record *record)
{
    struct pki *pki = NULL;
    CK_RV rv = pair_read(view->token, view->key, record, found->asked_ns, &pki);

    if (rv != CKR_OK)
        return rv;
    pki_drop(view->pki);
    view->pki = pki;
    found->pki = pki;
    if (view->kind != OBJECT_PRIVATE_KEY) {
        store_secret_wipe(&record->value);
        found->has_value = false;
    }
    return CKR_OK;
}

/* Reads one secret. */
static CK_RV load_one(struct object_view *view, int64_t asked_ns, enum ckr_call call)
{
    AUTO_RECORD record = {0};
    struct object_found found = {.kind = view->kind,
                                 .key = view->key,
                                 .encoding = view->encoding,
                                 .record = &record,
                                 .has_value = true,
                                 .has_metadata = true,
                                 .asked_ns = asked_ns};
    enum store_err err = token_read(view->token, view->key, &record);
    CK_RV rv = CKR_OK;

    if (err == STORE_NOT_FOUND) {
        object_remove_key(&view->token->objects, view->key, asked_ns);
        return CKR_OBJECT_HANDLE_INVALID;
    }
    if (err != STORE_OK)
        return ckr_from_store(call, err);
    if (object_shows_face(view->kind))
        rv = load_face(view, &found, &record);
    if (rv != CKR_OK)
        return rv;
    view_set_record(view, &record, true);
    view->has_value = found.has_value;
    if (object_shows_face(view->kind))
        object_keep_face(&view->token->objects, view->handle, &found);
    else
        object_keep(&view->token->objects, view->handle, &found);
    return CKR_OK;
}

/* Takes the face that pkcs11.public_cache has, if the caller needs no more. */
static bool take_recent_face(struct object_view *view, enum object_need need)
{
    struct pki *pki;

    if (need != OBJECT_NEED_FACE || !object_shows_face(view->kind))
        return false;
    pki = pair_recent(view->token, view->key);
    if (pki == NULL)
        return false;
    pki_drop(view->pki);
    view->pki = pki;
    return true;
}

/* The answer for an object that shows a face, with the face that the view holds. A new version may
 * have fewer certificates, or no key that can be read. */
static CK_RV face_answer(const struct object_view *view)
{
    CK_RV rv = CKR_OK;

    if (object_face_exists(view))
        return CKR_OK;
    if (view->kind != OBJECT_CERTIFICATE)
        rv = pair_fault_answer(view->token, view->key, view->pki);
    return rv == CKR_OK ? CKR_OBJECT_HANDLE_INVALID : rv;
}

CK_RV object_view_load(struct object_view *view, enum object_need need, enum ckr_call call)
{
    int64_t asked_ns;
    CK_RV rv;

    if (view->kind == OBJECT_VERSION)
        return object_version_load(view, need, call);
    if (need == OBJECT_NEED_NOTHING || view->own != NULL)
        return CKR_OK;
    if (view->kind == OBJECT_STATUS)
        return status_describe(view->token, (need & OBJECT_NEED_RECORD) != 0, &view->record.value);
    if ((has(view, need) && is_fresh(view)) || take_recent_face(view, need))
        return (need & OBJECT_NEED_FACE) == 0 ? CKR_OK : face_answer(view);
    asked_ns = store_time_monotonic();
    view->loaded_ns = 0;
    view->listing_record = false;
    load_ahead(view, need, asked_ns);
    if (view->loaded_ns != 0 && has(view, need))
        return CKR_OK;
    rv = load_one(view, asked_ns, call);
    return rv == CKR_OK && (need & OBJECT_NEED_FACE) != 0 ? face_answer(view) : rv;
}
