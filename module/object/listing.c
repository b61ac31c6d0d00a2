/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Atomic uint64_t last_id;

struct listing *listing_new(const char *prefix)
{
    struct listing *listing = calloc(1, sizeof *listing);

    if (listing == NULL)
        return NULL;
    atomic_init(&listing->references, 1);
    listing->id = atomic_fetch_add(&last_id, 1) + 1;
    snprintf(listing->prefix, sizeof listing->prefix, "%s", prefix);
    return listing;
}

bool listing_add(struct listing *listing, CK_OBJECT_HANDLE handle)
{
    if (listing->count == listing->capacity) {
        size_t capacity = listing->capacity == 0 ? 64 : listing->capacity * 2;
        CK_OBJECT_HANDLE *handles =
            reallocarray(listing->handles, capacity, sizeof *listing->handles);
        if (handles == NULL)
            return false;
        listing->handles = handles;
        listing->capacity = capacity;
    }
    listing->handles[listing->count++] = handle;
    return true;
}

static struct listing *listing_share(struct listing *listing)
{
    atomic_fetch_add(&listing->references, 1);
    return listing;
}

void listing_drop(struct listing *listing)
{
    if (listing == NULL || atomic_fetch_sub(&listing->references, 1) != 1)
        return;
    free(listing->handles);
    free(listing);
}

void listings_init(struct listings *listings)
{
    pthread_mutex_init(&listings->lock, NULL);
}

void listings_clear(struct listings *listings)
{
    pthread_mutex_lock(&listings->lock);
    listings->era++;
    for (size_t i = 0; i < LISTINGS_KEPT; i++) {
        listing_drop(listings->kept[i]);
        listings->kept[i] = NULL;
    }
    pthread_mutex_unlock(&listings->lock);
}

void listings_free(struct listings *listings)
{
    listings_clear(listings);
    pthread_mutex_destroy(&listings->lock);
}

struct listing *listings_find(struct listings *listings, const char *prefix)
{
    struct listing *found = NULL;

    pthread_mutex_lock(&listings->lock);
    for (size_t i = 0; found == NULL && i < LISTINGS_KEPT; i++)
        if (listings->kept[i] != NULL && strcmp(listings->kept[i]->prefix, prefix) == 0)
            found = listing_share(listings->kept[i]);
    pthread_mutex_unlock(&listings->lock);
    return found;
}

struct listing *listings_find_id(struct listings *listings, uint64_t id)
{
    struct listing *found = NULL;

    pthread_mutex_lock(&listings->lock);
    for (size_t i = 0; found == NULL && i < LISTINGS_KEPT; i++)
        if (listings->kept[i] != NULL && listings->kept[i]->id == id)
            found = listing_share(listings->kept[i]);
    pthread_mutex_unlock(&listings->lock);
    return found;
}

uint64_t listings_era(struct listings *listings)
{
    uint64_t era;

    pthread_mutex_lock(&listings->lock);
    era = listings->era;
    pthread_mutex_unlock(&listings->lock);
    return era;
}

void listings_keep(struct listings *listings, struct listing *listing, uint64_t era)
{
    size_t place = 0;

    pthread_mutex_lock(&listings->lock);
    while (place < LISTINGS_KEPT - 1 && listings->kept[place] != NULL &&
           strcmp(listings->kept[place]->prefix, listing->prefix) != 0)
        place++;
    if (era == listings->era) {
        listing_share(listing);
        listing_drop(listings->kept[place]);
        memmove(&listings->kept[1], &listings->kept[0], place * sizeof listings->kept[0]);
        listings->kept[0] = listing;
    }
    pthread_mutex_unlock(&listings->lock);
}
