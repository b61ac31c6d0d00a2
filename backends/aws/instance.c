/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/sources.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "backends/aws/answer.h"
#include "store/log.h"
#include "store/url.h"
#include "store/user.h"

/*
 * The instance metadata service of EC2, version 2 (EC2 user guide, "Use the Instance Metadata
 * Service"). It has a link-local address. Outside of EC2 packets to it vanish, so the timeout is
 * short; within EC2 a container without a hop left gets no answer to the PUT, which is a timeout,
 * too.
 */

#define METADATA_TIMEOUT_MS 1000
#define METADATA_ATTEMPTS 2
#define TOKEN_MAX 1024
#define OFF "if this machine is not in EC2, set AWS_EC2_METADATA_DISABLED=true"
#define ROLES "/latest/meta-data/iam/security-credentials/"

struct metadata {
    const struct aws_net *net;
    char endpoint[AWS_URL_SIZE];
    struct store_secret token;
};

static void metadata_clear(struct metadata *metadata)
{
    store_secret_wipe(&metadata->token);
}

#define AUTO_METADATA __attribute__((cleanup(metadata_clear))) struct metadata

/* Finds the address of the service; NOT_FOUND if it is disabled. */
static enum store_err metadata_endpoint(const struct aws_profiles *profiles, char out[AWS_URL_SIZE])
{
    const char *url = store_env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const char *mode = store_env("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    char set[AWS_URL_SIZE];
    struct aws_endpoint endpoint;

    if (aws_profiles_flag(profiles, "AWS_EC2_METADATA_DISABLED", "ec2_metadata_disabled"))
        return STORE_NOT_FOUND;
    if (url == NULL && aws_profiles_text(profiles, profiles->chosen,
                                         "ec2_metadata_service_endpoint", set, sizeof set))
        url = set;
    if (url == NULL && mode == NULL &&
        aws_profiles_text(profiles, profiles->chosen, "ec2_metadata_service_endpoint_mode", set,
                          sizeof set))
        mode = set;
    if (url == NULL)
        url = mode != NULL && strcasecmp(mode, "IPv6") == 0 ? "http://[fd00:ec2::254]"
                                                            : "http://169.254.169.254";
    if (!aws_endpoint_parse(url, &endpoint)) {
        char shown[AWS_URL_SIZE];

        store_url_show(url, shown, sizeof shown);
        store_log(STORE_LOG_ERROR,
                  "aws: \"%s\" is not an address for the metadata service; expected "
                  "http://host[:port]",
                  shown);
        return STORE_BAD_CONF;
    }
    (void)snprintf(out, AWS_URL_SIZE, "%s", endpoint.url);
    out[strlen(out) - (strcmp(endpoint.path, "/") == 0 ? 1 : 0)] = '\0';
    return STORE_OK;
}

static enum store_err metadata_foreign(const struct aws_exchange *exchange)
{
    return aws_answer_foreign(exchange, "EC2's metadata service", OFF);
}

/* True if a text can be a token: base64 of any kind, unlike a page of another server. */
static bool is_token(const struct store_secret *text)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-.";

    for (size_t i = 0; i < text->len; i++)
        if (text->data[i] == '\0' || strchr(allowed, text->data[i]) == NULL)
            return false;
    return text->len > 0 && text->len <= TOKEN_MAX;
}

/* NOT_FOUND, not logged, if nothing answers: then this machine is not an instance. */
static enum store_err metadata_login(struct metadata *metadata)
{
    AUTO_EXCHANGE exchange = {.method = "PUT", .timeout_ms = METADATA_TIMEOUT_MS, .direct = true};
    char url[AWS_URL_SIZE + 32];
    enum store_err err = STORE_UNAVAILABLE;

    (void)snprintf(url, sizeof url, "%s/latest/api/token", metadata->endpoint);
    exchange.url = url;
    TRY(aws_exchange_header_text(&exchange, "X-aws-ec2-metadata-token-ttl-seconds", "21600"));
    for (int i = 0; i < METADATA_ATTEMPTS; i++) {
        err = aws_exchange_run(metadata->net, &exchange);
        if (err == STORE_OK && exchange.status < 500)
            break;
    }
    if (err != STORE_OK)
        return err == STORE_NO_MEMORY ? err : STORE_NOT_FOUND;
    if (exchange.status != 200 || !is_token(&exchange.reply))
        return metadata_foreign(&exchange);
    store_secret_move(&metadata->token, &exchange.reply);
    return STORE_OK;
}

/* Gets one path, with status 200, or 404 if that is possible. A refused token has expired: asks for
 * one more. */
static enum store_err metadata_ask(struct metadata *metadata, const char *path,
                                   struct aws_exchange *exchange)
{
    char url[AWS_URL_SIZE + 256];
    enum store_err err = STORE_UNAVAILABLE;

