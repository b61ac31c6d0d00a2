/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/sources.h"

#include <stdio.h>
#include <string.h>

#include "backends/aws/answer.h"
#include "backends/aws/fault.h"
#include "backends/aws/files.h"
#include "backends/aws/sign.h"
#include "store/log.h"
#include "store/time.h"
#include "backends/aws/xml.h"

/*
 * The Security Token Service: a form is posted, XML comes back (AWS STS API reference, AssumeRole
 * and AssumeRoleWithWebIdentity).
 */

#define FORM_TYPE "application/x-www-form-urlencoded; charset=utf-8"

enum { FIELD_ID, FIELD_SECRET, FIELD_TOKEN, FIELD_EXPIRATION, FIELD_COUNT };

static enum store_err role_form(const struct aws_role *role, const char *action,
                                struct store_secret *form)
{
    char uuid[AWS_UUID_SIZE];
    char session[65];

    TRY(aws_uuid(uuid));
    (void)snprintf(session, sizeof session, "sideseat-pkcs11-%s", uuid);
    TRY(aws_form_add_text(form, "Action", action));
    TRY(aws_form_add_text(form, "Version", "2011-06-15"));
    TRY(aws_form_add_text(form, "RoleArn", role->arn));
    TRY(aws_form_add_text(form, "RoleSessionName",
                          role->session[0] != '\0' ? role->session : session));
    if (role->external_id[0] != '\0')
        TRY(aws_form_add_text(form, "ExternalId", role->external_id));
    if (role->seconds[0] != '\0')
        TRY(aws_form_add_text(form, "DurationSeconds", role->seconds));
    return STORE_OK;
}

static enum store_err form_sign(const struct aws_net *net, const struct aws_endpoint *endpoint,
                                const char *region, const struct aws_keys *keys,
                                struct aws_exchange *exchange)
{
    const struct aws_sign_header type = {"content-type", FORM_TYPE, sizeof FORM_TYPE - 1};
    const struct aws_sign_request request = {
        .region = region,
        .service = "sts",
        .host = endpoint->host,
        .path = endpoint->path,
        .headers = &type,
        .header_count = 1,
        .body = exchange->body.data,
        .body_len = exchange->body.len,
    };
    struct aws_signature signature;

    TRY(aws_sign(net->crypto, &request, keys, aws_clock_now(net->clock), &signature));
    TRY(aws_exchange_header_text(exchange, "X-Amz-Date", signature.date));
    if (keys->token.len > 0)
        TRY(aws_exchange_header(exchange, "X-Amz-Security-Token", keys->token.data,
                                keys->token.len));
    return aws_exchange_header_text(exchange, "Authorization", signature.authorization);
}

static enum store_err keys_parse(const struct store_secret *reply, struct aws_keys *out)
{
    struct aws_xml_field fields[FIELD_COUNT] = {
        [FIELD_ID] = {.element = "AccessKeyId"},
        [FIELD_SECRET] = {.element = "SecretAccessKey"},
        [FIELD_TOKEN] = {.element = "SessionToken"},
        [FIELD_EXPIRATION] = {.element = "Expiration"},
    };
    enum store_err err = aws_xml_read(reply, fields, FIELD_COUNT);

    if (err != STORE_OK)
        return err;
    err = aws_keys_set_id(out, fields[FIELD_ID].value.data, fields[FIELD_ID].value.len);
    store_secret_move(&out->secret, &fields[FIELD_SECRET].value);
    store_secret_move(&out->token, &fields[FIELD_TOKEN].value);
    out->expires_ns = aws_time_parse((const char *)fields[FIELD_EXPIRATION].value.data,
                                     fields[FIELD_EXPIRATION].value.len);
    if (out->secret.len == 0 || out->token.len == 0 || out->expires_ns == 0 ||
        !aws_keys_clean(&out->secret) || !aws_keys_clean(&out->token))
        err = STORE_CORRUPT;
    aws_xml_clear(fields, FIELD_COUNT);
    return err;
}

static enum store_err role_refused(const struct aws_role *role, const struct aws_exchange *exchange)
{
    enum store_err err = aws_fault_find(exchange->status, exchange->code)->err;

    if (exchange->form == AWS_FORM_FOREIGN || exchange->code[0] == '\0')
        return aws_answer_foreign(exchange, "STS", NULL);
    store_log(STORE_LOG_ERROR,
              "aws: STS refuses the role %s (HTTP %d%s%s); check the role's trust policy, and that "
              "the caller's policies allow sts:AssumeRole",
              role->arn, exchange->status, exchange->code[0] != '\0' ? ", " : "", exchange->code);
    return exchange->status >= 500 || err == STORE_UNAVAILABLE ? STORE_UNAVAILABLE : STORE_AUTH;
}

