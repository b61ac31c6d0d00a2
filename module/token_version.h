/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_TOKEN_VERSION_H
#define MODULE_TOKEN_VERSION_H

#include "module/token.h"

/* The store's calls about versions, as in store/backend.h. UNSUPPORTED, logged, if the store keeps
 * none. */
enum store_err token_versions(struct token *token, const char *key,
                              struct store_versions *out) STORE_CHECKED;
enum store_err token_read_version(struct token *token, const char *key, const char *id,
                                  struct store_record *out) STORE_CHECKED;
enum store_err token_retire(struct token *token, const char *key) STORE_CHECKED;
enum store_err token_restore(struct token *token, const char *key, const char *id) STORE_CHECKED;
enum store_err token_destroy(struct token *token, const char *key) STORE_CHECKED;

#endif
