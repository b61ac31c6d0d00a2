/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_PUBLISH_H
#define MODULE_OBJECT_OBJECT_PUBLISH_H

#include "module/object/object.h"
#include "module/session/session.h"

/* Shared by creating and changing objects: the checks before, and the objects afterwards. */

/* Checks that a session may change objects of the token: CKR_OK, CKR_TOKEN_WRITE_PROTECTED,
 * CKR_SESSION_READ_ONLY or CKR_USER_NOT_LOGGED_IN. */
CK_RV object_may_write(const struct caller *caller);

/* Logs why no store keeps a public key alone, and returns the error. */
CK_RV object_refuse_public(void);

/* Stores a secret and gives the handle of its object. `if_version` is as for a backend's write
 * (store/backend.h): NULL replaces any value, "0" makes a new secret alone, another one replaces
 * that version alone. CKR_ATTRIBUTE_VALUE_INVALID, with a line in the log, for an empty value; the
 * store's error, as CKR_CALL_CREATE; CKR_HOST_MEMORY. */
CK_RV object_store(struct token *token, const char *key, const struct store_secret *value,
                   const char *if_version, CK_OBJECT_HANDLE *out);

/* The `if_version` (store/backend.h) for a change of a secret that was read so; NULL, which is any
 * version, if the store has none. It lasts as long as the record. */
const char *object_expected(const struct store_record *record);

/* Updates the objects of a secret after a write that began at `began_ns`; `record` gets the
 * value. Returns the handle, 0 if memory is short. */
CK_OBJECT_HANDLE object_written(struct token *token, const char *key,
                                const struct store_secret *value, struct store_record *record,
                                int64_t began_ns);

/* Makes a session object. Takes over `own`, or frees it after an error, and takes the contents
 * of `value`. */
CK_RV object_publish_own(const struct caller *caller, enum object_kind kind,
                         struct session_attributes *own, struct store_secret *value,
                         CK_OBJECT_HANDLE *out);

#endif
