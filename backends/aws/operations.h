/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_OPERATIONS_H
#define BACKENDS_AWS_OPERATIONS_H

#include "backends/aws/context.h"
#include "backends/aws/principal.h"

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
enum store_err aws_versions(struct store_ctx *ctx, const char *key, struct store_versions *out);
enum store_err aws_read_version(struct store_ctx *ctx, const char *key, const char *id,
                                struct store_record *out);
enum store_err aws_retire(struct store_ctx *ctx, const char *key);
enum store_err aws_restore(struct store_ctx *ctx, const char *key, const char *id);
enum store_err aws_destroy(struct store_ctx *ctx, const char *key);
void aws_health(struct store_ctx *ctx, struct store_health *out);
void aws_examine(struct store_ctx *ctx, store_finding_fn *each, void *arg);

/* Asks STS for the ARN of the identity, which needs no permission. If that fails, fills in `out` as
 * health does; `arn` is "" then, and if STS does not name one. */
void aws_health_by_identity(struct store_ctx *ctx, const struct aws_net *net,
                            char arn[AWS_PRINCIPAL_ARN_SIZE], struct store_health *out);

/* The recovery window of a deletion that must be recoverable, where the setting has none. */
#define AWS_RECOVERY_DAYS 30

/* Deletes, with a recovery window of `days`; 0: for good. NOT_FOUND if the secret does not exist
 * or is scheduled for deletion already. */
enum store_err aws_secret_delete(struct store_ctx *ctx, const struct aws_net *net, const char *key,
                                 long days) STORE_CHECKED;

/* Logs that `key` is scheduled for deletion, with the remedy, and returns the error for that. */
enum store_err aws_deletion_pending(const struct store_ctx *ctx, const char *key);

#endif
