/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/call.h"

#include <string.h>

#include "backends/vault/token.h"

enum store_err vault_call_run(struct store_ctx *ctx, struct vault_call *call)
{
    AUTO_SECRET token = {0};
    struct vault_attempt attempt;
    enum store_err err;

    call->may_miss = strcmp(call->method, "GET") == 0;
    TRY(vault_token_get(ctx, call->deadline_ns, &token));
    err = vault_attempts_run(ctx, call, &token, &attempt);
    if (call->status == 403 && !call->foreign &&
        vault_token_ended(ctx, &token, err, call->deadline_ns)) {
        TRY(vault_token_replace(ctx, &token, call->deadline_ns));
        (void)!vault_attempts_run(ctx, call, &token, &attempt);
    }
    return vault_attempt_tell(ctx, call, &attempt);
}

bool vault_call_refused(struct store_ctx *ctx, struct vault_call *call,
                        const struct store_secret *token, enum store_err *err)
{
    struct vault_attempt attempt = {.err = STORE_OK};

    call->status = 403;
    vault_attempt_judge(call, &attempt);
    if (vault_token_ended(ctx, token, attempt.err, call->deadline_ns))
        return false;
    *err = vault_attempt_tell(ctx, call, &attempt);
    return true;
}
