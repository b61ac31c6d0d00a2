/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_CREATE_H
#define MODULE_OBJECT_CREATE_H

#include "module/object/object.h"
#include "module/session/session.h"

/* What creating and changing objects share. */

/* Whether a session may change what is on the token: CKR_OK, CKR_TOKEN_WRITE_PROTECTED,
 * CKR_SESSION_READ_ONLY or CKR_USER_NOT_LOGGED_IN. */
CK_RV object_may_write(const struct caller *caller);

/* Stores a secret and gives its object's handle. */
CK_RV object_store(struct token *token, const char *key, const struct store_secret *value,
                   const char *if_version, CK_OBJECT_HANDLE *out);

/* Takes in what has just been written by a call that began at `began_ns`: `record` gets the value.
 * 0 if memory is short. */
CK_OBJECT_HANDLE object_written(struct token *token, const char *key,
                                const struct store_secret *value, struct store_record *record,
                                int64_t began_ns);

/* Makes a session object of `own`, which is taken over or freed, and what `value` holds. */
CK_RV object_publish_own(const struct caller *caller, enum object_kind kind,
                         struct session_attributes *own, struct store_secret *value,
                         CK_OBJECT_HANDLE *out);

#endif
