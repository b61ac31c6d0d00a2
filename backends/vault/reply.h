/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VAULT_REPLY_H
#define VAULT_REPLY_H

#include "backends/vault/request.h"

/*
 * Whether a reply is Vault's own. A proxy, an ingress or a wrong address answers too, with 404 and
 * 403, with 200 and a page, with JSON: none of it says anything about a secret. Vault's replies are
 * known by their form: https://developer.hashicorp.com/vault/api-docs#error-response
 */

/* Whether the call's status and reply, which is `empty` or has been read, have one of these forms:
 * a success with data, a list of errors that are texts, a KV 404 with the metadata of what was
 * deleted, the state that sys/health gives with each status, and 204 for what asks for no data. */
bool vault_reply_own(const struct vault_call *call, bool empty);

#endif
