/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/request.h"

#include <stdio.h>
#include <string.h>

#include "backends/http/retry.h"
#include "backends/vault/fault.h"
#include "backends/vault/redirect.h"
#include "backends/vault/reply.h"
#include "store/log.h"
#include "store/time.h"
#include "store/url.h"

#define RETRY_BASE_MS 250
#define RETRY_MOST_MS 4000
#define REPLY_MAX ((size_t)64 * 1024 * 1024) /* a listing of a million names */

void vault_call_clear(struct vault_call *call)
{
    store_secret_wipe(&call->body);
    json_free(call->reply);
    call->reply = NULL;
}

size_t vault_headers(const struct store_ctx *ctx, const struct store_secret *token, bool body,
                     struct http_header out[VAULT_HEADERS])
{
    size_t count = 0;

    /* An agent or a proxy of Vault may demand it, because a forged request from a browser lacks it.
     */
    out[count++] = (struct http_header){"X-Vault-Request", "true", 4};
    if (ctx->namespace != NULL)
        out[count++] =
            (struct http_header){"X-Vault-Namespace", ctx->namespace, strlen(ctx->namespace)};
    if (token != NULL && token->len > 0)
        out[count++] = (struct http_header){"X-Vault-Token", token->data, token->len};
    if (body)
        out[count++] = (struct http_header){"Content-Type", "application/json", 16};
    return count;
}

int64_t vault_request_deadline(const struct store_ctx *ctx, int64_t deadline_ns)
{
    long own_ms = store_conf_number(ctx->conf, "vault.timeout");
    int64_t own_ns = store_time_monotonic() + own_ms * STORE_TIME_MS;

    return own_ms > 0 && own_ns < deadline_ns ? own_ns : deadline_ns;
}

enum store_err vault_url(const char *address, const struct vault_path *path,
                         char out[VAULT_URL_SIZE])
{
    int len = snprintf(out, VAULT_URL_SIZE, "%s/v1%s", address, path->text);

    return len > 0 && len < VAULT_URL_SIZE ? STORE_OK : STORE_BAD_KEY;
}

void vault_request_parse(struct vault_call *call, struct http_reply *reply)
{
    bool empty = reply->body.len == 0;
    enum store_err err = STORE_OK;

    json_free(call->reply);
    call->reply = NULL;
    call->status = reply->status;
    if (!empty)
        err = json_read(&call->reply, &reply->body, NULL);
    if (err != STORE_OK)
        call->reply = NULL;
    call->deep = err == STORE_TOO_BIG && call->status == 200;
    store_secret_wipe(&reply->body);
    call->foreign = call->status != 0 && !call->deep && !vault_reply_own(call, empty);
}

/* Logs why there is no reply. */
static void unreached(const struct store_ctx *ctx, struct vault_call *call,
                      const struct vault_attempt *attempt)
{
    const char *remedy = "check vault.address and the network";

    if (attempt->remedy != NULL)
        remedy = attempt->remedy;
    else if (attempt->reply.untrusted)
        remedy = "set vault.ca_cert (VAULT_CACERT) to the file of the CA that signed it, or "
                 "vault.tls_server_name to the name that it has";
    else if (attempt->err == STORE_TIMEOUT)
        remedy = "check the server and the network, or raise timeout_ms";
    (void)snprintf(call->why, sizeof call->why, "%s",
                   attempt->reply.why[0] == '\0' ? store_err_text(attempt->err)
                                                 : attempt->reply.why);
    if (!call->silent)
        store_log(STORE_LOG_ERROR, "vault: %s at %s: %s; %s", call->what, ctx->address, call->why,
                  remedy);
}

/* Logs the server's refusal, or the reply that did not come from Vault. */
static void refused(const struct store_ctx *ctx, const struct vault_call *call,
                    const struct vault_attempt *attempt)
{
    const struct vault_fault *fault = attempt->fault;
    bool denied = fault->err == STORE_DENIED && call->denied != NULL;

    if (call->silent || (!call->foreign && (fault->remedy[0] == '\0' || call->quiet)))
        return;
    if (call->foreign)
        store_log(STORE_LOG_ERROR, "vault: %s %s at %s: the reply is not from Vault: %s; %s",
                  call->what, call->path.text + 1, ctx->address, call->why, fault->remedy);
    else
        store_log(STORE_LOG_ERROR, "vault: %s %s at %s: HTTP %d%s%s; %s", call->what,
                  call->path.text + 1, ctx->address, call->status,
                  attempt->message[0] == '\0' ? "" : ": ", attempt->message,
                  denied ? call->denied : fault->remedy);
}

/* Sends one request to `url`. */
static void attempt_send(struct store_ctx *ctx, struct vault_call *call, const char *url,
                         const struct store_secret *token, struct vault_attempt *attempt)
{
    char after[64];
    struct http_wanted wanted[] = {{"retry-after", after, sizeof after},
                                   {"location", attempt->location, sizeof attempt->location},
                                   {"content-type", attempt->type, sizeof attempt->type}};
    struct http_header headers[VAULT_HEADERS];
    const struct http_request request = {
        .method = call->method,
        .url = url,
        .headers = headers,
        .header_count = vault_headers(ctx, token, call->body.len > 0, headers),
        .body = &call->body,
        .deadline_ns = vault_request_deadline(ctx, call->deadline_ns),
        .reply_max = REPLY_MAX,
        .direct = vault_host_loopback(url),
        .once = call->once,
    };

    attempt->reply = (struct http_reply){.wanted = wanted, .wanted_count = 3};
    attempt->err = http_run(ctx->http, &request, &attempt->reply);
    attempt->reply.wanted = NULL;
    attempt->asked_ms = http_retry_after(after);
    vault_request_parse(call, &attempt->reply);
    if (attempt->err != STORE_OK)
        attempt->retry = attempt->err != STORE_NO_MEMORY && !attempt->reply.hopeless &&
                         (!call->once || attempt->reply.unsent);
}

