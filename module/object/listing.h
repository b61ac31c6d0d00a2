/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_LISTING_H
#define MODULE_LISTING_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "module/cryptoki.h"
#include "store/scope.h"

/*
 * What a listing of a store found, as handles. A search holds on to one while it is active, and a
 * token keeps its last few: when the store says that nothing has changed since, the next search
 * takes the same one, at no cost per secret.
 */
struct listing {
    atomic_size_t references;
    uint64_t id;         /* of this listing, never 0 */
    uint64_t generation; /* the store's; 0: it cannot tell */
    char prefix[STORE_KEY_MAX + 1];
    _Atomic int64_t confirmed_ns; /* when the store last said that this is how it is */
    atomic_size_t ahead;          /* how many values to fetch when one is asked for */
    atomic_bool bare;             /* such values come without times and version */
    size_t count;
    size_t capacity;
    CK_OBJECT_HANDLE *handles;
};

#define LISTINGS_KEPT 4

struct listings {
    pthread_mutex_t lock;
    struct listing *kept[LISTINGS_KEPT]; /* the last one used first */
    uint64_t era;                        /* how often they were dropped */
};

/* Never reused in a process, so that an id of a token's past cannot be taken for another's. */
struct listing *listing_new(const char *prefix); /* one reference; NULL if memory is short */
bool listing_add(struct listing *listing, CK_OBJECT_HANDLE handle);
void listing_drop(struct listing *listing); /* accepts NULL */

void listings_init(struct listings *listings);
void listings_free(struct listings *listings);

/* A reference to the kept listing with this prefix or, in the second, this id; NULL if none. */
struct listing *listings_find(struct listings *listings, const char *prefix);
struct listing *listings_find_id(struct listings *listings, uint64_t id);

/* Keeps another reference to `listing`, for the next search with its prefix, unless all have been
 * dropped since listings_era() gave `era`: what it lists may have ended with them. */
uint64_t listings_era(struct listings *listings);
void listings_keep(struct listings *listings, struct listing *listing, uint64_t era);

/* Drops all. */
void listings_clear(struct listings *listings);

#endif