    (void)snprintf(url, sizeof url, "%s%s", metadata->endpoint, path);
    for (int i = 0; i < METADATA_ATTEMPTS; i++) {
        aws_exchange_clear(exchange);
        *exchange = (struct aws_exchange){
            .method = "GET", .url = url, .timeout_ms = METADATA_TIMEOUT_MS, .direct = true};
        TRY(aws_exchange_header(exchange, "X-aws-ec2-metadata-token", metadata->token.data,
                                metadata->token.len));
        err = aws_exchange_run(metadata->net, exchange);
        if (err == STORE_OK && exchange->status == 401) {
            store_secret_wipe(&metadata->token);
            TRY(metadata_login(metadata));
        } else if (err == STORE_OK && exchange->status < 500) {
            break;
        }
    }
    if (err != STORE_OK)
        store_log(STORE_LOG_ERROR, "aws: the metadata service at %s does not answer: %s: %s",
                  metadata->endpoint, store_err_text(err), exchange->why);
    else if (exchange->status != 200 && exchange->status != 404)
        err = metadata_foreign(exchange);
    exchange->url = NULL;
    return err;
}

/* Copies the first line, which must be the name of a role or a region. */
static bool line_parse(const struct store_secret *text, char *out, size_t size)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=,.@_-";
    size_t len = 0;

    while (len < text->len && text->data[len] != '\0' && strchr(allowed, text->data[len]) != NULL)
        len++;
    if (len == 0 || len >= size || (len < text->len && text->data[len] != '\n'))
        return false;
    memcpy(out, text->data, len);
    out[len] = '\0';
    return true;
}

/* Logs an answer that does not have the expected keys. */
static enum store_err instance_wrong(struct metadata *metadata, struct aws_exchange *exchange)
{
    exchange->url = metadata->endpoint;
    return metadata_foreign(exchange);
}

static enum store_err role_find(struct metadata *metadata, char *role, size_t size)
{
    AUTO_EXCHANGE exchange = {0};

    TRY(metadata_ask(metadata, ROLES, &exchange));
    if (exchange.status == 404 || exchange.reply.len == 0)
        return STORE_NOT_FOUND; /* an instance without a role */
    return line_parse(&exchange.reply, role, size) ? STORE_OK : instance_wrong(metadata, &exchange);
}

static enum store_err instance_keys(struct metadata *metadata, struct aws_keys *out)
{
    AUTO_EXCHANGE exchange = {0};
    AUTO_JSON document = NULL;
    struct json_value root;
    char role[128];
    char path[sizeof ROLES + sizeof role];

    TRY(role_find(metadata, role, sizeof role));
    (void)snprintf(path, sizeof path, "%s%s", ROLES, role);
    TRY(metadata_ask(metadata, path, &exchange));
    if (exchange.status != 200 || json_read(&document, &exchange.reply, NULL) != STORE_OK)
        return instance_wrong(metadata, &exchange);
    root = json_root(document);
    if (json_type(json_member(root, "Code")) == JSON_STRING &&
        !json_is(json_member(root, "Code"), "Success")) {
        store_log(STORE_LOG_ERROR,
                  "aws: the metadata service at %s has no keys for the role %s; check the "
                  "instance's role",
                  metadata->endpoint, role);
        return STORE_AUTH;
    }
    if (aws_keys_from_json(root, "Token", out) != STORE_OK)
        return instance_wrong(metadata, &exchange);
    out->extendable = true;
    (void)snprintf(out->source, sizeof out->source, "EC2 instance role %.70s", role);
    return STORE_OK;
}

enum store_err aws_keys_from_instance(const struct aws_net *net,
                                      const struct aws_profiles *profiles, struct aws_keys *out)
{
    AUTO_METADATA metadata = {.net = net};

    TRY(metadata_endpoint(profiles, metadata.endpoint));
    TRY(metadata_login(&metadata)); /* not in EC2: the end of the chain logs that */
    return instance_keys(&metadata, out);
}

enum store_err aws_region_from_instance(const struct aws_net *net,
                                        const struct aws_profiles *profiles,
                                        char out[AWS_REGION_SIZE])
{
    AUTO_METADATA metadata = {.net = net};
    AUTO_EXCHANGE exchange = {0};

    TRY(metadata_endpoint(profiles, metadata.endpoint));
    TRY(metadata_login(&metadata));
    TRY(metadata_ask(&metadata, "/latest/meta-data/placement/region", &exchange));
    if (exchange.status == 404)
        return STORE_NOT_FOUND;
    if (line_parse(&exchange.reply, out, AWS_REGION_SIZE) && aws_region_valid(out))
        return STORE_OK;
    return instance_wrong(&metadata, &exchange);
}
