/* SPDX-License-Identifier: Apache-2.0 */
#include "operations.h"

#include <stdio.h>
#include <string.h>

#include "call.h"
#include "xml.h"

/* Whose keys these are, as STS says. */
static void caller_take(const struct aws_call *call, char *out, size_t size)
{
    struct aws_xml_field arn = {.element = "Arn"};

    (void)snprintf(out, size, "an identity that STS does not name");
    if (aws_xml_read(&call->exchange.reply, &arn, 1) == STORE_OK && arn.value.len > 0)
        (void)snprintf(out, size, "%.*s", (int)arn.value.len, (const char *)arn.value.data);
    aws_xml_clear(&arn, 1);
}

static void health_fail(struct store_ctx *ctx, struct aws_call *call, enum store_err err,
                        struct store_health *out)
{
    out->err = err;
    if (call->fault != NULL)
        (void)snprintf(out->text, sizeof out->text, "STS in %s refuses the credentials: %s",
                       ctx->region, call->exchange.code);
    else
        (void)snprintf(out->text, sizeof out->text, "%s (asking STS in %s who we are)",
                       store_err_text(err), ctx->region[0] != '\0' ? ctx->region : "no region");
    if (call->fault != NULL && call->fault->remedy != NULL)
        (void)snprintf(out->remedy, sizeof out->remedy, "%s", call->fault->remedy);
    else if (err == STORE_AUTH)
        (void)snprintf(out->remedy, sizeof out->remedy,
                       "renew the credentials: aws configure, or aws sso login");
    else if (err == STORE_BAD_CONF)
        (void)snprintf(out->remedy, sizeof out->remedy,
                       "correct the settings; the log names the wrong one");
    else
        (void)snprintf(out->remedy, sizeof out->remedy,
                       "check the network, the region and the endpoint settings");
}

/* sts:GetCallerIdentity needs no permission and reads no secret. */
void aws_health(struct store_ctx *ctx, struct store_health *out)
{
    const struct aws_net net = aws_context_net(ctx);
    AUTO_CALL call = {.service = AWS_STS, .operation = "GetCallerIdentity", .what = "health"};
    char caller[180];
    enum store_err err;

    *out = (struct store_health){0};
    err = aws_form_add_text(&call.body, "Action", "GetCallerIdentity");
    if (err == STORE_OK)
        err = aws_form_add_text(&call.body, "Version", "2011-06-15");
    if (err == STORE_OK)
        err = aws_call_run(ctx, &net, &call);
    if (err != STORE_OK) {
        health_fail(ctx, &call, err, out);
        return;
    }
    caller_take(&call, caller, sizeof caller);
    (void)snprintf(out->text, sizeof out->text, "%s in %s", caller, ctx->region);
}
