/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_OPERATIONS_H
#define BACKENDS_AWS_OPERATIONS_H

#include "backends/aws/context.h"

/*
 * The members of the contract (store/backend.h has their promises), and their common part.
 */
enum store_err aws_read(struct store_ctx *ctx, const char *key, struct store_record *out);
enum store_err aws_read_many(struct store_ctx *ctx, const char *const *keys, size_t count,
                             store_each_fn *each, void *arg);
enum store_err aws_list(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                        store_each_fn *each, void *arg);
enum store_err aws_write(struct store_ctx *ctx, const char *key, const struct store_secret *value,
                         const char *if_version, struct store_record *out);
enum store_err aws_remove(struct store_ctx *ctx, const char *key, const char *if_version);
void aws_health(struct store_ctx *ctx, struct store_health *out);

/* Logs that `key` is scheduled for deletion, with the remedy, and returns the error for that. */
enum store_err aws_deletion_pending(const struct store_ctx *ctx, const char *key);

#endif