/* Sends a request and, if a standby answers, one more to the node that it names. */
static void attempt_run(struct store_ctx *ctx, struct vault_call *call,
                        const struct store_secret *token, struct vault_attempt *attempt)
{
    char url[VAULT_URL_SIZE];
    char place[VAULT_URL_SIZE];

    *attempt = (struct vault_attempt){.err = vault_url(ctx->address, &call->path, url)};
    if (attempt->err != STORE_OK)
        return;
    attempt_send(ctx, call, url, token, attempt);
    if (attempt->err != STORE_OK || (call->status != 307 && call->status != 308))
        return;
    memcpy(url, attempt->location, sizeof url);
    if (!vault_redirect_allowed(ctx, call, url)) {
        store_url_show(url, place, sizeof place);
        (void)snprintf(attempt->reply.why, sizeof attempt->reply.why,
                       "its redirect to %.180s is refused", place[0] == '\0' ? "nowhere" : place);
        attempt->remedy = "set vault.address to the active node, or name the cluster's other hosts "
                          "in vault.nodes";
        attempt->err = STORE_UNAVAILABLE;
        call->status = 0;
        return;
    }
    attempt_send(ctx, call, url, token, attempt);
}

/* Describes a reply that did not come from Vault, without quoting it. */
static void foreign_describe(struct vault_call *call, const struct vault_attempt *attempt)
{
    char place[VAULT_URL_SIZE];

    store_url_show(attempt->location, place, sizeof place);
    (void)snprintf(call->why, sizeof call->why, "HTTP %d, %.60s%s%.120s", call->status,
                   attempt->type[0] == '\0' ? "without a Content-Type" : attempt->type,
                   place[0] == '\0' ? "" : ", with a redirect to ", place);
    for (char *c = call->why; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c >= 0x7f)
            *c = '?';
}

void vault_attempt_judge(struct vault_call *call, struct vault_attempt *attempt)
{
    static const struct vault_fault too_deep = {
        .status = 200, .err = STORE_CORRUPT, .remedy = "look at it with: vault kv get"};
    const struct vault_fault *fault;

    if (call->deep) {
        attempt->fault = &too_deep;
        attempt->err = too_deep.err;
        (void)snprintf(attempt->message, sizeof attempt->message,
                       "it is nested more than %d levels deep", JSON_DEPTH_MAX);
        return;
    }
    if (!call->foreign && (call->status == 200 || call->status == 204))
        return;
    vault_fault_message(call->reply, attempt->message);
    fault = call->foreign ? vault_fault_foreign(call->status)
                          : vault_fault_find(call->status, attempt->message);
    if (call->foreign)
        foreign_describe(call, attempt);
    /* the 404 of a login or a write says nothing about a secret */
    if (fault->err == STORE_NOT_FOUND && !call->may_miss)
        fault = vault_fault_find(call->status, "unexpected");
    attempt->fault = fault;
    attempt->err = fault->err;
    attempt->retry =
        fault->retry || (fault->status == 0 && !call->once && http_retry_status(call->status));
}

enum store_err vault_attempts_run(struct store_ctx *ctx, struct vault_call *call,
                                  const struct store_secret *token, struct vault_attempt *attempt)
{
    struct http_retry retry = {
        .attempts = (int)store_conf_number(ctx->conf, "vault.max_retries") + 1,
        .base_ms = RETRY_BASE_MS,
        .most_ms = RETRY_MOST_MS,
        .deadline_ns = call->deadline_ns,
    };

    for (;;) {
        attempt_run(ctx, call, token, attempt);
        if (attempt->err == STORE_OK && call->status != 0)
            vault_attempt_judge(call, attempt);
        if (attempt->err == STORE_OK || !attempt->retry)
            break;
        if (attempt->fault != NULL && attempt->fault->passing)
            retry.attempts = retry.made + 2;
        if (!http_retry_wait(&retry, attempt->asked_ms))
            break;
    }
    return attempt->err;
}

enum store_err vault_attempt_tell(const struct store_ctx *ctx, struct vault_call *call,
                                  const struct vault_attempt *attempt)
{
    call->unknown = call->status == 0 ? !attempt->reply.unsent
                                      : call->foreign || (call->status >= 500 && !attempt->retry);
    if (attempt->err != STORE_OK && call->status == 0)
        unreached(ctx, call, attempt);
    else if (attempt->err != STORE_OK)
        refused(ctx, call, attempt);
    return attempt->err;
}

enum store_err vault_request_run(struct store_ctx *ctx, struct vault_call *call,
                                 const struct store_secret *token)
{
    struct vault_attempt attempt;

    call->may_miss = false;
    (void)!vault_attempts_run(ctx, call, token, &attempt);
    return vault_attempt_tell(ctx, call, &attempt);
}
