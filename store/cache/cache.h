/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CACHE_CACHE_H
#define STORE_CACHE_CACHE_H

#include "store/backend.h"

/*
 * A backend in front of a backend: it keeps each record that was read, in locked memory, for
 * cache.ttl_s. docs/cache.md lists its promises and limits.
 *
 * A cache belongs to one ctx and so to one configuration. All its entries share the address,
 * namespace, mount and prefix, so the scope key alone is its key.
 */

/* Puts a cache in front of an open store and owns that store from then on: closing `store` closes
 * both. Does nothing if cache.ttl_s is 0. NO_MEMORY (logged) leaves the store as it was. */
enum store_err cache_wrap(struct store *store, const struct store_conf *conf) STORE_CHECKED;

#endif
