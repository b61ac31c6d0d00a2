/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_VAULT_CHANGE_H
#define BACKENDS_VAULT_CHANGE_H

#include "backends/vault/kv.h"

/*
 * The common part of a write and a remove: read, compare, and write by check-and-set.
 */

/* The attempts at one change while others change the same key. */
#define CHANGE_RACES                                                                               \
    {                                                                                              \
        .attempts = 64, .base_ms = 4, .most_ms = 100                                               \
    }

/* A write or a remove in progress. */
struct change {
    struct store_ctx *ctx;
    const char *key;
    const char *if_version;
    int64_t deadline_ns;
    struct vault_found found;
    struct vault_call current; /* the reply; `found` points into it */
};

struct change change_begin(struct store_ctx *ctx, const char *key, const char *if_version);
void change_end(struct change *change);

/* Reads the present secret. OK also if there is none. */
enum store_err change_read(struct change *change) STORE_CHECKED;

/* Reads the present secret and waits, for half of the time left, for the end of a removal in
 * progress, which would delete a value written before its end. A removal that does not end was cut
 * off. */
enum store_err change_read_settled(struct change *change) STORE_CHECKED;

bool change_exists(const struct change *change);

/* CONFLICT unless the present version is the one that the caller expects. */
enum store_err change_expect(const struct change *change) STORE_CHECKED;

/* Writes the present data as JSON, with or without the mark of a removal. */
enum store_err change_data(const struct change *change, bool marked,
                           struct store_secret *out) STORE_CHECKED;

/* Sends the data as the version after `version`; CONFLICT if another write came first. */
enum store_err change_put(struct change *change, int64_t version, const struct store_secret *data,
                          struct vault_call *call) STORE_CHECKED;

#endif
