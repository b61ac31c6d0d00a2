/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/sources.h"

#include <stdio.h>
#include <string.h>

#include "backends/aws/answer.h"
#include "backends/aws/files.h"
#include "store/log.h"
#include "store/time.h"

/*
 * IAM Identity Center (AWS SDKs and Tools reference guide, "IAM Identity Center credential
 * provider"). `aws sso login` leaves a token in ~/.aws/sso/cache; the portal gives a role's keys
 * for it. A token of an sso-session can be refreshed (IAM Identity Center OIDC API reference,
 * CreateToken) without anybody at a browser; nothing here ever opens one.
 */

#define MINUTE_NS (60 * STORE_TIME_S)
#define REFRESH_NS (15 * MINUTE_NS) /* how long before its end a token is refreshed */

struct sso {
    const struct aws_net *net;
    const struct aws_profiles *profiles;
    const char *profile;
    bool session; /* [sso-session]: its tokens can be refreshed */
    char region[AWS_REGION_SIZE];
    char account[32];
    char role[128];
    char file[AWS_PATH_SIZE];
    struct store_secret token;
    int64_t expires_ns;
    char came[AWS_CAME_SIZE]; /* the foreign answer to a refresh; "": AWS answered, or nobody */
};

static void sso_clear(struct sso *sso)
{
    store_secret_wipe(&sso->token);
}

#define AUTO_SSO __attribute__((cleanup(sso_clear))) struct sso

/* Logs the one message for every fault that a login cures. */
static enum store_err sso_login_needed(const struct sso *sso, const char *why)
{
    store_log(STORE_LOG_ERROR, "aws: %s; log in with: aws sso login --profile %s", why,
              sso->profile);
    return STORE_AUTH;
}

static enum store_err sso_misconfigured(const struct sso *sso, const char *what)
{
    store_log(STORE_LOG_ERROR,
              "aws: profile %s: %s; set it up with: aws configure sso --profile %s", sso->profile,
              what, sso->profile);
    return STORE_BAD_CONF;
}

/* Reads a setting of the session section; false also if the profile repeats it with another value.
 */
static bool session_text(const struct sso *sso, const char *session, const char *name, char *out,
                         size_t size)
{
    char repeated[512];

    if (!aws_text(aws_ini_find(&sso->profiles->ini, AWS_INI_SSO_SESSION, session, name, NULL), out,
                  size))
        return false;
    return !aws_profiles_text(sso->profiles, sso->profile, name, repeated, sizeof repeated) ||
           strcmp(repeated, out) == 0;
}

/* Reads the profile and finds the token's file, whose name derives from the session or, in profiles
 * of the older kind, from the start URL. */
static enum store_err sso_settings(struct sso *sso)
{
    char session[AWS_PROFILE_NAME_SIZE] = "";
    char start[512];
    char hash[AWS_SHA1_HEX];
    char below_home[64 + AWS_SHA1_HEX];

    if (!aws_profiles_text(sso->profiles, sso->profile, "sso_account_id", sso->account,
                           sizeof sso->account) ||
        !aws_profiles_text(sso->profiles, sso->profile, "sso_role_name", sso->role,
                           sizeof sso->role))
        return sso_misconfigured(sso, "sso_account_id and sso_role_name are both needed");
    sso->session =
        aws_profiles_text(sso->profiles, sso->profile, "sso_session", session, sizeof session);
    if (sso->session &&
        (!session_text(sso, session, "sso_region", sso->region, sizeof sso->region) ||
         !session_text(sso, session, "sso_start_url", start, sizeof start)))
        return sso_misconfigured(sso, "its [sso-session] lacks sso_region or sso_start_url, or the "
                                      "profile repeats them with other values");
    if (!sso->session &&
        (!aws_profiles_text(sso->profiles, sso->profile, "sso_region", sso->region,
                            sizeof sso->region) ||
         !aws_profiles_text(sso->profiles, sso->profile, "sso_start_url", start, sizeof start)))
        return sso_misconfigured(sso, "sso_region and sso_start_url, or sso_session, are needed");
    TRY(aws_sha1(sso->net->crypto, sso->session ? session : start, hash));
    (void)snprintf(below_home, sizeof below_home, ".aws/sso/cache/%s.json", hash);
    if (aws_file_path(NULL, below_home, sso->file) != STORE_OK)
        return sso_login_needed(sso, "the SSO token needs a home folder, and there is none");
    return STORE_OK;
}

