/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "module/ckr.h"
#include "module/object/object_session.h"
#include "module/session/find_faces.h"
#include "module/session/find_history.h"
#include "module/session/lookup.h"
#include "module/token_key.h"
#include "store/time.h"

static void collect(void *arg, CK_OBJECT_HANDLE handle)
{
    (void)listing_add(arg, handle); /* if memory is short here, pick fails, too */
}

/* Adds the session objects that match. */
static CK_RV find_session_objects(struct lookup *lookup)
{
    struct listing *handles;
    CK_RV rv = CKR_OK;

    if (!object_has_sessions(&lookup->token->objects))
        return CKR_OK;
    handles = listing_new("");
    if (handles == NULL)
        return CKR_HOST_MEMORY;
    object_each_of_sessions(&lookup->token->objects, collect, handles);
    for (size_t i = 0; rv == CKR_OK && i < handles->count; i++) {
        bool matches;
        rv = query_match(lookup->query, lookup->token, handles->handles[i], &matches);
        if (matches)
            rv = search_pick(lookup->search, handles->handles[i]);
    }
    listing_drop(handles);
    return rv;
}

/* Adds the objects of one secret in the store. */
static CK_RV pick_secret(struct lookup *lookup, const char *key, const struct store_record *record,
                         int64_t asked_ns)
{
    struct object_found found = {
        .kind = OBJECT_SECRET,
        .key = key,
        .record = record,
        .has_value = true,
        .has_metadata = true,
        .asked_ns = asked_ns,
    };
    CK_RV rv = CKR_OK;

    if (lookup->query->secrets)
        rv = lookup_pick(lookup, object_upsert(&lookup->token->objects, &found));
    found.kind = OBJECT_KEY;
    found.encoding = lookup->query->keys ? token_key_encoding(lookup->token, key) : NULL;
    if (lookup->query->secrets || found.encoding != NULL)
        lookup->readable = true;
    if (rv == CKR_OK && found.encoding != NULL)
        rv = lookup_pick(lookup, object_upsert(&lookup->token->objects, &found));
    if (rv == CKR_OK)
        rv = find_faces_of(lookup, key, record, asked_ns);
    return rv;
}

/* Adds a secret that exists but has no value yet, as a listing would: a caller can write and
 * destroy it, but not read it. A search for its secret key alone learns why there is none. */
static CK_RV pick_valueless(struct lookup *lookup, const char *key, int64_t asked_ns)
{
    const struct store_record nothing = {0};
    const struct object_found found = {
        .kind = OBJECT_SECRET, .key = key, .record = &nothing, .asked_ns = asked_ns};

    if (lookup->query->secrets)
        return lookup_pick(lookup, object_upsert(&lookup->token->objects, &found));
    return lookup->query->keys && token_key_encoding(lookup->token, key) != NULL
               ? CKR_SIDESEAT_NO_VALUE
               : CKR_OK;
}

/* Reads one secret from the store. */
static CK_RV find_key(struct lookup *lookup, const char *key, enum store_err *err)
{
    AUTO_RECORD record = {0};
    int64_t asked_ns = store_time_monotonic();
    CK_RV rv = CKR_OK;

    *err = STORE_OK;
    if (!lookup->query->secrets && !lookup->query->keys && find_faces_recent(lookup, key, &rv))
        return rv;
    *err = token_read(lookup->token, key, &record);
    if (*err == STORE_OK)
        return pick_secret(lookup, key, &record, asked_ns);
    if (*err == STORE_NO_VALUE) {
        rv = pick_valueless(lookup, key, asked_ns);
        if (rv != CKR_SIDESEAT_NO_VALUE)
            *err = STORE_OK;
        return rv;
    }
    if (*err == STORE_NOT_FOUND)
        object_remove_key(&lookup->token->objects, key, asked_ns);
    /* a key that the store cannot hold is absent; the others are errors */
    if (*err == STORE_NOT_FOUND || *err == STORE_BAD_KEY)
        return CKR_OK;
    return ckr_from_store(CKR_CALL_FIND, *err);
}

/* Looks up the bare name in the scopes of CKA_SIDESEAT_FALLBACK, in order. The first scope that
 * has it ends the search, and so does one that the store cannot answer for. */
static CK_RV find_fallback(struct lookup *lookup)
{
    const char *at = lookup->query->fallback->pValue;
    enum store_err err = STORE_NOT_FOUND;
    CK_RV rv = CKR_OK;

    while (rv == CKR_OK && err != STORE_OK && at != NULL) {
        char key[STORE_KEY_MAX + 1];
        rv = query_fallback_key(lookup->query, &at, key);
        if (rv == CKR_OK && key[0] != '\0')
            rv = find_key(lookup, key, &err);
    }
    return rv;
}

/* Finds the HMAC and AES keys when the template wants nothing else: each is one secret. A damaged
 * or forbidden one, or one without a value, does not hide the others. */
static CK_RV find_secret_keys(struct lookup *lookup)
{
    const char *encoding;
    const char *key;

    for (size_t i = 0; (key = token_secret_key(lookup->token, i, &encoding)) != NULL; i++) {
        enum store_err err;
        CK_RV rv;

        if (strncmp(key, lookup->query->prefix, strlen(lookup->query->prefix)) != 0)
            continue;
        rv = find_key(lookup, key, &err);
        if (rv != CKR_OK && !lookup_passes_over(lookup, err))
            return rv;
    }
    return CKR_OK;
}

