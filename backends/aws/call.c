/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/call.h"

#include <stdio.h>
#include <string.h>

#include "backends/aws/answer.h"
#include "backends/aws/retry.h"
#include "backends/aws/sign.h"
#include "store/log.h"
#include "store/time.h"
#include "backends/aws/xml.h"

#define JSON_TYPE "application/x-amz-json-1.1"
#define FORM_TYPE "application/x-www-form-urlencoded; charset=utf-8"

void aws_call_clear(struct aws_call *call)
{
    json_free(call->document);
    call->document = NULL;
    aws_exchange_clear(&call->exchange);
    store_secret_wipe(&call->body);
}

/* The endpoint and the operation. */
static enum store_err call_endpoint(struct store_ctx *ctx, struct aws_call *call)
{
    AUTO_PROFILES profiles = {0};

    if (call->service == AWS_SECRETS_MANAGER) {
        call->endpoint = ctx->endpoint;
        return STORE_OK;
    }
    TRY(aws_profiles_load(&profiles, &ctx->settings));
    return aws_endpoint_find(&profiles, call->service, ctx->region, &call->endpoint);
}

/* Builds the next attempt's request: the headers, signed with the present time, and the body. */
static enum store_err call_sign(struct store_ctx *ctx, struct aws_call *call,
                                const struct aws_keys *keys)
{
    const struct aws_endpoint *endpoint = &call->endpoint;
    bool json = call->service == AWS_SECRETS_MANAGER;
    const char *type = json ? JSON_TYPE : FORM_TYPE;
    struct aws_exchange *exchange = &call->exchange;
    struct aws_signature signature;
    struct aws_sign_header headers[2];
    char target[64];
    struct aws_sign_request request = {
        .region = aws_signing_region(call->service, ctx->region),
        .service = aws_service_name(call->service),
        .host = endpoint->host,
        .path = endpoint->path,
        .headers = headers,
        .header_count = json ? 2 : 1,
        .body = call->body.data,
        .body_len = call->body.len,
    };

    (void)snprintf(target, sizeof target, "secretsmanager.%s", call->operation);
    headers[0] = (struct aws_sign_header){"content-type", type, strlen(type)};
    headers[1] = (struct aws_sign_header){"x-amz-target", target, strlen(target)};
    TRY(aws_sign(&ctx->crypto, &request, keys, aws_clock_now(&ctx->clock), &signature));
    aws_exchange_clear(exchange);
    *exchange = (struct aws_exchange){
        .method = "POST", .url = endpoint->url, .direct = aws_host_loopback(endpoint->host)};
    store_secret_share(&exchange->body, &call->body);
    TRY(aws_exchange_header_text(exchange, "Content-Type", type));
    if (json)
        TRY(aws_exchange_header_text(exchange, "X-Amz-Target", target));
    TRY(aws_exchange_header_text(exchange, "X-Amz-Date", signature.date));
    if (keys->token.len > 0)
        TRY(aws_exchange_header(exchange, "X-Amz-Security-Token", keys->token.data,
                                keys->token.len));
    return aws_exchange_header_text(exchange, "Authorization", signature.authorization);
}

/* True if the document is XML and has the element that the service's answer always has. */
static bool xml_fits(const struct aws_call *call)
{
    struct aws_xml_field proof = {.element = call->proof};
    bool fits = aws_xml_read(&call->exchange.reply, &proof, 1) == STORE_OK && proof.value.len > 0;

    aws_xml_clear(&proof, 1);
    return fits;
}

/* True if a refusal in XML is credible. Gateways before every service check identity and rights and
 * answer in XML; the service itself reports on secrets, in JSON. */
static bool xml_may_say(const struct aws_exchange *exchange)
{
    enum store_err err = aws_fault_find(exchange->status, exchange->code)->err;

    return err == STORE_AUTH || err == STORE_DENIED || err == STORE_UNAVAILABLE;
}

/* AWS reports a missing or an existing secret with a status of 4xx only. */
static bool status_fits(const struct aws_exchange *exchange)
{
    enum store_err err = aws_fault_find(exchange->status, exchange->code)->err;

    return (exchange->status >= 400 && exchange->status < 500) ||
           (exchange->status >= 500 && err != STORE_NOT_FOUND && err != STORE_CONFLICT);
}

/* Checks that the answer is one of AWS; keeps its document. */
static enum store_err call_own(struct aws_call *call, bool *own)
{
    const struct aws_exchange *exchange = &call->exchange;
    bool json = call->service == AWS_SECRETS_MANAGER;
    enum store_err err = STORE_OK;

    if (exchange->status != 200) {
        *own = exchange->code[0] != '\0' && status_fits(exchange) &&
               (exchange->form == AWS_FORM_JSON ||
                (exchange->form == AWS_FORM_XML && xml_may_say(exchange)));
        return STORE_OK;
    }
    if (json)
        err = json_read(&call->document, &exchange->reply, NULL);
    *own = json ? err == STORE_OK && aws_answer_fits(call->operation, json_root(call->document))
                : xml_fits(call);
    return err == STORE_NO_MEMORY ? err : STORE_OK;
}

/* Makes one attempt. An error without a fault means that no answer came. */
static enum store_err call_attempt(struct store_ctx *ctx, const struct aws_net *net,
                                   struct aws_call *call, const struct aws_keys *keys)
{
    bool own = false;