/* Parses a time of the cache. */
static int64_t cache_time(struct json_value value)
{
    char text[STORE_TIME_TEXT_SIZE + 8];

    return json_text(value, text, sizeof text) == STORE_OK ? aws_time_parse(text, strlen(text)) : 0;
}

/* Reads the token from the cache file's JSON. */
static enum store_err token_parse(struct sso *sso, struct json_value root)
{
    sso->expires_ns = cache_time(json_member(root, "expiresAt"));
    if (json_bytes(json_member(root, "accessToken"), &sso->token) != STORE_OK ||
        sso->token.len == 0 || !aws_keys_clean(&sso->token) || sso->expires_ns == 0)
        return sso_login_needed(sso, "the cached SSO token is damaged");
    return STORE_OK;
}

static void write_member(struct json_writer *w, const char *key, struct json_value value)
{
    AUTO_SECRET raw = {0};

    json_raw(value, &raw);
    json_write_key(w, key);
    json_write_raw(w, &raw);
}

static enum store_err refresh_body(struct json_value cache, struct store_secret *out)
{
    struct json_writer *w;

    TRY(json_write_begin(&w));
    json_write_object(w);
    write_member(w, "clientId", json_member(cache, "clientId"));
    write_member(w, "clientSecret", json_member(cache, "clientSecret"));
    json_write_key(w, "grantType");
    json_write_text(w, "refresh_token");
    write_member(w, "refreshToken", json_member(cache, "refreshToken"));
    json_write_object_end(w);
    return json_write_end(w, out);
}

/* Rewrites the cache file, with the new token in the place of the old one and every other member
 * kept. */
static enum store_err refreshed_cache(struct json_value cache, struct json_value reply,
                                      const char *expires, struct store_secret *out)
{
    struct json_value refresh = json_member(reply, "refreshToken");
    bool replaced = json_type(refresh) == JSON_STRING;
    const char *const ours[] = {"accessToken", "expiresAt", replaced ? "refreshToken" : NULL, NULL};
    struct json_writer *w;
    enum store_err err;

    TRY(json_write_begin(&w));
    json_write_object(w);
    err = json_write_members(w, cache, ours);
    if (err != STORE_OK) {
        json_write_drop(w);
        return err;
    }
    write_member(w, "accessToken", json_member(reply, "accessToken"));
    json_write_key(w, "expiresAt");
    json_write_text(w, expires);
    if (replaced)
        write_member(w, "refreshToken", refresh);
    json_write_object_end(w);
    return json_write_end(w, out);
}

static bool refresh_possible(const struct sso *sso, struct json_value cache)
{
    int64_t registration = cache_time(json_member(cache, "registrationExpiresAt"));

    return sso->session && json_type(json_member(cache, "refreshToken")) == JSON_STRING &&
           json_type(json_member(cache, "clientId")) == JSON_STRING &&
           json_type(json_member(cache, "clientSecret")) == JSON_STRING &&
           (registration == 0 || registration > store_time_now());
}

/* Uses the new token and stores it for the other tools. If the file cannot be written (in a
 * read-only home, say), this logs it and uses the token all the same. */
