/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/vault/login.h"
#include "backends/vault/request.h"
#include "store/log.h"
#include "store/thread.h"
#include "store/time.h"
#include "store/user.h"

#define RENEW_AGAIN_NS (5 * STORE_TIME_S) /* after a renewal that failed */
#define LEASE_MAX_NS (INT64_C(10) * 365 * 86400 * STORE_TIME_S)
#define MARGIN_NS (2 * STORE_TIME_S) /* do not use a token that ends sooner */

void vault_token_init(struct vault_token *token)
{
    (void)pthread_mutex_init(&token->lock, NULL);
    store_thread_cond_init(&token->changed);
}

void vault_token_destroy(struct vault_token *token)
{
    store_secret_wipe(&token->value);
    (void)pthread_cond_destroy(&token->changed);
    (void)pthread_mutex_destroy(&token->lock);
}

/* Drops the token. The lock is held. */
static void token_drop(struct vault_token *token)
{
    store_secret_wipe(&token->value);
    token->source = VAULT_TOKEN_NONE;
    token->expires_ns = 0;
    token->renew_ns = 0;
    token->looked_up = false;
    token->self_allowed = false;
    token->self_denied = false;
    token->use_limited = false;
}

/* Waits until no thread is busy and then makes this one busy. TIMEOUT. The lock is held, after an
 * error too. */
static enum store_err token_occupy(struct vault_token *token, int64_t deadline_ns)
{
    while (token->busy)
        if (!store_thread_wait(&token->changed, &token->lock, deadline_ns))
            return STORE_TIMEOUT;
    token->busy = true;
    return STORE_OK;
}

/* The lock is held. */
static void token_release(struct vault_token *token)
{
    token->busy = false;
    (void)pthread_cond_broadcast(&token->changed);
}

/* Sets the end of a token and the time to renew it; the lock is held. A lease that the last renewal
 * did not extend has met its limit and is not renewed again. */
static void token_lease(struct vault_token *token, int64_t lease, bool renewable)
{
    int64_t now = store_time_monotonic();
    int64_t margin = MARGIN_NS < lease / 10 ? MARGIN_NS : lease / 10;
    int64_t before = token->expires_ns;

    token->expires_ns = lease == 0 ? 0 : now + lease - margin;
    token->renew_ns = 0;
    if (lease > 0 && renewable && (before == 0 || token->expires_ns > before + lease / 10))
        token->renew_ns = now + lease / 3 * 2;
}

static bool token_printable(const struct store_secret *token)
{
    for (size_t i = 0; i < token->len; i++)
        if (token->data[i] <= ' ' || token->data[i] >= 0x7f)
            return false;
    return token->len > 0;
}

/* Converts a lease from the server's seconds to nanoseconds. A lease that is not a number or
 * negative is unknown (0); ten years are the most. */
static int64_t lease_parse(struct json_value seconds)
{
    int64_t whole = 0;
    int64_t ns = 0;

    if (json_seconds(seconds, &ns) != STORE_OK)
        ns = json_whole(seconds, &whole) == STORE_OK && whole > 0 ? LEASE_MAX_NS : 0;
    if (ns < 0)
        return 0;
    return ns < LEASE_MAX_NS ? ns : LEASE_MAX_NS;
}

/* Reads the reply to a login or a renewal; the lock is held. CORRUPT (not logged) if it has no
 * token.
 */
static enum store_err token_parse(struct vault_token *token, const struct json_document *reply)
{
    struct json_value auth = json_member(json_root(reply), "auth");
    int64_t lease = lease_parse(json_member(auth, "lease_duration"));
    int64_t uses = 0;
    bool renewable = false;
    AUTO_SECRET value = {0};

    TRY(json_bytes(json_member(auth, "client_token"), &value));
    if (!token_printable(&value))
        return STORE_CORRUPT;
    (void)!json_flag(json_member(auth, "renewable"), &renewable);
    (void)!json_whole(json_member(auth, "num_uses"), &uses);
    if (!store_secret_equal(&token->value, value.data, value.len))
        token->expires_ns = 0;
    store_secret_move(&token->value, &value);
    token->looked_up = true;
    token->use_limited = uses > 0;
    /* a renewal would cost one of the uses */
    token_lease(token, lease, renewable && uses == 0);
    return STORE_OK;
}

