/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_VAULT_LOGIN_H
#define BACKENDS_VAULT_LOGIN_H

#include "core/json.h"
#include "backends/vault/context.h"

/* Logs in by the configured method; `reply` is the JSON with the member `auth`. */
enum store_err vault_login(struct store_ctx *ctx, int64_t deadline_ns,
                           struct json_document **reply) STORE_CHECKED;

/* Reads a small file with a secret, without white space at its ends. NOT_FOUND if the file does not
 * exist or is empty; AUTH, logged, if it cannot be read or trusted (store/trusted_file.h). A file
 * that this user may not reach is ignored with a warning, unless the configuration has `named` it.
 */
enum store_err vault_file_secret(const char *path, bool named,
                                 struct store_secret *out) STORE_CHECKED;

#endif
