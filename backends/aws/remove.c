/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/operations.h"

#include <string.h>

#include "backends/aws/secret_value.h"
#include "store/log.h"

enum store_err aws_deletion_pending(const struct store_ctx *ctx, const char *key)
{
    char name[AWS_NAME_MAX + 1];

    if (aws_name_encode(ctx->prefix, key, name, NULL) != STORE_OK)
        return STORE_TOO_BIG;
    store_log(
        STORE_LOG_ERROR,
        "aws: %s is scheduled for deletion, so it cannot be written; bring it back first with: "
        "sideseat-secrets undelete, or aws secretsmanager restore-secret --region %s --secret-id "
        "%s",
        key, ctx->region, name);
    return STORE_UNSUPPORTED;
}

static enum store_err delete_run(struct store_ctx *ctx, const struct aws_net *net,
                                 struct aws_call *call, long days)
{
    struct json_writer *w;

    TRY(aws_body_begin(ctx, "SecretId", call->what, &w));
    if (days == 0) {
        json_write_key(w, "ForceDeleteWithoutRecovery");
        json_write_flag(w, true);
    } else {
        json_write_key(w, "RecoveryWindowInDays");
        json_write_integer(w, days);
    }
    json_write_object_end(w);
    TRY(json_write_end(w, &call->body));
    return aws_call_run(ctx, net, call);
}

enum store_err aws_secret_delete(struct store_ctx *ctx, const struct aws_net *net, const char *key,
                                 long days)
{
    AUTO_CALL call = {.operation = "DeleteSecret", .what = key};
    enum store_err err = delete_run(ctx, net, &call, days);

    if (err == STORE_OK)
        return STORE_OK;
    /* a repeated request meets its own result */
    if (err == STORE_NOT_FOUND)
        return call.replayed ? STORE_OK : STORE_NOT_FOUND;
    if (err == STORE_UNSUPPORTED && aws_value_deleted(ctx, net, key, &call))
        return call.replayed ? STORE_OK : STORE_NOT_FOUND;
    return aws_call_failed(&call, err);
}

static enum store_err secret_restore(struct store_ctx *ctx, const struct aws_net *net,
                                     const char *key)
{
    AUTO_CALL call = {.operation = "RestoreSecret", .what = key};
    enum store_err err;

    TRY(aws_body_id(ctx, key, &call.body));
    err = aws_call_run(ctx, net, &call);
    return err == STORE_OK ? err : aws_call_failed(&call, err);
}

/* Checks that the secret exists at the expected version. An identity that may not describe reads
 * instead. */
static enum store_err version_check(struct store_ctx *ctx, const struct aws_net *net,
                                    const char *key, const char *if_version, bool deleted)
{
    struct aws_description description = {0};
    AUTO_RECORD record = {0};
    enum store_err err = aws_describe(ctx, net, key, &description);

    if (err == STORE_DENIED && !deleted) {
        err = aws_value_read(ctx, net, key, &record, NULL, NULL);
        memcpy(description.version, record.version, sizeof description.version);
        if (err == STORE_NO_VALUE)
            err = STORE_OK;
    }
    TRY(err);
    if (description.deleted != deleted)
        return STORE_NOT_FOUND;
    return if_version == NULL || strcmp(description.version, if_version) == 0 ? STORE_OK
                                                                              : STORE_CONFLICT;
}

/* AWS deletes any version, so we check the version before and after. A secret that is scheduled for
 * deletion accepts no writes: if it then has another version, that writer came first, and we
 * restore the secret. A forced deletion cannot be checked afterwards. */
enum store_err aws_remove(struct store_ctx *ctx, const char *key, const char *if_version)
{
    const struct aws_net net = aws_context_net(ctx);
    bool forced = ctx->recovery_days == 0;

    if (if_version != NULL || forced)
        TRY(version_check(ctx, &net, key, if_version, false));
    TRY(aws_secret_delete(ctx, &net, key, ctx->recovery_days));
    if (if_version == NULL || forced ||
        version_check(ctx, &net, key, if_version, true) != STORE_CONFLICT)
        return STORE_OK;
    TRY(secret_restore(ctx, &net, key));
    return STORE_CONFLICT;
}