/* Reads ~/.vault-token; `out` stays empty if the file has no token. */
static enum store_err token_from_file(struct store_secret *out)
{
    char *home;
    char *path;
    enum store_err err;

    TRY(store_home(&home));
    if (home == NULL)
        return STORE_OK;
    if (asprintf(&path, "%s/.vault-token", home) < 0)
        path = NULL; /* asprintf leaves it undefined */
    free(home);
    if (path == NULL)
        return STORE_NO_MEMORY;
    err = vault_file_secret(path, false, out);
    free(path);
    return err == STORE_NOT_FOUND ? STORE_OK : err;
}

/* Finds a token without asking the server: the configured one, or the file's. */
static enum store_err token_find(const struct store_ctx *ctx, struct store_secret *out,
                                 enum vault_source *source)
{
    const struct store_secret *configured = store_conf_secret(ctx->conf, "vault.token");

    *source = VAULT_TOKEN_CONFIGURED;
    if (configured->len > 0) {
        store_secret_share(out, configured);
    } else {
        *source = VAULT_TOKEN_FILE;
        TRY(token_from_file(out));
    }
    if (out->len == 0) {
        store_log(STORE_LOG_ERROR, "vault: there is no token; run vault login, set VAULT_TOKEN, or "
                                   "choose another vault.auth.method");
        return STORE_AUTH;
    }
    if (token_printable(out))
        return STORE_OK;
    store_log(STORE_LOG_ERROR, "vault: the token has characters that a token cannot have; %s",
              vault_token_remedy(ctx));
    return STORE_AUTH;
}

/* Gets the first token, or the next one after its end. The caller is busy and does not hold the
 * lock. */
static enum store_err token_obtain(struct store_ctx *ctx, int64_t deadline_ns)
{
    struct vault_token *token = &ctx->token;
    enum vault_source source = VAULT_TOKEN_LOGIN;
    AUTO_SECRET found = {0};
    AUTO_JSON reply = NULL;
    enum store_err err = STORE_OK;

    if (strcmp(ctx->method, "token") == 0)
        TRY(token_find(ctx, &found, &source));
    else
        TRY(vault_login(ctx, deadline_ns, &reply));
    (void)pthread_mutex_lock(&token->lock);
    token_drop(token);
    token->source = source;
    if (reply == NULL)
        store_secret_move(&token->value, &found);
    else
        err = token_parse(token, reply);
    (void)pthread_mutex_unlock(&token->lock);
    if (err != STORE_OK)
        store_log(STORE_LOG_ERROR,
                  "vault: the login at %s returned no token; check vault.auth.mount", ctx->address);
    return err == STORE_OK ? STORE_OK : STORE_UNAVAILABLE;
}

/* Renews the token; the caller is busy and does not hold the lock. A failure is a warning only: the
 * token is still good, and a new login follows at its end. */
static void token_renew(struct store_ctx *ctx, const struct store_secret *value,
                        int64_t deadline_ns)
{
    struct vault_token *token = &ctx->token;
    int64_t now = store_time_monotonic();
    AUTO_CALL call = {.what = "renewing the token",
                      .method = "POST",
                      .path = {.text = "/auth/token/renew-self", .len = 22},
                      /* the caller's own request needs time, too */
                      .deadline_ns = now + (deadline_ns - now) / 2};
    enum store_err err = store_secret_set(&call.body, "{}", 2);

    if (err == STORE_OK)
        err = vault_request_run(ctx, &call, value);
    (void)pthread_mutex_lock(&token->lock);
    if (err == STORE_OK)
        err = token_parse(token, call.reply);
    if (err != STORE_OK)
        token->renew_ns = store_time_monotonic() + RENEW_AGAIN_NS;
    (void)pthread_mutex_unlock(&token->lock);
    if (err != STORE_OK)
        store_log(STORE_LOG_WARNING,
                  "vault: the token could not be renewed (%s); it stays in use until its end",
                  store_err_text(err));
}

/* True if there is a token that has not ended. The lock is held. */
static bool token_good(const struct vault_token *token, int64_t now)
{
    return token->value.len > 0 && (token->expires_ns == 0 || now < token->expires_ns);
}

