/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/kv.h"

#include "backends/vault/batch.h"

enum store_err vault_read(struct store_ctx *ctx, const char *key, struct store_record *out)
{
    struct vault_found found;
    AUTO_CALL call = {.what = "reading", .method = "GET", .deadline_ns = vault_deadline(ctx)};
    enum store_err err;

    store_record_clear(out);
    TRY(vault_kv_path(ctx, "data", key, &call.path));
    TRY(vault_mount_check(ctx, call.deadline_ns));
    err = vault_call_run(ctx, &call);
    TRY(vault_kv_parse(&call, err, key, &found));
    return vault_kv_record(ctx, &found, key, out);
}

/* A bulk read. */
struct bulk {
    struct store_ctx *ctx;
    const char *const *keys;
    store_each_fn *each;
    void *arg;
};

static enum store_err bulk_deliver(void *arg, size_t index, enum store_err err,
                                   const struct vault_call *call)
{
    struct bulk *bulk = arg;
    const char *key = bulk->keys[index];
    struct vault_found found;
    AUTO_RECORD record = {0};

    err = vault_kv_parse(call, err, key, &found);
    if (err == STORE_OK)
        err = vault_kv_record(bulk->ctx, &found, key, &record);
    return bulk->each(bulk->arg, key, err, err == STORE_OK ? &record : NULL);
}

static enum store_err bulk_path(void *arg, size_t index, struct vault_path *out)
{
    struct bulk *bulk = arg;

    return vault_kv_path(bulk->ctx, "data", bulk->keys[index], out);
}

enum store_err vault_read_many(struct store_ctx *ctx, const char *const *keys, size_t count,
                               store_each_fn *each, void *arg)
{
    struct bulk bulk = {.ctx = ctx, .keys = keys, .each = each, .arg = arg};
    const struct vault_batch batch = {.what = "reading",
                                      .count = count,
                                      .deadline_ns = vault_deadline(ctx),
                                      .path = bulk_path,
                                      .reply = bulk_deliver,
                                      .arg = &bulk};

    TRY(vault_mount_check(ctx, batch.deadline_ns));
    return vault_batch_run(ctx, &batch);
}
