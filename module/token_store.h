/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_TOKEN_STORE_H
#define MODULE_TOKEN_STORE_H

#include "module/token.h"

/* Shared by token.c and token_version.c, which alone call a store. */

/* Opens the store for a use. */
enum store_err token_begin(struct token *token) STORE_CHECKED;

/* The same for a change of a key. READ_ONLY if it may not be changed. */
enum store_err token_begin_change(struct token *token, const char *key) STORE_CHECKED;

/* Ends a change of a key, whatever its result: notes it for the audit, and forgets what the secret
 * looked like. */
void token_changed(struct token *token, const char *call, const char *key, enum store_err err);

/* Records for the token's flags whether the store is locked. A store that is locked again has
 * ended the login. Returns `err`. */
enum store_err token_note_lock_state(struct token *token, enum store_err err) STORE_CHECKED;

#endif
