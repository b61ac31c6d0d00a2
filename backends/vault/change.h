/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VAULT_CHANGE_H
#define VAULT_CHANGE_H

#include "backends/vault/kv.h"

/*
 * What a write and a remove have in common: to look, to compare, and to write by check-and-set.
 */

/* How often one is tried again while others change the same key. */
#define CHANGE_RACES                                                                               \
    {                                                                                              \
        .attempts = 64, .base_ms = 4, .most_ms = 100                                               \
    }

/* A write or a remove on its way. */
struct change {
    struct store_ctx *ctx;
    const char *key;
    const char *if_version;
    int64_t deadline_ns;
    struct vault_found found;
    struct vault_call current; /* the reply that `found` points into */
};

struct change change_begin(struct store_ctx *ctx, const char *key, const char *if_version);
void change_end(struct change *change);

/* Reads what is there now. OK also if there is nothing. */
enum store_err change_read(struct change *change) STORE_CHECKED;

/* Looks, and waits, for half of the time left, for the end of a removal that is on its way: what is
 * written before its end would go with it. One that does not end was cut off. */
enum store_err change_look_settled(struct change *change) STORE_CHECKED;

bool change_exists(const struct change *change);

/* CONFLICT unless what is there is what the caller expects. */
enum store_err change_expect(const struct change *change) STORE_CHECKED;

/* What is there as JSON, with or without the mark of a removal. */
enum store_err change_data(const struct change *change, bool marked,
                           struct store_secret *out) STORE_CHECKED;

/* Sends the data as the version after `version`; CONFLICT if another came between. */
enum store_err change_put(struct change *change, int64_t version, const struct store_secret *data,
                          struct vault_call *call) STORE_CHECKED;

#endif
