/* SPDX-License-Identifier: Apache-2.0 */
#include "call.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "backends/http/retry.h"
#include "backends/vault/fault.h"
#include "backends/vault/token.h"
#include "store/log.h"
#include "store/time.h"

#define MS_NS ((int64_t)1000000)
#define RETRY_BASE_MS 250
#define RETRY_MOST_MS 4000
#define REPLY_MAX ((size_t)64 * 1024 * 1024) /* a listing of a million names */

/* What an attempt gave besides the call's own. */
struct attempt {
    enum store_err err;
    bool retry;
    int64_t asked_ms;
    char location[VAULT_URL_SIZE];
    const char *remedy; /* for what cannot be helped by retrying; NULL: the usual */
    struct http_reply reply;
};

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

    /* An agent or a proxy of Vault may demand it: what a browser is lured into sending has none. */
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
    int64_t own_ns = store_time_monotonic() + own_ms * MS_NS;

    return own_ms > 0 && own_ns < deadline_ns ? own_ns : deadline_ns;
}

enum store_err vault_url(const char *address, const struct vault_path *path,
                         char out[VAULT_URL_SIZE])
{
    int len = snprintf(out, VAULT_URL_SIZE, "%s/v1%s", address, path->text);

    return len > 0 && len < VAULT_URL_SIZE ? STORE_OK : STORE_BAD_KEY;
}

void vault_call_take(struct vault_call *call, struct http_reply *reply)
{
    json_free(call->reply);
    call->reply = NULL;
    call->status = reply->status;
    if (reply->body.len > 0 && json_read(&call->reply, &reply->body, NULL) != STORE_OK)
        call->reply = NULL;
    store_secret_wipe(&reply->body);
}

/* Says why there is no reply. */
static void unreached(const struct store_ctx *ctx, struct vault_call *call,
                      const struct attempt *attempt)
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

static void refused(const struct store_ctx *ctx, const struct vault_call *call,
                    const struct vault_fault *fault, const char *message)
{
    if (fault->remedy[0] == '\0' || call->quiet || call->silent)
        return;
    store_log(STORE_LOG_ERROR, "vault: %s %s at %s: HTTP %d%s%s; %s", call->what,
              call->path.text + 1, ctx->address, call->status, message[0] == '\0' ? "" : ": ",
              message, fault->remedy);
}

/* One request to `url`. */
static void attempt_send(struct store_ctx *ctx, struct vault_call *call, const char *url,
                         const struct store_secret *token, struct attempt *attempt)
{
    char after[64];
    struct http_wanted wanted[] = {{"retry-after", after, sizeof after},
                                   {"location", attempt->location, sizeof attempt->location}};
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
    };

    attempt->reply = (struct http_reply){.wanted = wanted, .wanted_count = 2};
    attempt->err = http_run(ctx->http, &request, &attempt->reply);
    attempt->reply.wanted = NULL;
    attempt->asked_ms = http_retry_after(after);
    vault_call_take(call, &attempt->reply);
    if (attempt->err != STORE_OK)
        attempt->retry = attempt->err != STORE_NO_MEMORY && !attempt->reply.hopeless &&
                         (!call->once || attempt->reply.unsent);
}

/*
 * Whether a standby may send us, and the token, to `location`: the very path that was asked for, at
 * another node; from https to https only, where the certificate is checked as ever; over plain http
 * only to this machine, or where allow_http says that the network is trusted.
 */
static bool redirect_allowed(const struct store_ctx *ctx, const struct vault_call *call,
                             const char *location)
{
    bool https = strncasecmp(location, "https://", 8) == 0;
    const char *rest = strstr(location, "://");
    const char *path = rest == NULL ? NULL : strchr(rest + 3, '/');

    if (!https && strncasecmp(location, "http://", 7) != 0)
        return false;
    if (path == NULL || strncmp(path, "/v1", 3) != 0 || strcmp(path + 3, call->path.text) != 0)
        return false;
    if (memchr(rest, '@', (size_t)(path - rest)) != NULL)
        return false;
    if (https)
        return true;
    return strncasecmp(ctx->address, "https://", 8) != 0 &&
           (ctx->allow_http || vault_host_loopback(location));
}

