/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_VIEW_H
#define MODULE_OBJECT_OBJECT_VIEW_H

#include "module/ckr.h"
#include "module/object/object.h"

struct token;

/*
 * An object as one call sees it: the call's own references to the attributes and the record, from
 * under the object's lock or just read from the store. No other thread can change them, and a value
 * and its version always belong together.
 */
struct object_view {
    struct token *token;
    CK_OBJECT_HANDLE handle;
    enum object_kind kind;
    bool has_value;    /* true if the record has the value */
    bool has_metadata; /* true if it has the version and the times */
    bool listing_record;
    int64_t loaded_ns;
    uint64_t listing;
    uint32_t listing_at;
    unsigned char number;           /* of an OBJECT_CERTIFICATE */
    unsigned char hash[PKI_ID_LEN]; /* likewise */
    struct pki *pki;                /* the public face or key; NULL if it is not loaded */
    const char *encoding;           /* of an OBJECT_KEY */
    struct session_attributes *own; /* of a session object */
    struct store_record record;
    char key[STORE_KEY_MAX + 1]; /* the scope key; "" for a session object and a status */
};

#define AUTO_VIEW __attribute__((cleanup(object_view_drop))) struct object_view

/* Drops the view's references. A zeroed view, and one that object_view refused, holds none. */
void object_view_drop(struct object_view *view);

/* Views the object as the module knows it now, for a caller whose session is on `token`; calls
 * no store. `out` holds no references yet and may be uninitialized, for zeroing the room for a key
 * is the largest cost of a call; object_view_drop accepts it whatever the result.
 * CKR_OBJECT_HANDLE_INVALID if there is no such object or C_Logout hides it. */
CK_RV object_view(struct token *token, CK_OBJECT_HANDLE handle, struct object_view *out);

/* True if the object is private and the user has logged out since. */
bool object_view_is_hidden(const struct object_view *view);

/* The parts that a view must hold before an attribute is readable; for several attributes, the
 * union. */
enum object_need {
    OBJECT_NEED_NOTHING = 0,
    OBJECT_NEED_RECORD = 1, /* the record except its value */
    OBJECT_NEED_VALUE = 2,
    OBJECT_NEED_FACE = 4, /* the public face of a key pair or certificate */
};

/* The needs of the attribute `type`. The value of a key on the token is needed only for use: see
 * object_view_load. */
enum object_need object_need(const struct object_view *view, CK_ATTRIBUTE_TYPE type);

/* Loads the parts that `need` names, no older than OBJECT_SNAPSHOT_NS, and reads the store if
 * necessary. The object keeps the record for the next reader, and values from a listing arrive
 * several at a time. CKR_OBJECT_HANDLE_INVALID if the secret is gone, which ends the object;
 * else the result of `call` for the store's error, or of pair_fault_answer for the key. */
CK_RV object_view_load(struct object_view *view, enum object_need need, enum ckr_call call);

/* An attribute's value, borrowed from the view or in `scratch`. */
struct object_bytes {
    const void *data;
    CK_ULONG len;
    unsigned char scratch[STORE_KEY_MAX + 80]; /* room for CKA_UNIQUE_ID */
};

/* Gives an attribute's value. CKR_OK, CKR_ATTRIBUTE_TYPE_INVALID or CKR_ATTRIBUTE_SENSITIVE; for
 * CKA_VALUE_LEN also the error of key_decode. The view holds the parts that object_need names. */
CK_RV object_attribute(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                       struct object_bytes *out);

/* True if the object has this CK_BBOOL attribute, and it is CK_TRUE. */
bool object_is(const struct object_view *view, CK_ATTRIBUTE_TYPE type);

#endif
