/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_VAULT_VAULT_H
#define BACKENDS_VAULT_VAULT_H

#include "store/backend.h"

/*
 * HashiCorp Vault and OpenBao: one secret of a KV version 2 engine each, at
 * {mount}/data/{prefix}/{key}; docs/vault.md. For the store process only.
 *
 * A record's version is KV's number, and writes are check-and-set. After a removal it begins at 1
 * again.
 */
extern const struct store_backend vault_backend;

#endif
