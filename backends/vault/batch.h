/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VAULT_BATCH_H
#define VAULT_BATCH_H

#include "backends/vault/call.h"

/* Many GETs, several at a time. */
struct vault_batch {
    const char *what; /* for the log */
    size_t count;
    int64_t deadline_ns;
    /* Gives the path of call `index`. Its error is that call's. */
    enum store_err (*path)(void *arg, size_t index, struct vault_path *out);
    /* Gets what came of call `index`, once for each. An error ends the batch. */
    enum store_err (*reply)(void *arg, size_t index, enum store_err err,
                            const struct vault_call *call);
    void *arg;
};

/* Runs it. What fails at first is run again by vault_call_run, with retries and a new token. */
enum store_err vault_batch_run(struct store_ctx *ctx,
                               const struct vault_batch *batch) STORE_CHECKED;

#endif
