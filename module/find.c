/* SPDX-License-Identifier: Apache-2.0 */
#include "module/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "module/ckr.h"
#include "module/lib.h"
#include "module/object_read.h"
#include "module/query.h"
#include "store/time.h"

/* A search as it is being made. */
struct search {
    struct lib *lib;
    struct token *token;
    const struct query *query;
    struct find *find;
};

void find_clear(struct find *find)
{
    free(find->picked.all);
    listing_drop(find->listed);
    *find = (struct find){.state = FIND_NONE};
}

static CK_OBJECT_HANDLE *picked_handles(struct picked *picked)
{
    return picked->all != NULL ? picked->all : picked->first;
}

static CK_RV picked_add(struct picked *picked, CK_OBJECT_HANDLE handle)
{
    size_t capacity =
        picked->all != NULL ? picked->capacity : sizeof picked->first / sizeof picked->first[0];

    if (picked->count == capacity) {
        CK_OBJECT_HANDLE *all = reallocarray(picked->all, 2 * capacity, sizeof *all);
        if (all == NULL)
            return CKR_HOST_MEMORY;
        if (picked->all == NULL)
            memcpy(all, picked->first, sizeof picked->first);
        picked->all = all;
        picked->capacity = 2 * capacity;
    }
    picked_handles(picked)[picked->count++] = handle;
    return CKR_OK;
}

/* Adds an object that the template matches. */
static CK_RV pick(struct search *search, CK_OBJECT_HANDLE handle)
{
    bool matches = true;
    CK_RV rv = CKR_OK;

    if (handle == 0)
        return CKR_HOST_MEMORY;
    if (!search->query->exhaustive)
        rv = query_match(search->query, search->lib, handle, &matches);
    if (rv == CKR_OK && matches)
        rv = picked_add(&search->find->picked, handle);
    return rv;
}

static void collect(void *arg, CK_OBJECT_HANDLE handle)
{
    (void)listing_add(arg, handle); /* what is left out for lack of memory fails in pick, too */
}

/* The session objects, private ones only for a user. */
static CK_RV find_session_objects(struct search *search)
{
    struct listing *handles;
    CK_RV rv = CKR_OK;

    if (!object_has_sessions(&search->lib->objects))
        return CKR_OK;
    handles = listing_new("");
    if (handles == NULL)
        return CKR_HOST_MEMORY;
    object_each_of_sessions(&search->lib->objects, search->token, collect, handles);
    for (size_t i = 0; rv == CKR_OK && i < handles->count; i++) {
        struct object *object = object_lock(&search->lib->objects, handles->handles[i]);
        bool visible = object != NULL && object_visible(object, search->token) == CKR_OK;
        bool matches = false;

        if (object != NULL)
            object_unlock(object);
        if (visible)
            rv = query_match(search->query, search->lib, handles->handles[i], &matches);
        if (matches)
            rv = picked_add(&search->find->picked, handles->handles[i]);
    }
    listing_drop(handles);
    return rv;
}

/* Adds the objects of one secret that the store has. */
static CK_RV pick_secret(struct search *search, const char *key, const struct store_record *record,
                         int64_t asked_ns)
{
    struct object_found found = {
        .kind = OBJECT_SECRET,
        .key = key,
        .record = record,
        .complete = true,
        .described = true,
        .asked_ns = asked_ns,
    };
    CK_RV rv = CKR_OK;

    if (search->query->secrets)
        rv = pick(search, object_of_token(&search->lib->objects, search->token, &found));
    if (rv != CKR_OK || !search->query->keys)
        return rv;
    found.kind = OBJECT_KEY;
    found.encoding = token_key_encoding(search->token, key);
    if (found.encoding != NULL)
        rv = pick(search, object_of_token(&search->lib->objects, search->token, &found));
    return rv;
}

/* Adds a secret that is there and has no value yet, as a listing would: its value cannot be read,
 * but it can be written and destroyed. It is no key for use. */
static CK_RV pick_valueless(struct search *search, const char *key, int64_t asked_ns)
{
    const struct store_record nothing = {0};
    const struct object_found found = {
        .kind = OBJECT_SECRET, .key = key, .record = &nothing, .asked_ns = asked_ns};

    if (!search->query->secrets)
        return CKR_OK;
    return pick(search, object_of_token(&search->lib->objects, search->token, &found));
}