static enum store_err token_accept(struct sso *sso, struct json_value cache,
                                   const struct store_secret *text)
{
    AUTO_JSON document = NULL;
    AUTO_SECRET content = {0};
    AUTO_SECRET token = {0};
    char expires[STORE_TIME_TEXT_SIZE];
    struct json_value reply;
    int64_t seconds = 0;

    TRY(json_read(&document, text, NULL));
    reply = json_root(document);
    TRY(json_whole(json_member(reply, "expiresIn"), &seconds));
    if (seconds <= 0 || seconds > INT32_MAX)
        return STORE_CORRUPT;
    TRY(json_bytes(json_member(reply, "accessToken"), &token));
    if (token.len == 0 || !aws_keys_clean(&token))
        return STORE_CORRUPT;
    store_secret_move(&sso->token, &token);
    sso->expires_ns = (store_time_now() / STORE_TIME_S + seconds) * STORE_TIME_S;
    store_time_format(sso->expires_ns, expires);
    if (refreshed_cache(cache, reply, expires, &content) == STORE_OK &&
        aws_file_write(sso->file, &content) != STORE_OK)
        store_log(STORE_LOG_WARNING,
                  "aws: the refreshed SSO token is in use, but could not be stored");
    return STORE_OK;
}

/* Asks for a new token. Any failure leaves the old one, which may still be good; nothing is logged.
 */
static enum store_err token_refresh(struct sso *sso, struct json_value cache)
{
    AUTO_EXCHANGE exchange = {.method = "POST"};
    struct aws_endpoint endpoint;
    char url[AWS_URL_SIZE + 8];
    enum store_err err;

    TRY(aws_endpoint_find(sso->profiles, AWS_SSO_OIDC, sso->region, &endpoint));
    (void)snprintf(url, sizeof url, "%s%stoken", endpoint.url,
                   strcmp(endpoint.path, "/") == 0 ? "" : "/");
    exchange.url = url;
    TRY(refresh_body(cache, &exchange.body));
    TRY(aws_exchange_header_text(&exchange, "Content-Type", "application/json"));
    err = aws_exchange_run(sso->net, &exchange);
    if (err != STORE_OK)
        return err;
    if (exchange.status == 200)
        err = token_accept(sso, cache, &exchange.reply);
    else
        err = exchange.form == AWS_FORM_JSON && exchange.status >= 400 && exchange.status < 500
                  ? STORE_AUTH
                  : STORE_CORRUPT;
    if (err == STORE_CORRUPT) {
        aws_answer_came(&exchange, sso->came);
        return STORE_UNAVAILABLE;
    }
    return err;
}

/* The token from the cache, refreshed if it ends soon. */
static enum store_err sso_token(struct sso *sso)
{
    AUTO_SECRET text = {0};
    AUTO_JSON document = NULL;
    enum store_err err = aws_file_read(sso->file, false, &text);
    enum store_err refreshed;
    int64_t now = store_time_now();

    if (err == STORE_NOT_FOUND)
        return sso_login_needed(sso, "the profile has no SSO token yet");
    TRY(err);
    if (json_read(&document, &text, NULL) != STORE_OK)
        return sso_login_needed(sso, "the cached SSO token is damaged");
    TRY(token_parse(sso, json_root(document)));
    if (sso->expires_ns - now > REFRESH_NS)
        return STORE_OK;
    refreshed = refresh_possible(sso, json_root(document)) ? token_refresh(sso, json_root(document))
                                                           : STORE_AUTH;
    if (refreshed == STORE_OK || sso->expires_ns > now)
        return STORE_OK;
    if (refreshed == STORE_AUTH)
        return sso_login_needed(sso, "the SSO token has expired");
    store_log(
        STORE_LOG_ERROR,
        "aws: the SSO token of profile %s has expired and cannot be refreshed now: %s%s%s; try "
        "again, or log in with: aws sso login --profile %s",
        sso->profile, store_err_text(refreshed),
        sso->came[0] != '\0' ? ", but another server: " : "", sso->came, sso->profile);
    return refreshed;
}

static enum store_err portal_keys(const struct store_secret *text, struct aws_keys *out)
{
    AUTO_JSON document = NULL;
    struct json_value keys;
    char id[AWS_KEY_ID_SIZE];
    int64_t expiration = 0;