/* Adds the HMAC and AES keys whose secrets the listing has. */
static CK_RV pick_listed_keys(struct lookup *lookup)
{
    const char *encoding;
    const char *key;
    CK_RV rv = CKR_OK;

    for (size_t i = 0;
         rv == CKR_OK && (key = token_secret_key(lookup->token, i, &encoding)) != NULL; i++) {
        CK_OBJECT_HANDLE handle = 0;

        if (strncmp(key, lookup->query->prefix, strlen(lookup->query->prefix)) == 0)
            handle = object_key_of_secret(&lookup->token->objects, key, encoding);
        if (handle != 0)
            rv = lookup_pick(lookup, handle);
    }
    return rv;
}

static CK_RV find_listed(struct lookup *lookup)
{
    struct listing *listing;
    int64_t asked_ns = store_time_monotonic();
    enum store_err err = lookup_list(lookup, lookup->query->prefix, &listing);
    CK_RV rv = CKR_OK;

    if (err != STORE_OK)
        return ckr_from_store(CKR_CALL_FIND, err);
    if (lookup->query->keys)
        rv = pick_listed_keys(lookup);
    if (rv == CKR_OK)
        rv = find_faces_listed(lookup, listing, asked_ns, NULL);
    if (rv == CKR_OK && lookup->query->exhaustive) {
        lookup->search->listed = listing;
        return rv;
    }
    for (size_t i = 0; rv == CKR_OK && i < listing->count; i++)
        rv = lookup_pick(lookup, listing->handles[i]);
    listing_drop(listing);
    return rv;
}

/* Finds the keys and certificates when the template wants no data. */
static CK_RV find_keys(struct lookup *lookup)
{
    CK_RV rv = lookup->query->keys ? find_secret_keys(lookup) : CKR_OK;

    return lookup_end(lookup, rv == CKR_OK ? find_faces(lookup) : rv);
}

static CK_RV find_token_objects(struct lookup *lookup)
{
    const struct query *query = lookup->query;
    enum store_err err;
    CK_RV rv;

    if (query->status || query->profile)
        return lookup_pick(lookup, object_fixed(&lookup->token->objects,
                                                query->status ? OBJECT_STATUS : OBJECT_PROFILE));
    if (token_secrets_hidden(lookup->token))
        return CKR_OK;
    if (query->history)
        return find_history(lookup);
    rv = find_faces_labelled(lookup);
    if (rv != CKR_OK || (!query->secrets && !query->keys && query->faces == 0))
        return lookup_end(lookup, rv);
    if (query->fallback != NULL)
        return find_fallback(lookup);
    if (query->key[0] != '\0')
        return lookup_end(lookup, find_key(lookup, query->key, &err));
    return query->secrets ? find_listed(lookup) : find_keys(lookup);
}

/* Makes the whole search without a lock on the session. After an error `out` is empty. */
static CK_RV find_make(const struct caller *caller, const struct query *query, struct search *out)
{
    struct lookup lookup = {
        .caller = caller, .token = caller->token, .query = query, .search = out};
    CK_RV rv = CKR_OK;

    *out = (struct search){.state = SEARCH_ACTIVE};
    if (query->session_objects)
        rv = find_session_objects(&lookup);
    if (rv == CKR_OK)
        rv = find_token_objects(&lookup);
    faces_save(caller->token->faces);
    if (rv != CKR_OK)
        search_clear(out);
    return rv;
}

/* Reserves the session's search for this call. */
static CK_RV find_prepare(const struct caller *caller, const CK_ATTRIBUTE *template, CK_ULONG count,
                          struct query *query)
{
    struct search *search = &caller->session->search;
    CK_RV rv;

    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    rv = search->state != SEARCH_NONE ? CKR_OPERATION_ACTIVE : CKR_OK;
    if (rv == CKR_OK)
        rv = query_read(query, template, count);
    if (rv == CKR_OK)
        search->state = SEARCH_STARTING;
    session_unlock(caller);
    return rv;
}

CK_RV find_start(const struct caller *caller, const CK_ATTRIBUTE *template, CK_ULONG count)
{
    struct search search;
    struct query query;
    CK_RV rv = find_prepare(caller, template, count, &query);

    if (rv != CKR_OK)
        return rv;
    rv = find_make(caller, &query, &search);
    if (!session_lock(caller)) {
        search_clear(&search);
        return CKR_SESSION_HANDLE_INVALID;
    }
    caller->session->search = search;
    session_unlock(caller);
    return rv;
}

CK_RV find_next(const struct caller *caller, CK_OBJECT_HANDLE *handles, CK_ULONG most,
                CK_ULONG *found)
{
    struct search *search = &caller->session->search;
    CK_RV rv = CKR_OK;

    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    if (search->state != SEARCH_ACTIVE)
        rv = CKR_OPERATION_NOT_INITIALIZED;
    else if (found == NULL || (handles == NULL && most > 0))
        rv = CKR_ARGUMENTS_BAD;
    else
        *found = search_next(search, &caller->token->objects, handles, most);
    session_unlock(caller);
    return rv;
}

CK_RV find_finish(const struct caller *caller)
{
    struct search *search = &caller->session->search;
    CK_RV rv;

    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    rv = search->state == SEARCH_ACTIVE ? CKR_OK : CKR_OPERATION_NOT_INITIALIZED;
    if (rv == CKR_OK)
        search_clear(search);
    session_unlock(caller);
    return rv;
}
