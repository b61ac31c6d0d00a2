/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_VAULT_CALL_H
#define BACKENDS_VAULT_CALL_H

#include "backends/vault/request.h"

/*
 * A call with the backend's own token: it gets the token, and replaces it once if the server says
 * that it has ended.
 */

/* Makes the call; result and log as vault_request_run. AUTH, logged, without a token to use. */
enum store_err vault_call_run(struct store_ctx *ctx, struct vault_call *call) STORE_CHECKED;

/* True if another token would not change the 403 that `token` got, whose body is in call->reply.
 * Then `err` is the error, which is logged; else the caller runs the call. */
bool vault_call_refused(struct store_ctx *ctx, struct vault_call *call,
                        const struct store_secret *token, enum store_err *err);

#endif
