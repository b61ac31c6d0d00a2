/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_VAULT_TOKEN_H
#define BACKENDS_VAULT_TOKEN_H

#include "core/json.h"
#include "backends/vault/context.h"

/*
 * The token: from the configuration, from ~/.vault-token, or from a login; renewed at two thirds of
 * its lease and replaced at the end of it.
 */
void vault_token_init(struct vault_token *token);
void vault_token_destroy(struct vault_token *token);

/* Returns the token to use now, after a login or a renewal if one is due. AUTH, logged, if there is
 * none; TIMEOUT if another thread's login takes too long. Empty if an agent or a proxy adds it. */
enum store_err vault_token_get(struct store_ctx *ctx, int64_t deadline_ns,
                               struct store_secret *out) STORE_CHECKED;

/* True if the server's 403 for `used` is about the token and not about its policies. `err` is AUTH
 * if the message said so; if it did not, this asks the server, unless that would cost one of the
 * token's uses. */
bool vault_token_ended(struct store_ctx *ctx, const struct store_secret *used, enum store_err err,
                       int64_t deadline_ns);

/* Replaces `used`, which has ended, by the token of a new login or of ~/.vault-token. AUTH, logged
 * as "token refused: …" with the remedy, if there is no other. */
enum store_err vault_token_replace(struct store_ctx *ctx, struct store_secret *used,
                                   int64_t deadline_ns) STORE_CHECKED;

/* The remedy for a token that is not accepted: it names the place that the token is from. */
const char *vault_token_remedy(const struct store_ctx *ctx);

/* For the health check: looks the token up once (never again if its uses are limited) and renews it
 * if that is due. */
enum store_err vault_token_check(struct store_ctx *ctx, int64_t deadline_ns) STORE_CHECKED;

/* True if the token has a limited number of uses: then ask no questions with it. */
bool vault_token_limited(struct store_ctx *ctx);

/* Forgets the token. */
void vault_token_forget(struct store_ctx *ctx);

#endif
