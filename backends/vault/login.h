/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VAULT_LOGIN_H
#define VAULT_LOGIN_H

#include "core/json.h"
#include "backends/vault/context.h"

/* Logs in by the configured method; `reply` is the JSON with the member `auth`. */
enum store_err vault_login(struct store_ctx *ctx, int64_t deadline_ns,
                           struct json_document **reply) STORE_CHECKED;

/* Reads a small file with a secret, without white space at its ends. NOT_FOUND if there is none or
 * it is empty; AUTH, logged, if it cannot be read or is not to be trusted (store/trusted_file.h).
 * One that this user may not reach is left out, with a warning, as if it did not exist, unless
 * somebody has `named` it. */
enum store_err vault_file_secret(const char *path, bool named,
                                 struct store_secret *out) STORE_CHECKED;

#endif
