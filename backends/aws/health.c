/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/operations.h"

#include <stdio.h>
#include <string.h>

#include "backends/aws/answer.h"
#include "backends/aws/secret_value.h"
#include "backends/aws/xml.h"
#include "store/scope.h"

static void health_fail(const struct store_ctx *ctx, const struct aws_call *call,
                        enum store_err err, struct store_health *out)
{
    char came[AWS_CAME_SIZE];
    const char *region = atomic_load(&ctx->located) ? ctx->region : "no region";

    out->err = err;
    if (call->foreign) {
        aws_answer_came(&call->exchange, came);
        (void)snprintf(out->text, sizeof out->text, "%s is answered by something else: %.150s",
                       call->operation, came);
    } else if (call->fault != NULL) {
        (void)snprintf(out->text, sizeof out->text, "%s in %s is refused: %s", call->operation,
                       region, call->exchange.code);
    } else if (call->exchange.why[0] != '\0') {
        (void)snprintf(out->text, sizeof out->text, "%.100s: %s: %.100s", call->endpoint.url,
                       store_err_text(err), call->exchange.why);
    } else {
        (void)snprintf(out->text, sizeof out->text, "%s (%s in %s)", store_err_text(err),
                       call->operation, region);
    }
    if (call->fault != NULL && call->fault->remedy != NULL)
        (void)snprintf(out->remedy, sizeof out->remedy, "%s", call->fault->remedy);
    else if (call->logged)
        (void)snprintf(out->remedy, sizeof out->remedy, "the log says why, and what to do");
    else if (err == STORE_BAD_CONF)
        (void)snprintf(out->remedy, sizeof out->remedy,
                       "correct the settings; the log names the wrong one");
    else
        (void)snprintf(out->remedy, sizeof out->remedy,
                       "check the network, the region and the endpoint settings");
}

void aws_health_by_identity(struct store_ctx *ctx, const struct aws_net *net,
                            char arn[AWS_PRINCIPAL_ARN_SIZE], struct store_health *out)
{
    AUTO_CALL call = {
        .service = AWS_STS, .operation = "GetCallerIdentity", .what = "health", .proof = "Arn"};
    struct aws_xml_field found = {.element = "Arn"};
    enum store_err err = aws_form_add_text(&call.body, "Action", "GetCallerIdentity");

    arn[0] = '\0';
    if (err == STORE_OK)
        err = aws_form_add_text(&call.body, "Version", "2011-06-15");
    if (err == STORE_OK)
        err = aws_call_run(ctx, net, &call);
    if (err != STORE_OK) {
        health_fail(ctx, &call, err, out);
        return;
    }
    if (aws_xml_read(&call.exchange.reply, &found, 1) == STORE_OK &&
        found.value.len < AWS_PRINCIPAL_ARN_SIZE)
        (void)snprintf(arn, AWS_PRINCIPAL_ARN_SIZE, "%.*s", (int)found.value.len,
                       (const char *)found.value.data);
    aws_xml_clear(&found, 1);
    (void)snprintf(out->text, sizeof out->text, "%.180s in %s",
                   arn[0] != '\0' ? arn : "an identity that STS does not name", ctx->region);
}

/* Asks for a version that no secret has, so that none is read: "no such secret" comes only to an
 * identity that may read. One that may read some keys alone is known by having read one. */
static void health_by_read(struct store_ctx *ctx, const struct aws_net *net,
                           struct store_health *out)
{
    AUTO_CALL call = {.operation = "GetSecretValue", .what = "health"};
    struct json_writer *w = NULL;
    enum store_err err = aws_body_begin(ctx, "SecretId", "global/health", &w);

    if (err == STORE_OK) {
        json_write_key(w, "VersionStage");
        json_write_text(w, "sideseat-health");
        json_write_object_end(w);
        err = json_write_end(w, &call.body);
    }
    if (err == STORE_OK)
        err = aws_call_run(ctx, net, &call);
    if (err == STORE_OK || err == STORE_NOT_FOUND ||
        aws_call_refused(&call, "InvalidRequestException"))
        return; /* the last is what a secret that is being deleted gets */
    if (err != STORE_DENIED) {
        health_fail(ctx, &call, err, out);
        return;
    }
    if (atomic_load(&ctx->may_read))
        return;
    out->err = err;
    (void)snprintf(out->text, sizeof out->text,
                   "%.100s does not let this identity read %.60s/global/health: %.40s",
                   ctx->endpoint.url, ctx->prefix, call.exchange.code);
    (void)snprintf(out->remedy, sizeof out->remedy, "%s",
                   call.fault != NULL && call.fault->remedy != NULL ? call.fault->remedy : "");
}

void aws_health(struct store_ctx *ctx, struct store_health *out)
{
    const struct aws_net net = aws_context_net(ctx);
    char arn[AWS_PRINCIPAL_ARN_SIZE];

    *out = (struct store_health){0};
    /* behind an endpoint of the user's own there need not be an STS */
    if (ctx->settings.endpoint_url == NULL)
        aws_health_by_identity(ctx, &net, arn, out);
    if (out->err == STORE_OK)
        health_by_read(ctx, &net, out);
    if (out->err != STORE_OK)
        return;
    if (out->text[0] == '\0')
        (void)snprintf(out->text, sizeof out->text, "%.150s, region %s", ctx->endpoint.url,
                       ctx->region);
    store_scope_tell_unnamed(out->text, sizeof out->text, atomic_load(&ctx->unnamed));
}
