/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_VAULT_BATCH_H
#define BACKENDS_VAULT_BATCH_H

#include "backends/vault/call.h"

/* Many GETs, several at a time. */
struct vault_batch {
    const char *what; /* for the log */
    size_t count;
    int64_t deadline_ns;
    /* Returns the path of call `index`. An error is the result of that call. */
    enum store_err (*path)(void *arg, size_t index, struct vault_path *out);
    /* Receives the result of call `index`, once for each. An error ends the batch. */
    enum store_err (*reply)(void *arg, size_t index, enum store_err err,
                            const struct vault_call *call);
    void *arg;
};

/* Runs the batch. vault_call_run repeats a call that fails, with retries and a new token. */
enum store_err vault_batch_run(struct store_ctx *ctx,
                               const struct vault_batch *batch) STORE_CHECKED;

#endif
