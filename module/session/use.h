/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_USE_H
#define MODULE_SESSION_USE_H

#include "module/object/object_view.h"
#include "module/session/session.h"

/* The audit's lines about keys. A length query is not a use, and neither is an operation that ends
 * before it has processed data. */

/* Remembers the key of an operation that begins. The session is locked. */
void use_begin(struct operation *operation, const CK_MECHANISM *mechanism,
               const struct object_view *view);

/* Notes an operation that could not begin. */
void use_refused(const struct caller *caller, enum operation_kind kind,
                 const CK_MECHANISM *mechanism, const struct object_view *view, CK_RV rv);

/* Notes a login for the operation's key that failed. */
void use_login_failed(const struct caller *caller, const struct operation_use *use, CK_RV rv);

/* Notes the end of an operation. The session is locked. */
void use_end(const struct token *token, const struct operation *operation, enum operation_kind kind,
             CK_RV rv);

/* Notes the end of an active operation that has processed data and now gives no result: the caller
 * cancels it, or the key, the login or the session ends. The session is locked. */
void use_cancelled(const struct token *token, const struct operation *operation,
                   enum operation_kind kind);

#endif
