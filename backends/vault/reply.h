/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_VAULT_REPLY_H
#define BACKENDS_VAULT_REPLY_H

#include "backends/vault/request.h"

/*
 * Tells Vault's own replies from others. A proxy, an ingress or a wrong address also answers with
 * 404 or 403, with 200 and a page, or with JSON, which says nothing about a secret. Vault's replies
 * are known by their form: https://developer.hashicorp.com/vault/api-docs#error-response
 */

/* True if the call's status and reply, which is `empty` or parsed, have one of these forms: a
 * success with data, a list of error texts, a KV 404 with the metadata of a deleted secret, the
 * state that sys/health gives with each status, and 204 for a request that asks for no data. */
bool vault_reply_own(const struct vault_call *call, bool empty);

#endif
