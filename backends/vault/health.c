/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/kv.h"

#include <stdio.h>

#include "backends/vault/fault.h"
#include "backends/vault/token.h"
#include "store/scope.h"

/* https://developer.hashicorp.com/vault/api-docs/system/health */

/* Asks the server for its state, without a token. */
static enum store_err server_check(struct store_ctx *ctx, int64_t deadline_ns,
                                   struct store_health *out)
{
    AUTO_CALL call = {.what = "asking for the health of the server",
                      .method = "GET",
                      .deadline_ns = deadline_ns,
                      .silent = true};
    const struct vault_fault *fault;
    enum store_err err;

    TRY(vault_path_add(&call.path, "/sys/health?standbyok=true&perfstandbyok=true"));
    err = vault_request_run(ctx, &call, NULL);
    if (err == STORE_OK)
        return STORE_OK;
    if (call.status == 0 || call.foreign) {
        (void)snprintf(out->text, sizeof out->text, "%.100s: %s%.120s", ctx->address,
                       call.foreign ? "the reply is not from Vault: " : "", call.why);
        (void)snprintf(out->remedy, sizeof out->remedy, "check vault.address and the network");
        return err;
    }
    fault = vault_fault_find(call.status, call.status == 503 ? "sealed" : "");
    (void)snprintf(out->text, sizeof out->text, "%.180s answers HTTP %d", ctx->address,
                   call.status);
    (void)snprintf(out->remedy, sizeof out->remedy, "%s", fault->remedy);
    return err;
}

void vault_health(struct store_ctx *ctx, struct store_health *out)
{
    int64_t deadline_ns = vault_deadline(ctx);

    *out = (struct store_health){.err = STORE_OK};
    out->err = server_check(ctx, deadline_ns, out);
    if (out->err != STORE_OK)
        return;
    out->err = vault_token_check(ctx, deadline_ns);
    if (out->err == STORE_OK)
        out->err = vault_mount_check(ctx, deadline_ns);
    if (out->err == STORE_OK)
        vault_rights_check(ctx, deadline_ns, out);
    if (out->remedy[0] != '\0')
        return;
    if (out->err == STORE_OK) {
        (void)snprintf(out->text, sizeof out->text, "%.140s, mount %.60s, login by %.20s",
                       ctx->address, ctx->mount, ctx->method);
        store_scope_tell_unnamed(out->text, sizeof out->text, atomic_load(&ctx->unnamed));
        return;
    }
    (void)snprintf(out->text, sizeof out->text, "%.160s: %s", ctx->address,
                   store_err_text(out->err));
    (void)snprintf(out->remedy, sizeof out->remedy, "%s",
                   out->err == STORE_AUTH ? vault_token_remedy(ctx)
                   : out->err == STORE_BAD_CONF
                       ? "set vault.mount to a KV version 2 engine (vault secrets list)"
                       : "see the line before this one in the log");
}