/* One thread gets or renews the token. The lock is held, but released during the request. */
static enum store_err token_work(struct store_ctx *ctx, int64_t deadline_ns)
{
    struct vault_token *token = &ctx->token;
    AUTO_SECRET value = {0};
    enum store_err err = STORE_OK;
    int64_t now;
    bool good;

    TRY(token_occupy(token, deadline_ns));
    now = store_time_monotonic();
    good = token_good(token, now); /* another thread may have been quicker */
    store_secret_share(&value, &token->value);
    if (!good || (token->renew_ns != 0 && now >= token->renew_ns)) {
        (void)pthread_mutex_unlock(&token->lock);
        if (good)
            token_renew(ctx, &value, deadline_ns);
        else
            err = token_obtain(ctx, deadline_ns);
        (void)pthread_mutex_lock(&token->lock);
    }
    token_release(token);
    return err;
}

/* True if an agent or a proxy adds the token. */
static bool token_elsewhere(const struct store_ctx *ctx)
{
    return strcmp(ctx->method, "none") == 0;
}

enum store_err vault_token_get(struct store_ctx *ctx, int64_t deadline_ns, struct store_secret *out)
{
    struct vault_token *token = &ctx->token;
    int64_t now = store_time_monotonic();
    enum store_err err = STORE_OK;

    if (token_elsewhere(ctx)) {
        store_secret_wipe(out);
        return STORE_OK;
    }
    (void)pthread_mutex_lock(&token->lock);
    /* A good token stays in use while another thread renews it. */
    if (!token_good(token, now) || (token->renew_ns != 0 && now >= token->renew_ns && !token->busy))
        err = token_work(ctx, deadline_ns);
    if (err == STORE_OK)
        store_secret_share(out, &token->value);
    (void)pthread_mutex_unlock(&token->lock);
    if (err == STORE_TIMEOUT)
        store_log(STORE_LOG_ERROR,
                  "vault: a login at %s takes too long; check it, or raise "
                  "timeout_ms",
                  ctx->address);
    return err;
}

/* Records the server's description of the token. */
static void token_note(struct vault_token *token, const struct store_secret *value,
                       const struct json_document *reply)
{
    struct json_value data = json_member(json_root(reply), "data");
    int64_t ttl = lease_parse(json_member(data, "ttl"));
    int64_t uses = 0;
    bool renewable = false;

    (void)!json_whole(json_member(data, "num_uses"), &uses);
    (void)!json_flag(json_member(data, "renewable"), &renewable);
    (void)pthread_mutex_lock(&token->lock);
    if (value->len > 0 && store_secret_equal(&token->value, value->data, value->len)) {
        token->expires_ns = 0;
        token->looked_up = true;
        token->self_allowed = true;
        token->use_limited = uses > 0;
        token_lease(token, ttl, renewable && uses == 0);
    }
    (void)pthread_mutex_unlock(&token->lock);
    if (uses > 0)
        store_log(STORE_LOG_WARNING, "vault: the token has %lld uses left; use one without a limit",
                  (long long)uses);
}

/*
 * Asks the server to describe the token. AUTH if the server does not know it ("invalid token");
 * DENIED if the token may not ask, because it lacks the policy `default`. For a token that was
 * allowed to ask before, a refusal also means its end: servers before Vault 1.13 do not tell the
 * two apart.
 */
static enum store_err token_look_up(struct store_ctx *ctx, const struct store_secret *value,
                                    int64_t deadline_ns)
{
    AUTO_CALL call = {.what = "looking up the token",
                      .method = "GET",
                      .path = {.text = "/auth/token/lookup-self", .len = 23},
                      .deadline_ns = deadline_ns,
                      .quiet = true};
    enum store_err err = vault_request_run(ctx, &call, value);

    if (err == STORE_OK)
        token_note(&ctx->token, value, call.reply);
    if (err == STORE_DENIED) {
        (void)pthread_mutex_lock(&ctx->token.lock);
        ctx->token.self_denied = !ctx->token.self_allowed;
        if (ctx->token.self_allowed)
            err = STORE_AUTH;
        (void)pthread_mutex_unlock(&ctx->token.lock);
    }
    return err;
}