/* Asks the store for one secret. */
static CK_RV find_key(struct search *search, const char *key, enum store_err *err)
{
    AUTO_RECORD record = {0};
    int64_t asked_ns = store_time_monotonic();

    *err = token_read(search->token, key, &record);
    if (*err == STORE_OK)
        return pick_secret(search, key, &record, asked_ns);
    if (*err == STORE_NO_VALUE) {
        *err = STORE_OK;
        return pick_valueless(search, key, asked_ns);
    }
    if (*err == STORE_NOT_FOUND)
        object_remove_key(&search->lib->objects, search->token, key, asked_ns);
    /* a key that the store cannot hold is not there; the others are errors */
    if (*err == STORE_NOT_FOUND || *err == STORE_BAD_KEY)
        return CKR_OK;
    return ckr_from_store(CKR_CALL_FIND, *err);
}

/* Looks the bare name up along the scopes of CKA_SIDESEAT_FALLBACK; the first that has it ends the
 * search, and so does one that cannot be asked. */
static CK_RV find_fallback(struct search *search)
{
    const char *at = search->query->fallback->pValue;
    enum store_err err = STORE_NOT_FOUND;
    CK_RV rv = CKR_OK;

    while (rv == CKR_OK && err != STORE_OK && at != NULL) {
        char key[STORE_KEY_MAX + 1];
        rv = query_fallback_key(search->query, &at, key);
        if (rv == CKR_OK && key[0] != '\0')
            rv = find_key(search, key, &err);
    }
    return rv;
}

/* The keys for use, when nothing else is wanted: each is one secret. A damaged or forbidden one
 * does not hide the others. */
static CK_RV find_hmac_keys(struct search *search)
{
    const char *encoding;
    const char *key;

    for (size_t i = 0; (key = token_hmac_key(search->token, i, &encoding)) != NULL; i++) {
        enum store_err err;
        CK_RV rv;

        if (strncmp(key, search->query->prefix, strlen(search->query->prefix)) != 0)
            continue;
        rv = find_key(search, key, &err);
        if (rv != CKR_OK && err != STORE_CORRUPT && err != STORE_DENIED)
            return rv;
    }
    return CKR_OK;
}

/* A listing as it comes in. */
struct intake {
    struct search *search;
    struct listing *listing;
    int64_t asked_ns;
};

static enum store_err take_listed(void *arg, const char *key, enum store_err err,
                                  const struct store_record *record)
{
    struct intake *intake = arg;
    const struct object_found found = {
        .kind = OBJECT_SECRET,
        .key = key,
        .record = record,
        .complete = record != NULL && record->value.len > 0,
        .described = record != NULL && record->version[0] != '\0',
        .asked_ns = intake->asked_ns,
        .listing = intake->listing->id,
        .listing_at = (uint32_t)intake->listing->count,
    };
    CK_OBJECT_HANDLE handle;

    if (err != STORE_OK)
        return err;
    handle = object_of_token(&intake->search->lib->objects, intake->search->token, &found);
    if (handle == 0 || !listing_add(intake->listing, handle))
        return STORE_NO_MEMORY;
    return STORE_OK;
}

/* What the store has under the query's prefix, in `out`, as it is now. */
static enum store_err list_now(struct search *search, struct listing **out)
{
    struct listing *known = listings_find(&search->token->listings, search->query->prefix);
    struct intake intake = {.search = search, .asked_ns = store_time_monotonic()};
    uint64_t generation = known == NULL ? 0 : known->generation;
    enum store_err err;

    intake.listing = listing_new(search->query->prefix);
    if (intake.listing == NULL) {
        listing_drop(known);
        return STORE_NO_MEMORY;
    }
    err = token_list(search->token, search->query->prefix, &generation, take_listed, &intake);
    if (err == STORE_UNCHANGED && known != NULL) {
        listing_drop(intake.listing);
        atomic_store(&known->confirmed_ns, store_time_coarse());
        *out = known;
        return STORE_OK;
    }
    listing_drop(known);
    if (err != STORE_OK) {
        listing_drop(intake.listing);
        return err;
    }
    intake.listing->generation = generation;
    atomic_store(&intake.listing->confirmed_ns, store_time_coarse());
    object_remove_unlisted(&search->lib->objects, search->token, intake.listing, intake.asked_ns);
    listings_keep(&search->token->listings, intake.listing);
    *out = intake.listing;
    return STORE_OK;
}

/* The keys for use whose secrets a listing has shown. */
static CK_RV pick_listed_keys(struct search *search)
{
    const char *encoding;
    const char *key;
    CK_RV rv = CKR_OK;

    for (size_t i = 0; rv == CKR_OK && (key = token_hmac_key(search->token, i, &encoding)) != NULL;
         i++) {
        CK_OBJECT_HANDLE handle = 0;

        if (strncmp(key, search->query->prefix, strlen(search->query->prefix)) == 0)
            handle = object_key_of_secret(&search->lib->objects, search->token, key, encoding);
        if (handle != 0)
            rv = pick(search, handle);
    }
    return rv;
}

