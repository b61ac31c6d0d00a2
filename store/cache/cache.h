/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_CACHE_H
#define BACKENDS_CACHE_H

#include "store/backend.h"

/*
 * A backend in front of a backend: what was read is remembered, in locked memory, for cache.ttl_s.
 * docs/cache.md says what it promises and what not.
 *
 * A cache belongs to one ctx, and with it to one configuration: address, namespace, mount and
 * prefix are the same for all that is in it, so that its key is the scope key alone.
 */

/* Puts a cache in front of an open store, which it then owns: closing the store closes both. With
 * cache.ttl_s 0 nothing is done. On NO_MEMORY, which is logged, the store is as it was. */
enum store_err cache_wrap(struct store *store, const struct store_conf *conf) STORE_CHECKED;

/* For tests: replaces the clock (store_time_coarse) of a store that has a cache. */
void cache_set_clock(struct store *store, int64_t (*now)(void));

/* How many secrets it holds, those included that are known not to exist. */
size_t cache_count(const struct store *store);

#endif
