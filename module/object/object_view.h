/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_VIEW_H
#define MODULE_OBJECT_VIEW_H

#include "module/ckr.h"
#include "module/object/object.h"

struct token;

/*
 * An object as one call sees it: references of its own to the object's attributes and to its
 * record, taken under the object's lock or just read from the store. They stay as they are,
 * whatever other threads do, and a value and its version always belong together.
 */
struct object_view {
    struct token *token;
    CK_OBJECT_HANDLE handle;
    enum object_kind kind;
    bool complete;  /* the record has the value, */
    bool described; /* and all else that the store knows of the secret */
    bool listing_record;
    int64_t loaded_ns;
    uint64_t listing;
    uint32_t listing_at;
    const char *encoding;           /* of an OBJECT_KEY */
    struct session_attributes *own; /* of a session object */
    struct store_record record;
    char key[STORE_KEY_MAX + 1]; /* the scope key; "" for a session object and a status */
};

#define AUTO_VIEW __attribute__((cleanup(object_view_drop))) struct object_view

/* Drops what the view holds. One that is zeroed holds nothing. */
void object_view_drop(struct object_view *view);

/* What is known now of the object, for a caller whose session is on `token`; no store is asked.
 * `out` is zeroed. CKR_OBJECT_HANDLE_INVALID if there is no such object or C_Logout hides it. */
CK_RV object_view(struct token *token, CK_OBJECT_HANDLE handle, struct object_view *out);

/* True if the user has logged out since, and the object is private. */
bool object_view_is_hidden(const struct object_view *view);

/* What a view must hold before an attribute can be told; of several attributes, all of it. */
enum object_need {
    OBJECT_NEED_NOTHING = 0,
    OBJECT_NEED_RECORD = 1, /* the record but for its value */
    OBJECT_NEED_VALUE = 2,
};

/* What `type` needs. The value of a key on the token is needed only for use: see object_view_load.
 */
enum object_need object_need(const struct object_view *view, CK_ATTRIBUTE_TYPE type);

/* Loads what `need` names, as new as OBJECT_SNAPSHOT_NS asks, reading the store if necessary. What
 * is read is kept in the object for the next reader, and values that a search has found are fetched
 * several at a time. CKR_OBJECT_HANDLE_INVALID if the secret is gone, which ends the object; else
 * what `call` makes of the store's error. */
CK_RV object_view_load(struct object_view *view, enum object_need need, enum ckr_call call);

/* An attribute's value, borrowed from the view or in `scratch`. */
struct object_bytes {
    const void *data;
    CK_ULONG len;
    unsigned char scratch[STORE_KEY_MAX + 16]; /* room for CKA_UNIQUE_ID */
};

/* CKR_OK, CKR_ATTRIBUTE_TYPE_INVALID or CKR_ATTRIBUTE_SENSITIVE. The view holds what object_need
 * says. */
CK_RV object_attribute(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                       struct object_bytes *out);

#endif
