/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_SECRET_SERVICE_CALLS_H
#define BACKENDS_SECRET_SERVICE_CALLS_H

#include "backends/secret-service/op.h"

/* The members of the backend's table, as include/store/backend.h describes them. */
enum store_err secrets_read(struct store_ctx *ctx, const char *key, struct store_record *out);
enum store_err secrets_read_many(struct store_ctx *ctx, const char *const *keys, size_t count,
                                 store_each_fn *each, void *arg);
enum store_err secrets_list(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                            store_each_fn *each, void *arg);
enum store_err secrets_write(struct store_ctx *ctx, const char *key,
                             const struct store_secret *value, const char *if_version,
                             struct store_record *out);
enum store_err secrets_remove(struct store_ctx *ctx, const char *key, const char *if_version);
enum store_err secrets_login(struct store_ctx *ctx, const struct store_secret *pin);
enum store_err secrets_lock(struct store_ctx *ctx);
void secrets_health(struct store_ctx *ctx, struct store_health *out);
void secrets_examine(struct store_ctx *ctx, store_finding_fn *each, void *arg);

/* Checks that a value can be stored: BAD_VALUE (empty) and TOO_BIG, logged with their numbers. */
enum store_err secrets_check_value(struct op *op, const struct store_secret *value) STORE_CHECKED;

/* Reads the value of the item at `path`, in a running operation. */
enum store_err secrets_value(struct op *op, const char *path,
                             struct store_secret *out) STORE_CHECKED;

/* Fills `items` (which frees keys and values with g_free) with every item whose key starts with
 * `prefix`, in a running operation: key to path, "" if there are several for one key. */
enum store_err list_items(struct op *op, const char *prefix, GHashTable *items,
                          size_t *unnamed) STORE_CHECKED;

/* Parses the key of an item from the reply with its attributes; NULL if it has no valid one. The
 * caller g_free's it. */
char *list_parse_key(GVariant *reply);

/* Makes a new item, in a running operation that has the turn to write; `path` (to be g_free'd) may
 * be NULL. */
enum store_err item_create(struct op *op, GVariant *properties, const struct store_secret *value,
                           char **path) STORE_CHECKED;

/* Acquires the turn to write, waiting for other threads and other processes until the deadline, and
 * releases it. */
enum store_err turn_acquire(struct op *op) STORE_CHECKED;
void turn_release(struct op *op);

/* Shows the prompt at `path` and waits for its result (to be unreferenced; may be NULL on error).
 * At the deadline it is dismissed: TIMEOUT. CANCELED if the user did so. */
enum store_err prompt_run(struct op *op, const char *path, GVariant **result) STORE_CHECKED;

/* Imports, once, the document of an older program (docs/secret-service.md, "Import"). */
enum store_err import_check(struct op *op) STORE_CHECKED;

#endif