    TRY(json_read(&document, text, NULL));
    keys = json_member(json_root(document), "roleCredentials");
    TRY(json_text(json_member(keys, "accessKeyId"), id, sizeof id));
    TRY(aws_keys_set_id(out, id, strlen(id)));
    TRY(json_bytes(json_member(keys, "secretAccessKey"), &out->secret));
    TRY(json_bytes(json_member(keys, "sessionToken"), &out->token));
    TRY(json_whole(json_member(keys, "expiration"), &expiration));
    if (expiration <= 0 || out->secret.len == 0 || out->token.len == 0 ||
        !aws_keys_clean(&out->secret) || !aws_keys_clean(&out->token))
        return STORE_CORRUPT;
    out->expires_ns =
        expiration > INT64_MAX / STORE_TIME_MS ? INT64_MAX : expiration * STORE_TIME_MS;
    return STORE_OK;
}

static enum store_err portal_url(const struct sso *sso, struct store_secret *out)
{
    struct aws_endpoint endpoint;
    AUTO_SECRET query = {0};

    TRY(aws_endpoint_find(sso->profiles, AWS_SSO_PORTAL, sso->region, &endpoint));
    TRY(aws_form_add_text(&query, "role_name", sso->role));
    TRY(aws_form_add_text(&query, "account_id", sso->account));
    TRY(store_secret_set(out, endpoint.url, strlen(endpoint.url)));
    if (strcmp(endpoint.path, "/") != 0)
        TRY(store_secret_append(out, "/", 1));
    TRY(store_secret_append(out, "federation/credentials?", 23));
    TRY(store_secret_append(out, query.data, query.len));
    return store_secret_append(out, "", 1);
}

/* Logs the portal's answer if it has no keys. */
static enum store_err portal_refused(const struct sso *sso, const struct aws_exchange *exchange)
{
    if (exchange->form != AWS_FORM_JSON || exchange->status < 400)
        return aws_answer_foreign(exchange, "the SSO portal", NULL);
    if (exchange->status == 401)
        return sso_login_needed(sso, "the SSO portal no longer accepts the token");
    store_log(STORE_LOG_ERROR,
              "aws: the SSO portal returns no keys for role %s of account %s (HTTP %d): %s",
              sso->role, sso->account, exchange->status,
              exchange->status == 403 || exchange->status == 404
                  ? "check that the role is assigned to you"
                  : store_err_text(STORE_UNAVAILABLE));
    return exchange->status < 500 && exchange->status != 429 ? STORE_AUTH : STORE_UNAVAILABLE;
}

static enum store_err portal_ask(struct sso *sso, struct aws_keys *out)
{
    AUTO_EXCHANGE exchange = {.method = "GET"};
    AUTO_SECRET url = {0};
    enum store_err err;

    TRY(portal_url(sso, &url));
    exchange.url = (const char *)url.data;
    TRY(aws_exchange_header(&exchange, "x-amz-sso_bearer_token", sso->token.data, sso->token.len));
    err = aws_exchange_run(sso->net, &exchange);
    if (err == STORE_OK && (exchange.status >= 500 || exchange.status == 429))
        err = aws_exchange_run(sso->net, &exchange);
    if (err != STORE_OK) {
        store_log(STORE_LOG_ERROR, "aws: the SSO portal does not answer for profile %s: %s: %s",
                  sso->profile, store_err_text(err), exchange.why);
        return err;
    }
    if (exchange.status != 200 || portal_keys(&exchange.reply, out) != STORE_OK)
        return portal_refused(sso, &exchange);
    (void)snprintf(out->source, sizeof out->source, "SSO profile %.80s", sso->profile);
    return STORE_OK;
}

enum store_err aws_keys_from_sso(const struct aws_net *net, const struct aws_profiles *profiles,
                                 const char *profile, struct aws_keys *out)
{
    AUTO_SSO sso = {.net = net, .profiles = profiles, .profile = profile};

    TRY(sso_settings(&sso));
    TRY(sso_token(&sso));
    return portal_ask(&sso, out);
}