    call->fault = NULL;
    call->foreign = false;
    json_free(call->document);
    call->document = NULL;
    TRY(call_endpoint(ctx, call));
    TRY(call_sign(ctx, call, keys));
    TRY(aws_exchange_run(net, &call->exchange));
    TRY(call_own(call, &own));
    if (own && call->exchange.status == 200)
        return STORE_OK;
    call->foreign = !own;
    call->fault = own ? aws_fault_find(call->exchange.status, call->exchange.code)
                      : aws_fault_foreign(call->exchange.status);
    if (own)
        call->fault = aws_fault_by_message(call->fault, &call->exchange.reply);
    return call->fault->err;
}

/* True if a fault outside of the request has been corrected, so that another attempt is due at
 * once: the clock, or keys that have been replaced meanwhile. Each helps once. */
static bool call_mended(struct store_ctx *ctx, const struct aws_net *net, struct aws_call *call,
                        struct aws_keys *keys, unsigned *mended)
{
    unsigned flags = call->fault == NULL ? 0 : call->fault->flags & ~*mended;
    AUTO_KEYS newer = {0};

    if ((flags & AWS_FAULT_CLOCK) != 0 && aws_clock_correct(&ctx->clock, &call->exchange)) {
        *mended |= AWS_FAULT_CLOCK;
        return true;
    }
    if ((flags & AWS_FAULT_KEYS) == 0)
        return false;
    *mended |= AWS_FAULT_KEYS;
    aws_identity_refused(&ctx->identity, keys);
    if (aws_identity_keys(&ctx->identity, net, &newer) != STORE_OK) {
        call->logged = true;
        return false;
    }
    if (strcmp(newer.id, keys->id) == 0 &&
        store_secret_equal(&newer.secret, keys->secret.data, keys->secret.len) &&
        store_secret_equal(&newer.token, keys->token.data, keys->token.len))
        return false;
    aws_keys_share(keys, &newer);
    return true;
}

enum store_err aws_call_run(struct store_ctx *ctx, const struct aws_net *net, struct aws_call *call)
{
    struct aws_retry retry = aws_retry_begin(&ctx->budget, ctx->attempts, net->deadline_ns);
    unsigned mended = 0;
    AUTO_KEYS keys = {0};
    enum store_err err = aws_context_locate(ctx, net, NULL);

    if (err == STORE_OK)
        err = aws_identity_keys(&ctx->identity, net, &keys);
    if (err != STORE_OK) {
        call->logged = true;
        return err;
    }
    for (;;) {
        err = call_attempt(ctx, net, call, &keys);
        if (err == STORE_OK)
            break;
        if (call->fault != NULL && (call->fault->flags & AWS_FAULT_RETRY) == 0) {
            if (call_mended(ctx, net, call, &keys, &mended))
                continue;
            break;
        }
        if (call->fault == NULL &&
            (call->exchange.hopeless || (err != STORE_UNAVAILABLE && err != STORE_TIMEOUT)))
            break;
        call->replayed |= call->fault == NULL || call->exchange.status >= 500;
        if (!aws_retry_wait(&retry, err == STORE_TIMEOUT, call->exchange.retry_after_ms))
            break;
    }
    aws_retry_done(&retry, err == STORE_OK);
    return err;
}

bool aws_call_refused(const struct aws_call *call, const char *code)
{
    return call->fault != NULL && !call->foreign && strcmp(call->exchange.code, code) == 0;
}

/* AWS's own message, for errors whose message cannot hold a value: the denials. */
static void denial_text(const struct aws_call *call, char *out, size_t size)
{
    AUTO_JSON document = NULL;
    struct json_value root;

    out[0] = '\0';
    if (call->fault->err != STORE_DENIED ||
        json_read(&document, &call->exchange.reply, NULL) != STORE_OK)
        return;
    root = json_root(document);
    if (json_text(json_member(root, "Message"), out, size) != STORE_OK &&
        json_text(json_member(root, "message"), out, size) != STORE_OK)
        out[0] = '\0';
    for (char *p = out; *p != '\0'; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
}

/* What to do about a service that did not answer. */
static const char *unreached_remedy(enum store_err err)
{
    if (err == STORE_UNAVAILABLE)
        return "; check aws.region, aws.endpoint_url and the network";
    return err == STORE_TIMEOUT ? "; check the network, or raise timeout_ms" : "";
}

enum store_err aws_call_failed(struct aws_call *call, enum store_err err)
{
    char text[600];

    if (call->logged || err == STORE_NOT_FOUND || err == STORE_CONFLICT)
        return err;
    call->logged = true;
    if (call->fault == NULL) {
        store_log(STORE_LOG_ERROR, "aws: %s of %s: %s: %s%s", call->operation, call->what,
                  store_err_text(err), call->exchange.why, unreached_remedy(err));
        return err;
    }
    if (call->foreign) {
        (void)snprintf(text, sizeof text, "(%s of %s)", call->operation, call->what);
        (void)!aws_answer_foreign(&call->exchange, "AWS", text);
        return err;
    }
    denial_text(call, text, sizeof text);
    store_log(STORE_LOG_ERROR, "aws: %s of %s is refused: %s (HTTP %d)%s%s%s%s", call->operation,
              call->what, call->exchange.code[0] != '\0' ? call->exchange.code : "no error name",
              call->exchange.status, text[0] != '\0' ? ": " : "", text,
              call->fault->remedy != NULL ? "; " : "",
              call->fault->remedy != NULL ? call->fault->remedy : "");
    return err;
}
