/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_LISTING_H
#define MODULE_OBJECT_LISTING_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "module/cryptoki.h"
#include "store/scope.h"

/*
 * The handles that a listing of a store found. A search holds one while it is active, and a token
 * keeps its last few: when the store reports no change since, the next search reuses the same one,
 * at no cost per secret.
 */
struct listing {
    atomic_size_t references;
    uint64_t id;         /* never 0, and never reused in a process */
    uint64_t generation; /* the store's; 0 if the store does not count its changes */
    char prefix[STORE_KEY_MAX + 1];
    _Atomic int64_t confirmed_ns; /* when the store last confirmed it */
    atomic_size_t ahead;          /* the number of values to fetch when a caller asks for one */
    atomic_bool bare;             /* a bulk read gives no times or versions */
    size_t count;
    size_t capacity;
    CK_OBJECT_HANDLE *handles;
};

#define LISTINGS_KEPT 4

struct listings {
    pthread_mutex_t lock;
    struct listing *kept[LISTINGS_KEPT]; /* most recently used first */
    uint64_t era;                        /* the number of times all were dropped */
};

/* Makes an empty listing. Ids are never reused in a process, so one from a token's past cannot
 * match a later listing. */
struct listing *listing_new(const char *prefix); /* one reference; NULL if memory is short */
bool listing_add(struct listing *listing, CK_OBJECT_HANDLE handle);
void listing_drop(struct listing *listing); /* accepts NULL */

void listings_init(struct listings *listings);
void listings_free(struct listings *listings);

/* Give a reference to the kept listing with this prefix or id; NULL if there is none. */
struct listing *listings_find(struct listings *listings, const char *prefix);
struct listing *listings_find_id(struct listings *listings, uint64_t id);

/* Keeps a reference to `listing` for the next search with its prefix, unless all listings have
 * been dropped since listings_era() returned `era`: its objects may have ended with them. */
uint64_t listings_era(struct listings *listings);
void listings_keep(struct listings *listings, struct listing *listing, uint64_t era);

/* Drops all kept listings. */
void listings_clear(struct listings *listings);

#endif