bool vault_token_ended(struct store_ctx *ctx, const struct store_secret *used, enum store_err err,
                       int64_t deadline_ns)
{
    struct vault_token *token = &ctx->token;
    bool ask;

    if (err == STORE_AUTH || token_elsewhere(ctx))
        return err == STORE_AUTH;
    (void)pthread_mutex_lock(&token->lock);
    ask = !token->self_denied &&
          (!token->looked_up ||
           (token->expires_ns != 0 && store_time_monotonic() >= token->expires_ns));
    (void)pthread_mutex_unlock(&token->lock);
    return ask && token_look_up(ctx, used, deadline_ns) == STORE_AUTH;
}

const char *vault_token_remedy(const struct store_ctx *ctx)
{
    if (store_conf_secret(ctx->conf, "vault.token")->len > 0)
        return "set VAULT_TOKEN or vault.token, whichever gave it, to a new one, or leave it out "
               "and run: vault login";
    return "log in again with: vault login";
}

/* Logs that the token has ended, with the remedy. */
static enum store_err token_expired(const struct store_ctx *ctx, enum vault_source source)
{
    store_log(STORE_LOG_ERROR,
              "vault: token refused: %s does not accept the token of %s: it has expired, was "
              "revoked, or belongs to another server; %s",
              ctx->address,
              source == VAULT_TOKEN_FILE ? "~/.vault-token" : "vault.token or VAULT_TOKEN",
              vault_token_remedy(ctx));
    return STORE_AUTH;
}

enum store_err vault_token_replace(struct store_ctx *ctx, struct store_secret *used,
                                   int64_t deadline_ns)
{
    struct vault_token *token = &ctx->token;
    enum vault_source source;

    if (token_elsewhere(ctx)) {
        store_log(STORE_LOG_ERROR,
                  "vault: token refused: %s does not accept the token of the agent or proxy before "
                  "it; see the log of the agent or proxy at vault.address, or choose another "
                  "vault.auth.method",
                  ctx->address);
        return STORE_AUTH;
    }
    (void)pthread_mutex_lock(&token->lock);
    source = token->source;
    /* Another thread may have replaced it already. */
    if (store_secret_equal(&token->value, used->data, used->len))
        token_drop(token);
    (void)pthread_mutex_unlock(&token->lock);
    if (source == VAULT_TOKEN_CONFIGURED)
        return token_expired(ctx, source);
    if (source == VAULT_TOKEN_FILE) {
        AUTO_SECRET now = {0};
        TRY(token_from_file(&now));
        if (now.len == 0 || store_secret_equal(&now, used->data, used->len))
            return token_expired(ctx, source);
    }
    return vault_token_get(ctx, deadline_ns, used);
}

enum store_err vault_token_check(struct store_ctx *ctx, int64_t deadline_ns)
{
    AUTO_SECRET value = {0};
    enum store_err err;
    bool known;

    /* empty if an agent or a proxy adds the token; then each check looks it up */
    TRY(vault_token_get(ctx, deadline_ns, &value));
    (void)pthread_mutex_lock(&ctx->token.lock);
    /* Do not spend the uses of a limited token on questions. */
    known = ctx->token.looked_up && (ctx->token.use_limited || ctx->token.expires_ns != 0);
    (void)pthread_mutex_unlock(&ctx->token.lock);
    if (known)
        return STORE_OK;
    err = token_look_up(ctx, &value, deadline_ns);
    if (err == STORE_AUTH)
        return vault_token_replace(ctx, &value, deadline_ns);
    return err == STORE_DENIED ? STORE_OK : err; /* the token may still read secrets */
}

bool vault_token_limited(struct store_ctx *ctx)
{
    bool limited;

    (void)pthread_mutex_lock(&ctx->token.lock);
    limited = ctx->token.use_limited;
    (void)pthread_mutex_unlock(&ctx->token.lock);
    return limited;
}

void vault_token_forget(struct store_ctx *ctx)
{
    (void)pthread_mutex_lock(&ctx->token.lock);
    token_drop(&ctx->token);
    (void)pthread_mutex_unlock(&ctx->token.lock);
}
