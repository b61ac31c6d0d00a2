/* SPDX-License-Identifier: Apache-2.0 */
#include "sources.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "store/log.h"

/*
 * The instance metadata service of EC2, version 2 (EC2 user guide, "Use the Instance Metadata
 * Service"). It is a link-local address: where there is none, packets vanish, so the patience is
 * short; and where there is one, a container without a hop left gets no answer to the PUT, which is
 * a timeout, too.
 */

#define METADATA_TIMEOUT_MS 1000
#define METADATA_ATTEMPTS 2
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

/* Where the service is; NOT_FOUND if it is not to be asked. */
static enum store_err metadata_endpoint(const struct aws_profiles *profiles, char out[AWS_URL_SIZE])
{
    const char *url = aws_env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const char *mode = aws_env("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
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
        store_log(STORE_LOG_ERROR,
                  "aws: \"%s\" is not an address for the metadata service; expected "
                  "http://host[:port]",
                  url);
        return STORE_BAD_CONF;
    }
    (void)snprintf(out, AWS_URL_SIZE, "%s", endpoint.url);
    out[strlen(out) - (strcmp(endpoint.path, "/") == 0 ? 1 : 0)] = '\0';
    return STORE_OK;
}

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
    if (err != STORE_OK || exchange.status != 200 || exchange.reply.len == 0)
        return err != STORE_OK ? err : STORE_UNAVAILABLE;
    store_secret_move(&metadata->token, &exchange.reply);
    return STORE_OK;
}

/* Gets one path. A token that is refused has expired: one more is asked for. */
static enum store_err metadata_get(struct metadata *metadata, const char *path, int *status,
                                   struct store_secret *out)
{
    enum store_err err = STORE_UNAVAILABLE;

    for (int i = 0; i < METADATA_ATTEMPTS; i++) {
        AUTO_EXCHANGE exchange = {
            .method = "GET", .timeout_ms = METADATA_TIMEOUT_MS, .direct = true};
        char url[AWS_URL_SIZE + 256];

        if (metadata->token.len == 0)
            TRY(metadata_login(metadata));
        (void)snprintf(url, sizeof url, "%s%s", metadata->endpoint, path);
        exchange.url = url;
        TRY(aws_exchange_header(&exchange, "X-aws-ec2-metadata-token", metadata->token.data,
                                metadata->token.len));
        err = aws_exchange_run(metadata->net, &exchange);
        *status = exchange.status;
        if (err != STORE_OK || exchange.status >= 500)
            continue;
        if (exchange.status == 401) {
            store_secret_wipe(&metadata->token);
            continue;
        }
        store_secret_move(out, &exchange.reply);
        return STORE_OK;
    }
    return err != STORE_OK ? err : STORE_UNAVAILABLE;
}

/* The first line, which must be good for a URL. */
static bool line_take(const struct store_secret *text, char *out, size_t size)
{
    size_t len = 0;

    while (len < text->len && text->data[len] > ' ' && text->data[len] < 0x7f)
        len++;
    if (len == 0 || len >= size || memchr(text->data, '/', len) != NULL ||
        memchr(text->data, '?', len) != NULL)
        return false;
    memcpy(out, text->data, len);
    out[len] = '\0';
    return true;
}

static enum store_err instance_keys(struct metadata *metadata, struct aws_keys *out)
{
    AUTO_SECRET reply = {0};
    AUTO_JSON document = NULL;
    char role[128];
    char path[sizeof ROLES + sizeof role];
    int status = 0;

    TRY(metadata_get(metadata, ROLES, &status, &reply));
    if (status == 404 || (status == 200 && reply.len == 0))
        return STORE_NOT_FOUND; /* an instance without a role */
    if (status != 200 || !line_take(&reply, role, sizeof role))
        return STORE_AUTH;
    (void)snprintf(path, sizeof path, "%s%s", ROLES, role);
    TRY(metadata_get(metadata, path, &status, &reply));
    if (status != 200 || json_read(&document, &reply, NULL) != STORE_OK)
        return STORE_AUTH;
    if (json_type(json_member(json_root(document), "Code")) == JSON_STRING &&
        !json_is(json_member(json_root(document), "Code"), "Success"))
        return STORE_AUTH;
    TRY(aws_keys_from_json(json_root(document), "Token", out));
    out->extendable = true;
    (void)snprintf(out->source, sizeof out->source, "EC2 instance role %.70s", role);
    return STORE_OK;
}

enum store_err aws_keys_from_instance(const struct aws_net *net,
                                      const struct aws_profiles *profiles, struct aws_keys *out)
{
    AUTO_METADATA metadata = {.net = net};
    enum store_err err;

    TRY(metadata_endpoint(profiles, metadata.endpoint));
    err = metadata_login(&metadata);
    if (err != STORE_OK)
        return STORE_NOT_FOUND; /* no EC2: the end of the chain says so */
    err = instance_keys(&metadata, out);
    if (err != STORE_OK && err != STORE_NOT_FOUND)
        store_log(
            STORE_LOG_ERROR,
            "aws: the metadata service at %s gives no keys: %s; is the instance's role in order?",
            metadata.endpoint, store_err_text(err));
    return err;
}

enum store_err aws_region_from_instance(const struct aws_net *net,
                                        const struct aws_profiles *profiles,
                                        char out[AWS_REGION_SIZE])
{
    AUTO_METADATA metadata = {.net = net};
    AUTO_SECRET reply = {0};
    int status = 0;

    TRY(metadata_endpoint(profiles, metadata.endpoint));
    if (metadata_login(&metadata) != STORE_OK ||
        metadata_get(&metadata, "/latest/meta-data/placement/region", &status, &reply) !=
            STORE_OK ||
        status != 200 || !line_take(&reply, out, AWS_REGION_SIZE) || !aws_region_valid(out))
        return STORE_NOT_FOUND;
    return STORE_OK;
}
