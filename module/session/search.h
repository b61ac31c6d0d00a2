/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_SEARCH_H
#define MODULE_SESSION_SEARCH_H

#include <stddef.h>

#include "module/object/object.h"

struct listing;

/* The objects found one by one. A search by label finds one or two, which need no memory of
 * their own. */
struct picked {
    CK_OBJECT_HANDLE first[4];
    CK_OBJECT_HANDLE *all; /* holds all of them once `first` is full; else NULL */
    size_t count;
    size_t capacity; /* length of `all` */
};

enum search_state {
    SEARCH_NONE,
    SEARCH_STARTING, /* C_FindObjectsInit is asking the store */
    SEARCH_ACTIVE,
};

/* A session's search: the objects found, and the position of C_FindObjects. find.c makes one. */
struct search {
    enum search_state state;
    struct picked picked;
    size_t picked_at;
    struct listing *listed; /* then the objects of a listing, all of which match; may be NULL */
    size_t listed_at;
};

/* Adds an object. CKR_HOST_MEMORY. */
CK_RV search_pick(struct search *search, CK_OBJECT_HANDLE handle);

/* Gives at most `most` further handles and skips objects that have ended since. */
CK_ULONG search_next(struct search *search, struct object_table *objects, CK_OBJECT_HANDLE *handles,
                     CK_ULONG most);

/* Ends the search, if there is one. The session is locked. */
void search_clear(struct search *search);

#endif
