/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/lookup.h"

#include "module/ckr.h"
#include "store/time.h"

CK_RV lookup_pick(struct lookup *lookup, CK_OBJECT_HANDLE handle)
{
    bool matches = true;
    CK_RV rv = CKR_OK;

    if (handle == 0)
        return CKR_HOST_MEMORY;
    if (!lookup->query->exhaustive)
        rv = query_match(lookup->query, lookup->token, handle, &matches);
    if (rv == CKR_OK && matches)
        rv = search_pick(lookup->search, handle);
    return rv;
}

bool lookup_passes_over(struct lookup *lookup, enum store_err err)
{
    if (err == STORE_CORRUPT || err == STORE_DENIED) {
        lookup->refused = ckr_from_store(CKR_CALL_FIND, err);
        return true;
    }
    return err == STORE_NOT_FOUND || err == STORE_NO_VALUE || err == STORE_BAD_KEY;
}

CK_RV lookup_end(const struct lookup *lookup, CK_RV rv)
{
    return rv == CKR_OK && !lookup->readable ? lookup->refused : rv;
}

/* The listing that the store's answers go to. */
struct listing_sink {
    struct object_table *objects;
    struct listing *listing;
    int64_t asked_ns;
};

static enum store_err add_listed(void *arg, const char *key, enum store_err err,
                                 const struct store_record *record)
{
    struct listing_sink *sink = arg;
    const struct object_found found = {
        .kind = OBJECT_SECRET,
        .key = key,
        .record = record,
        .has_value = record != NULL && record->value.len > 0,
        .has_metadata = record != NULL && record->version[0] != '\0',
        .asked_ns = sink->asked_ns,
        .listing = sink->listing->id,
        .listing_at = (uint32_t)sink->listing->count,
    };
    CK_OBJECT_HANDLE handle;

    if (err != STORE_OK)
        return err;
    handle = object_upsert(sink->objects, &found);
    if (handle == 0 || !listing_add(sink->listing, handle))
        return STORE_NO_MEMORY;
    return STORE_OK;
}

enum store_err lookup_list(struct lookup *lookup, const char *prefix, struct listing **out)
{
    struct listing *known = listings_find(&lookup->token->listings, prefix);
    struct listing_sink sink = {.objects = &lookup->token->objects,
                                .asked_ns = store_time_monotonic()};
    uint64_t era = listings_era(&lookup->token->listings);
    uint64_t generation = known == NULL ? 0 : known->generation;
    enum store_err err;

    sink.listing = listing_new(prefix);
    if (sink.listing == NULL) {
        listing_drop(known);
        return STORE_NO_MEMORY;
    }
    err = token_list(lookup->token, prefix, &generation, add_listed, &sink);
    if (err == STORE_UNCHANGED && known != NULL) {
        listing_drop(sink.listing);
        atomic_store(&known->confirmed_ns, store_time_coarse());
        *out = known;
        return STORE_OK;
    }
    listing_drop(known);
    if (err != STORE_OK) {
        listing_drop(sink.listing);
        return err;
    }
    sink.listing->generation = generation;
    atomic_store(&sink.listing->confirmed_ns, store_time_coarse());
    object_remove_unlisted(&lookup->token->objects, sink.listing, sink.asked_ns);
    listings_keep(&lookup->token->listings, sink.listing, era);
    *out = sink.listing;
    return STORE_OK;
}
