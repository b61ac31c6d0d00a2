/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/kv.h"

#include <string.h>

#include "store/log.h"

/* https://developer.hashicorp.com/vault/api-docs/system/internal-ui-mounts */

/* Judges the server's description of the mount. */
static enum store_err mount_judge(const struct store_ctx *ctx, struct json_value data)
{
    bool kv;

    if (json_type(json_member(data, "type")) != JSON_STRING) {
        store_log(STORE_LOG_ERROR,
                  "vault: the reply about the mount %s at %s is not from Vault; check "
                  "vault.address and the proxy before the server",
                  ctx->mount, ctx->address);
        return STORE_UNAVAILABLE;
    }
    kv = json_is(json_member(data, "type"), "kv") || json_is(json_member(data, "type"), "generic");
    if (kv && json_is(json_path(data, "options", "version", NULL), "2"))
        return STORE_OK;
    if (kv)
        store_log(STORE_LOG_ERROR,
                  "vault: the mount %s at %s is a KV engine of version 1, which has no versions; "
                  "upgrade it (vault kv enable-versioning %s) or set vault.mount to another",
                  ctx->mount, ctx->address, ctx->mount);
    else
        store_log(
            STORE_LOG_ERROR,
            "vault: the mount %s at %s is not a KV engine; set vault.mount to one of version 2",
            ctx->mount, ctx->address);
    return STORE_BAD_CONF;
}

enum store_err vault_mount_check(struct store_ctx *ctx, int64_t deadline_ns)
{
    AUTO_CALL call = {
        .what = "looking at the mount", .method = "GET", .deadline_ns = deadline_ns, .quiet = true};
    enum store_err err;

    if (ctx->mount_known)
        return STORE_OK;
    TRY(vault_path_add(&call.path, "/sys/internal/ui/mounts"));
    TRY(vault_path_segments(&call.path, ctx->mount));
    err = vault_call_run(ctx, &call);
    if (call.foreign)
        return err;
    /* Vault says 403 if the mount does not exist or the token has no right to it, and 400 or 404 if
     * the server or the namespace lacks this call. The operation itself will tell. */
    if (call.status == 400 || call.status == 404 || err == STORE_DENIED)
        return STORE_OK;
    if (err != STORE_OK && call.status != 0 && err != STORE_AUTH)
        store_log(STORE_LOG_ERROR,
                  "vault: looking at the mount %s at %s: HTTP %d: %s; see the "
                  "server's state with: vault status",
                  ctx->mount, ctx->address, call.status, store_err_text(err));
    TRY(err);
    TRY(mount_judge(ctx, json_member(json_root(call.reply), "data")));
    ctx->mount_known = true;
    return STORE_OK;
}
