/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SEARCH_H
#define MODULE_SEARCH_H

#include <stddef.h>

#include "module/object/object.h"

struct listing;

/* What was found one by one, in place while that is little: a look-up by label finds one or two. */
struct picked {
    CK_OBJECT_HANDLE first[4];
    CK_OBJECT_HANDLE *all; /* with the first, once there are more; else NULL */
    size_t count;
    size_t capacity; /* of `all` */
};

enum search_state {
    SEARCH_NONE,
    SEARCH_STARTING, /* C_FindObjectsInit is asking the store */
    SEARCH_ACTIVE,
};

/* A session's search: what it found, and how far C_FindObjects has come. find.c makes one. */
struct search {
    enum search_state state;
    struct picked picked;
    size_t picked_at;
    struct listing *listed; /* then a listing all of which matches; may be NULL */
    size_t listed_at;
};

/* Adds an object that was found. CKR_HOST_MEMORY. */
CK_RV search_pick(struct search *search, CK_OBJECT_HANDLE handle);

/* Moves on, giving at most `most` handles; objects that have ended since are passed over. */
CK_ULONG search_next(struct search *search, struct object_table *objects, CK_OBJECT_HANDLE *handles,
                     CK_ULONG most);

/* Ends the search, if there is one. The session is locked. */
void search_clear(struct search *search);

#endif
