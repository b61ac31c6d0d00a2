/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/operations.h"

#include <stdio.h>
#include <string.h>

#include "backends/aws/answer.h"
#include "backends/aws/secret_value.h"
#include "backends/aws/xml.h"
#include "backends/http/http.h"
#include "store/scope.h"

/* Whose keys these are, as STS says. */
static void caller_parse(const struct aws_call *call, char *out, size_t size)
{
    struct aws_xml_field arn = {.element = "Arn"};

    (void)snprintf(out, size, "an identity that STS does not name");
    if (aws_xml_read(&call->exchange.reply, &arn, 1) == STORE_OK && arn.value.len > 0)
        (void)snprintf(out, size, "%.*s", (int)arn.value.len, (const char *)arn.value.data);
    aws_xml_clear(&arn, 1);
}

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
    } else {
        (void)snprintf(out->text, sizeof out->text, "%s (%s in %s)", store_err_text(err),
                       call->operation, region);
    }
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

/* Who are we? sts:GetCallerIdentity needs no permission. */
static void health_by_identity(struct store_ctx *ctx, const struct aws_net *net,
                               struct store_health *out)
{
    AUTO_CALL call = {.service = AWS_STS, .operation = "GetCallerIdentity", .what = "health"};
    char caller[180];
    enum store_err err = aws_form_add_text(&call.body, "Action", "GetCallerIdentity");

    if (err == STORE_OK)
        err = aws_form_add_text(&call.body, "Version", "2011-06-15");
    if (err == STORE_OK)
        err = aws_call_run(ctx, net, &call);
    if (err != STORE_OK) {
        health_fail(ctx, &call, err, out);
        return;
    }
    caller_parse(&call, caller, sizeof caller);
    (void)snprintf(out->text, sizeof out->text, "%s in %s", caller, ctx->region);
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
                   "%.100s can be reached, but %.40s refuses to read %.60s/global/health",
                   ctx->endpoint.url, call.exchange.code, ctx->prefix);
    (void)snprintf(out->remedy, sizeof out->remedy, "%s",
                   call.fault != NULL && call.fault->remedy != NULL ? call.fault->remedy : "");
}

void aws_health(struct store_ctx *ctx, struct store_health *out)
{
    const struct aws_net net = aws_context_net(ctx);

    *out = (struct store_health){0};
    /* behind an endpoint of the user's own there need not be an STS */
    if (ctx->settings.endpoint_url == NULL)
        health_by_identity(ctx, &net, out);
    if (out->err == STORE_OK)
        health_by_read(ctx, &net, out);
    if (out->err != STORE_OK)
        return;
    if (out->text[0] == '\0')
        (void)snprintf(out->text, sizeof out->text, "%.150s, region %s", ctx->endpoint.url,
                       ctx->region);
    store_scope_tell_unnamed(out->text, sizeof out->text, atomic_load(&ctx->unnamed));
}

/* For doctor: the identity, which needs no permission, and the libraries. */
void aws_examine(struct store_ctx *ctx, store_finding_fn *each, void *arg)
{
    const struct aws_net net = aws_context_net(ctx);
    struct store_health identity = {0};

    health_by_identity(ctx, &net, &identity);
    if (identity.err == STORE_OK)
        store_finding_tell(each, arg, "identity", STORE_OK, "", "%s", identity.text);
    else
        store_finding_tell(each, arg, "identity", STORE_OK, "", "not known: %.200s", identity.text);
    store_finding_tell(each, arg, "libraries", STORE_OK, "", "%.250s", http_libraries());
}
