/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_VAULT_REDIRECT_H
#define BACKENDS_VAULT_REDIRECT_H

#include "backends/vault/request.h"

/*
 * True if a standby may send us, and the token, to `location`: the same path, on the host of
 * vault.address or one of vault.nodes; from https to https only; over plain http only to this
 * machine, or if allow_http says that the network is trusted.
 */
bool vault_redirect_allowed(const struct store_ctx *ctx, const struct vault_call *call,
                            const char *location);

#endif
