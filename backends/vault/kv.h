/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_VAULT_KV_H
#define BACKENDS_VAULT_KV_H

#include "backends/vault/call.h"

/*
 * The operations of the backend (store/backend.h has their promises) and their common part: one
 * secret of the KV version 2 engine. https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2
 */

/* The longest record, as JSON: the storage takes entries of 1 MiB, its own wrapping included. */
#define VAULT_RECORD_MAX ((size_t)1024 * 1024 - 1024)

enum store_err vault_read(struct store_ctx *ctx, const char *key, struct store_record *out);
enum store_err vault_read_many(struct store_ctx *ctx, const char *const *keys, size_t count,
                               store_each_fn *each, void *arg);
enum store_err vault_list(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                          store_each_fn *each, void *arg);
enum store_err vault_write(struct store_ctx *ctx, const char *key, const struct store_secret *value,
                           const char *if_version, struct store_record *out);
enum store_err vault_remove(struct store_ctx *ctx, const char *key, const char *if_version);
enum store_err vault_versions(struct store_ctx *ctx, const char *key, struct store_versions *out);
enum store_err vault_read_version(struct store_ctx *ctx, const char *key, const char *id,
                                  struct store_record *out);
enum store_err vault_retire(struct store_ctx *ctx, const char *key);
enum store_err vault_restore(struct store_ctx *ctx, const char *key, const char *id);
enum store_err vault_destroy(struct store_ctx *ctx, const char *key);
void vault_health(struct store_ctx *ctx, struct store_health *out);
void vault_examine(struct store_ctx *ctx, store_finding_fn *each, void *arg);

/* Makes sure, once, that the mount is a KV engine of version 2: a write to one of version 1 would
 * make a secret named data/… there and seem to succeed. BAD_CONF, logged with the remedy. */
enum store_err vault_mount_check(struct store_ctx *ctx, int64_t deadline_ns) STORE_CHECKED;

/* {mount}/{part}/{prefix}/{key}, `part` being "data" or "metadata". BAD_KEY, logged. */
enum store_err vault_kv_path(const struct store_ctx *ctx, const char *part, const char *key,
                             struct vault_path *out) STORE_CHECKED;

/* The same path as policies write it: not escaped, without a '/' at either end. `key` may be "". */
void vault_policy_path(const struct store_ctx *ctx, const char *part, const char *key,
                       char out[VAULT_PATH_SIZE]);

/* Fills `out` if the token's policies let it read no secret, or if the mount does not exist, and
 * reads no secret to find out. If the token may not ask for its policies, any right to the mount
 * passes. */
void vault_rights_check(struct store_ctx *ctx, int64_t deadline_ns, struct store_health *out);

/* The secret under a key, in the reply to a read. */
struct vault_found {
    struct json_value data; /* absent if there is no secret */
    bool marked;            /* a removal of ours is in progress, or was cut off */
    int64_t version;        /* KV's; 0 if there has never been one */
    int64_t written_ns;
};

/* A time of Vault's; 0 if the member is absent or empty. */
int64_t vault_kv_time(struct json_value from, const char *member);

/* Parses the reply to a call of `data`. NOT_FOUND, with the version, for a deleted or destroyed
 * secret; UNAVAILABLE, logged, for a reply that is not KV's. */
enum store_err vault_kv_parse(const struct vault_call *call, enum store_err err, const char *key,
                              struct vault_found *out) STORE_CHECKED;

/* True if the data of a secret is fields of another program, so that their object is the value. */
bool vault_kv_has_fields(struct json_value data);

/* Parses the record that was found. CORRUPT, logged. */
enum store_err vault_kv_record(const struct store_ctx *ctx, const struct vault_found *found,
                               const char *key, struct store_record *out) STORE_CHECKED;

/* The member that a removal adds to a secret before it deletes it, so that only one of several
 * removals and writes wins (remove.c). */
#define VAULT_REMOVED "removed_by_sideseat"

#endif
