/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_FIND_H
#define MODULE_FIND_H

#include <stddef.h>

#include "module/cryptoki.h"

struct lib;

struct listing;

/* What was found one by one, in place while that is little: a look-up by label finds one or two. */
struct picked {
    CK_OBJECT_HANDLE first[4];
    CK_OBJECT_HANDLE *all; /* with the first, once there are more; else NULL */
    size_t count;
    size_t capacity; /* of `all` */
};

enum find_state {
    FIND_NONE,
    FIND_STARTING, /* C_FindObjectsInit is asking the store */
    FIND_ACTIVE,
};

/* A session's search: what it found, and how far C_FindObjects has come. */
struct find {
    enum find_state state;
    struct picked picked;
    size_t picked_at;
    struct listing *listed; /* then a listing all of which matches; may be NULL */
    size_t listed_at;
};

/* Ends the search, if there is one. The session is locked. */
void find_clear(struct find *find);

/*
 * C_FindObjectsInit (PKCS#11 3.0, 5.7.6). The store is asked here, once, and only for what the
 * template can match: nothing for a class that we never have, one secret for a label, one scope
 * for CKA_SIDESEAT_SCOPE. What it answers stands until the search ends.
 */
CK_RV find_start(struct lib *lib, CK_SESSION_HANDLE session, const CK_ATTRIBUTE *template,
                 CK_ULONG count);

/* C_FindObjects (5.7.7). Objects that have been destroyed since are passed over. */
CK_RV find_next(struct lib *lib, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *handles,
                CK_ULONG most, CK_ULONG *found);

/* C_FindObjectsFinal (5.7.8). */
CK_RV find_finish(struct lib *lib, CK_SESSION_HANDLE session);

#endif