/* Posts the form, once more if STS was busy. */
static enum store_err role_send(const struct aws_net *net, const struct aws_role *role,
                                struct aws_exchange *exchange)
{
    enum store_err err = aws_exchange_run(net, exchange);

    if (err == STORE_OK && (exchange->status >= 500 || exchange->status == 429 ||
                            strcmp(exchange->code, "IDPCommunicationError") == 0))
        err = aws_exchange_run(net, exchange);
    if (err != STORE_OK)
        store_log(STORE_LOG_ERROR, "aws: STS cannot be reached at %s for the role %s: %s: %s",
                  exchange->url, role->arn, store_err_text(err), exchange->why);
    return err;
}

static enum store_err role_answer(const struct aws_role *role, const struct aws_exchange *exchange,
                                  struct aws_keys *out)
{
    if (exchange->status != 200)
        return role_refused(role, exchange);
    if (keys_parse(&exchange->reply, out) != STORE_OK)
        return aws_answer_foreign(exchange, "STS", NULL);
    (void)snprintf(out->source, sizeof out->source, "role %.85s", role->arn);
    return STORE_OK;
}

static enum store_err sts_endpoint(const struct aws_profiles *profiles, const char *region,
                                   struct aws_endpoint *out)
{
    if (region[0] == '\0') {
        store_log(
            STORE_LOG_ERROR,
            "aws: STS needs a region, and none is set; set AWS_REGION, or region in the profile");
        return STORE_BAD_CONF;
    }
    return aws_endpoint_find(profiles, AWS_STS, region, out);
}

/* Makes one signed request for a role; `again`: the clock was wrong and has been corrected, so sign
 * again. */
static enum store_err role_ask(const struct aws_net *net, const struct aws_endpoint *endpoint,
                               const char *region, const struct aws_role *role,
                               const struct aws_keys *keys, bool *again, struct aws_keys *out)
{
    AUTO_EXCHANGE exchange = {.method = "POST", .url = endpoint->url};

    TRY(role_form(role, "AssumeRole", &exchange.body));
    TRY(aws_exchange_header_text(&exchange, "Content-Type", FORM_TYPE));
    TRY(form_sign(net, endpoint, region, keys, &exchange));
    TRY(role_send(net, role, &exchange));
    if (*again && aws_clock_correct(net->clock, &exchange))
        return STORE_AUTH;
    *again = false;
    return role_answer(role, &exchange, out);
}

enum store_err aws_keys_from_role(const struct aws_net *net, const struct aws_profiles *profiles,
                                  const char *region, const struct aws_role *role,
                                  const struct aws_keys *keys, struct aws_keys *out)
{
    struct aws_endpoint endpoint;
    enum store_err err;
    bool again = true;

    TRY(sts_endpoint(profiles, region, &endpoint));
    err = role_ask(net, &endpoint, region, role, keys, &again, out);
    if (!again)
        return err;
    again = false;
    return role_ask(net, &endpoint, region, role, keys, &again, out);
}

/* Reads the token, without a line break at the end of the file. */
static enum store_err web_token_read(const char *path, struct store_secret *out)
{
    AUTO_SECRET text = {0};
    enum store_err err = aws_file_read(path, true, &text);
    size_t len;

    if (err == STORE_NOT_FOUND)
        store_log(STORE_LOG_ERROR, "aws: the web identity token file %s does not exist", path);
    if (err != STORE_OK)
        return err == STORE_NOT_FOUND ? STORE_AUTH : err;
    for (len = text.len; len > 0 && strchr(" \t\r\n", text.data[len - 1]) != NULL; len--)
        ;
    store_secret_slice(out, &text, 0, len);
    return STORE_OK;
}

enum store_err aws_keys_from_web_identity(const struct aws_net *net,
                                          const struct aws_profiles *profiles, const char *region,
                                          const struct aws_role *role, const char *token_file,
                                          struct aws_keys *out)
{
    AUTO_EXCHANGE exchange = {.method = "POST"};
    struct aws_endpoint endpoint;
    AUTO_SECRET token = {0};

    TRY(sts_endpoint(profiles, region, &endpoint));
    TRY(web_token_read(token_file, &token));
    exchange.url = endpoint.url;
    TRY(role_form(role, "AssumeRoleWithWebIdentity", &exchange.body));
    TRY(aws_form_add(&exchange.body, "WebIdentityToken", token.data, token.len));
    TRY(aws_exchange_header_text(&exchange, "Content-Type", FORM_TYPE));
    TRY(role_send(net, role, &exchange));
    return role_answer(role, &exchange, out);
}
