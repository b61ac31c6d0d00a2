/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_READ_H
#define MODULE_OBJECT_READ_H

#include "module/ckr.h"
#include "module/object.h"

struct lib;

/* What an object must hold before an attribute can be told; of several attributes, all of it. */
enum object_need {
    OBJECT_NEED_NOTHING = 0,
    OBJECT_NEED_RECORD = 1, /* the record but for its value */
    OBJECT_NEED_VALUE = 2,
};

enum object_need object_need(const struct object *object, CK_ATTRIBUTE_TYPE type);

/* Whether the object, which is locked, holds that; and whether it does and is fresh enough. */
bool object_has(const struct object *object, enum object_need need);
bool object_holds(struct object *object, enum object_need need);

/* How often to load what has been dropped again in the meantime, because the secret was changed or
 * its token logged out of, before that is an error. */
#define OBJECT_ROUNDS 8

/* Makes it so, asking the store if need be; the object is not locked. A session object holds all it
 * has. Values that a search found are fetched several at a time. CKR_OBJECT_HANDLE_INVALID if it is
 * gone, else what `call` makes of the store's error. After CKR_OK the object is locked next with
 * object_lock_loaded: until then no other thread that is done with a secret's value lets it go. A
 * key's is never let go of, so one may be locked as ever. */
CK_RV object_load(struct lib *lib, CK_OBJECT_HANDLE handle, enum object_need need,
                  enum ckr_call call);
struct object *object_lock_loaded(struct object_table *table, CK_OBJECT_HANDLE handle);

/* An attribute's value, borrowed from the object or in `scratch`, while the object is locked. */
struct object_bytes {
    const void *data;
    CK_ULONG len;
    unsigned char scratch[STORE_KEY_MAX + 16]; /* room for CKA_UNIQUE_ID */
};

/* CKR_OK, CKR_ATTRIBUTE_TYPE_INVALID or CKR_ATTRIBUTE_SENSITIVE. The object is locked and holds
 * what object_need says. */
CK_RV object_attribute(const struct object *object, CK_ATTRIBUTE_TYPE type,
                       struct object_bytes *out);

/* Whether a caller whose session is on `token` may work with the object: CKR_OK,
 * CKR_OBJECT_HANDLE_INVALID, or CKR_USER_NOT_LOGGED_IN while its store is locked. */
CK_RV object_visible(const struct object *object, const struct token *token);

/* C_GetAttributeValue (PKCS#11 3.0, 5.7.5). */
CK_RV object_get_attributes(struct lib *lib, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle,
                            CK_ATTRIBUTE *template, CK_ULONG count);

/* C_GetObjectSize (5.7.4): the bytes of the value and the key or label. */
CK_RV object_get_size(struct lib *lib, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle,
                      CK_ULONG *size);

#endif