/* A request and, if a standby answers it, one more to the node that it names. */
static void attempt_run(struct store_ctx *ctx, struct vault_call *call,
                        const struct store_secret *token, struct attempt *attempt)
{
    char url[VAULT_URL_SIZE];

    *attempt = (struct attempt){.err = vault_url(ctx->address, &call->path, url)};
    if (attempt->err != STORE_OK)
        return;
    attempt_send(ctx, call, url, token, attempt);
    if (attempt->err != STORE_OK || (call->status != 307 && call->status != 308))
        return;
    memcpy(url, attempt->location, sizeof url);
    if (!redirect_allowed(ctx, call, url)) {
        (void)snprintf(attempt->reply.why, sizeof attempt->reply.why,
                       "it sends to %.200s, which is refused", url[0] == '\0' ? "nowhere" : url);
        attempt->remedy = "set vault.address to the active node, or the server's api_addr to what "
                          "clients may use";
        attempt->err = STORE_UNAVAILABLE;
        call->status = 0;
        return;
    }
    attempt_send(ctx, call, url, token, attempt);
}

/* What the reply means. */
static void attempt_judge(struct store_ctx *ctx, struct vault_call *call, struct attempt *attempt,
                          bool last)
{
    char message[VAULT_MESSAGE_SIZE];
    const struct vault_fault *fault;

    if (call->status == 200 || call->status == 204)
        return;
    vault_fault_message(call->reply, message);
    fault = vault_fault_find(call->status, message);
    attempt->err = fault->err;
    attempt->retry = fault->retry || (fault->status == 0 && call->status >= 500 && !call->once);
    if (last || !attempt->retry)
        refused(ctx, call, fault, message);
}

static enum store_err call_loop(struct store_ctx *ctx, struct vault_call *call,
                                const struct store_secret *token)
{
    struct http_retry retry = {
        .attempts = (int)store_conf_number(ctx->conf, "vault.max_retries") + 1,
        .base_ms = RETRY_BASE_MS,
        .most_ms = RETRY_MOST_MS,
        .deadline_ns = call->deadline_ns,
    };
    struct attempt attempt;

    for (;;) {
        attempt_run(ctx, call, token, &attempt);
        if (attempt.err == STORE_OK && call->status != 0)
            attempt_judge(ctx, call, &attempt, false);
        if (attempt.err == STORE_OK || !attempt.retry)
            break;
        if (!http_retry_wait(&retry, attempt.asked_ms))
            break;
    }
    if (attempt.err != STORE_OK && call->status == 0)
        unreached(ctx, call, &attempt);
    if (attempt.err != STORE_OK && call->status != 0 && attempt.retry)
        attempt_judge(ctx, call, &attempt, true);
    return attempt.err;
}

enum store_err vault_call_run(struct store_ctx *ctx, struct vault_call *call)
{
    AUTO_SECRET token = {0};
    enum store_err err;
    bool quiet = call->quiet;

    if (call->anonymous || call->token != NULL)
        return call_loop(ctx, call, call->token);
    TRY(vault_token_get(ctx, call->deadline_ns, &token));
    /* A refused token is only worth a line if there is no other to be had. */
    call->quiet = true;
    err = call_loop(ctx, call, &token);
    call->quiet = quiet;
    if (call->status == 403 && vault_token_ended(ctx, &token, err, call->deadline_ns)) {
        TRY(vault_token_replace(ctx, &token, call->deadline_ns));
        return call_loop(ctx, call, &token);
    }
    if (err != STORE_OK && call->status != 0) {
        struct attempt attempt = {.err = STORE_OK};
        attempt_judge(ctx, call, &attempt, true);
    }
    return err;
}
