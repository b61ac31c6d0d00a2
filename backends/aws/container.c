/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/sources.h"

#include <stdio.h>
#include <string.h>

#include "backends/aws/answer.h"
#include "backends/aws/files.h"
#include "store/log.h"
#include "store/user.h"

/*
 * Keys from the agent of ECS, EKS Pod Identity or Greengrass (AWS SDKs and Tools reference guide,
 * "Container credential provider"). The variables name the endpoint. An attacker who can set them
 * must not have the token sent anywhere, so plain http goes only to this machine and to the agents'
 * own literal addresses: no name is looked up to decide that.
 */

#define AGENT_TIMEOUT_MS 2000
#define AGENT_ATTEMPTS 3
#define ROLE "check that the task or pod has a role"

static bool agent_address(const char *host)
{
    static const char *const agents[] = {"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
    size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");

    for (size_t i = 0; i < sizeof agents / sizeof agents[0]; i++)
        if (strlen(agents[i]) == len && memcmp(agents[i], host, len) == 0)
            return true;
    return aws_host_loopback(host);
}

/* Finds the URL to ask: NOT_FOUND if none is set. A path may carry a query; an endpoint may not. */
static enum store_err agent_url(char out[AWS_PATH_SIZE])
{
    const char *relative = store_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = store_env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    struct aws_endpoint endpoint;
    char origin[AWS_URL_SIZE];
    const char *host;
    int n;

    if (relative == NULL && full == NULL)
        return STORE_NOT_FOUND;
    if (relative != NULL)
        n = snprintf(out, AWS_PATH_SIZE, "http://169.254.170.2%s%s", relative[0] == '/' ? "" : "/",
                     relative);
    else
        n = snprintf(out, AWS_PATH_SIZE, "%s", full);
    host = n > 0 && n < AWS_PATH_SIZE ? strstr(out, "://") : NULL;
    if (host == NULL)
        host = "";
    else
        host += 3;
    (void)snprintf(origin, sizeof origin, "%.*s",
                   host[0] == '\0' ? 0 : (int)((size_t)(host - out) + strcspn(host, "/?#")), out);
    if (n > 0 && n < AWS_PATH_SIZE && strcspn(out, " \t\r\n#@\\") == (size_t)n &&
        aws_endpoint_parse(origin, &endpoint) &&
        (strncmp(endpoint.url, "https://", 8) == 0 || agent_address(endpoint.host)))
        return STORE_OK;
    store_log(
        STORE_LOG_ERROR,
        "aws: AWS_CONTAINER_CREDENTIALS_%s_URI is not an address that may be asked for keys; "
        "expected https, or http to this machine, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]",
        relative != NULL ? "RELATIVE" : "FULL");
    return STORE_AUTH;
}

/* The file wins and is read each time: EKS rotates it. */
static enum store_err agent_token(struct store_secret *out)
{
    const char *file = store_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *token = store_env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    enum store_err err;

    if (file == NULL)
        return token == NULL ? STORE_OK : store_secret_set(out, token, strlen(token));
    err = aws_file_read(file, true, out);
    if (err != STORE_NOT_FOUND)
        return err;
    store_log(STORE_LOG_ERROR,
              "aws: %s, which AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names, does not exist", file);
    return STORE_AUTH;
}

static enum store_err agent_keys(const struct aws_exchange *exchange, struct aws_keys *out)
{
    AUTO_JSON document = NULL;

    if (exchange->status == 200 && json_read(&document, &exchange->reply, NULL) == STORE_OK &&
        aws_keys_from_json(json_root(document), "Token", out) == STORE_OK) {
        (void)snprintf(out->source, sizeof out->source, "container endpoint");
        return STORE_OK;
    }
    if (exchange->form != AWS_FORM_JSON || exchange->status < 400 || exchange->status >= 500)
        return aws_answer_foreign(exchange, "a container's agent for keys", ROLE);
    store_log(STORE_LOG_ERROR, "aws: the container's endpoint %s returns no keys (HTTP %d); " ROLE,
              exchange->url, exchange->status);
    return STORE_AUTH;
}

enum store_err aws_keys_from_container(const struct aws_net *net, struct aws_keys *out)
{
    AUTO_EXCHANGE exchange = {.method = "GET", .timeout_ms = AGENT_TIMEOUT_MS, .direct = true};
    char url[AWS_PATH_SIZE];
    AUTO_SECRET token = {0};
    enum store_err err;

    TRY(agent_url(url));
    TRY(agent_token(&token));
    exchange.url = url;
    TRY(aws_exchange_header_text(&exchange, "Accept", "application/json"));
    if (token.len > 0 &&
        aws_exchange_header(&exchange, "Authorization", token.data, token.len) != STORE_OK) {
        store_log(STORE_LOG_ERROR,
                  "aws: the container's authorization token (AWS_CONTAINER_AUTHORIZATION_TOKEN or "
                  "the file that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names) has a line break or "
                  "another control character in it");
        return STORE_AUTH;
    }
    for (int i = 0;; i++) {
        err = aws_exchange_run(net, &exchange);
        if ((err == STORE_OK && exchange.status < 500) || i + 1 == AGENT_ATTEMPTS)
            break;
    }
    if (err == STORE_OK)
        return agent_keys(&exchange, out);
    store_log(STORE_LOG_ERROR, "aws: the container's endpoint %s does not answer: %s", url,
              store_err_text(err));
    return err;
}