static CK_RV find_listed(struct search *search)
{
    struct listing *listing;
    enum store_err err = list_now(search, &listing);
    CK_RV rv = CKR_OK;

    if (err != STORE_OK)
        return ckr_from_store(CKR_CALL_FIND, err);
    if (search->query->keys)
        rv = pick_listed_keys(search);
    if (search->query->exhaustive) {
        search->find->listed = listing;
        return rv;
    }
    for (size_t i = 0; rv == CKR_OK && i < listing->count; i++)
        rv = pick(search, listing->handles[i]);
    listing_drop(listing);
    return rv;
}

static CK_RV find_token_objects(struct search *search)
{
    const struct query *query = search->query;
    enum store_err err;

    if (query->status)
        return pick(search, object_status(&search->lib->objects, search->token));
    if (token_secrets_hidden(search->token) || (!query->secrets && !query->keys))
        return CKR_OK;
    if (query->fallback != NULL)
        return find_fallback(search);
    if (query->key[0] != '\0')
        return find_key(search, query->key, &err);
    return query->secrets ? find_listed(search) : find_hmac_keys(search);
}

/* Makes the whole search; no session is held. `out` has no search after an error. */
static CK_RV find_make(struct lib *lib, struct token *token, const struct query *query,
                       struct find *out)
{
    struct search search = {.lib = lib, .token = token, .query = query, .find = out};
    CK_RV rv = CKR_OK;

    *out = (struct find){.state = FIND_ACTIVE};
    if (query->session_objects)
        rv = find_session_objects(&search);
    if (rv == CKR_OK)
        rv = find_token_objects(&search);
    if (rv != CKR_OK)
        find_clear(out);
    return rv;
}

CK_RV find_start(struct lib *lib, CK_SESSION_HANDLE handle, const CK_ATTRIBUTE *template,
                 CK_ULONG count)
{
    struct session *session = session_lock(lib, handle);
    struct token *token;
    struct find find;
    struct query query;
    CK_RV rv;

    if (session == NULL)
        return CKR_SESSION_HANDLE_INVALID;
    rv = session->find.state != FIND_NONE ? CKR_OPERATION_ACTIVE : CKR_OK;
    if (rv == CKR_OK)
        rv = query_read(&query, template, count);
    if (rv == CKR_OK)
        session->find.state = FIND_STARTING;
    token = session->token;
    session_unlock(session);
    if (rv != CKR_OK)
        return rv;
    rv = find_make(lib, token, &query, &find);
    session = session_lock(lib, handle);
    if (session == NULL) {
        find_clear(&find);
        return CKR_SESSION_HANDLE_INVALID;
    }
    session->find = find;
    session_unlock(session);
    return rv;
}

/* Moves on in an array of handles, giving those that are still objects. */
static CK_ULONG take_from(struct lib *lib, const CK_OBJECT_HANDLE *from, size_t count, size_t *at,
                          CK_OBJECT_HANDLE *handles, CK_ULONG most)
{
    CK_ULONG taken = 0;

    for (; taken < most && *at < count; (*at)++)
        if (object_exists(&lib->objects, from[*at]))
            handles[taken++] = from[*at];
    return taken;
}

CK_RV find_next(struct lib *lib, CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE *handles, CK_ULONG most,
                CK_ULONG *found)
{
    struct session *session = session_lock(lib, handle);
    CK_RV rv = CKR_OK;

    if (session == NULL)
        return CKR_SESSION_HANDLE_INVALID;
    if (session->find.state != FIND_ACTIVE) {
        rv = CKR_OPERATION_NOT_INITIALIZED;
    } else if (found == NULL || (handles == NULL && most > 0)) {
        rv = CKR_ARGUMENTS_BAD;
    } else {
        struct find *find = &session->find;
        *found = take_from(lib, picked_handles(&find->picked), find->picked.count, &find->picked_at,
                           handles, most);
        if (find->listed != NULL)
            *found += take_from(lib, find->listed->handles, find->listed->count, &find->listed_at,
                                handles + *found, most - *found);
    }
    session_unlock(session);
    return rv;
}

CK_RV find_finish(struct lib *lib, CK_SESSION_HANDLE handle)
{
    struct session *session = session_lock(lib, handle);
    CK_RV rv;

    if (session == NULL)
        return CKR_SESSION_HANDLE_INVALID;
    rv = session->find.state == FIND_ACTIVE ? CKR_OK : CKR_OPERATION_NOT_INITIALIZED;
    if (rv == CKR_OK)
        find_clear(&session->find);
    session_unlock(session);
    return rv;
}
