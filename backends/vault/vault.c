/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backends/vault/kv.h"
#include "backends/vault/token.h"
#include "store/log.h"
#include "store/url.h"

static const char *text_or_null(const struct store_conf *conf, const char *path)
{
    const char *text = store_conf_text(conf, path);

    return text == NULL || text[0] == '\0' ? NULL : text;
}

/* Whether the address is that of a server, to which /v1/… can be appended: not of a page of its web
 * interface, and without what only some clients would send on. */
static bool address_plain(const char *address)
{
    const char *host = strstr(address, "://");
    const char *path = host == NULL ? NULL : strchr(host + 3, '/');

    if (strpbrk(address, "?#@\\ ") != NULL)
        return false;
    for (; path != NULL; path = strchr(path + 1, '/')) {
        size_t len = strcspn(path + 1, "/");
        bool last = path[1 + len] == '\0' || path[2 + len] == '\0';

        if (len == 2 &&
            (strncmp(path + 1, "ui", 2) == 0 || (last && strncmp(path + 1, "v1", 2) == 0)))
            return false;
    }
    return true;
}

/* Takes the address without its last '/'. */
static enum store_err address_take(struct store_ctx *ctx)
{
    const char *address = store_conf_text(ctx->conf, "vault.address");
    size_t len = strlen(address);
    bool http = strncasecmp(address, "http://", 7) == 0;
    char shown[VAULT_ADDRESS_SIZE];

    store_url_show(address, shown, sizeof shown);
    while (len > 0 && address[len - 1] == '/')
        len--;
    if (len >= sizeof ctx->address || (!http && strncasecmp(address, "https://", 8) != 0) ||
        !address_plain(address)) {
        store_log(STORE_LOG_ERROR,
                  "vault: vault.address (VAULT_ADDR) is %s; set it to the server's URL, such as "
                  "https://vault.internal:8200, without user, query, fragment, /ui and /v1",
                  shown);
        return STORE_BAD_CONF;
    }
    memcpy(ctx->address, address, len);
    ctx->address[len] = '\0';
    ctx->allow_http = store_conf_flag(ctx->conf, "vault.allow_http");
    ctx->direct = vault_host_loopback(ctx->address);
    if (!http || ctx->direct || ctx->allow_http)
        return STORE_OK;
    store_log(STORE_LOG_ERROR,
              "vault: %s would carry the token and the secrets unencrypted; use "
              "https://, or set vault.allow_http if the network may be trusted",
              ctx->address);
    return STORE_BAD_CONF;
}

/* The parts of every path, checked before a key is put to them. */
static enum store_err paths_take(struct store_ctx *ctx)
{
    struct vault_path path = {.len = 0};

    ctx->mount = store_conf_text(ctx->conf, "vault.mount");
    ctx->prefix = store_conf_text(ctx->conf, "vault.prefix");
    if (vault_path_segments(&path, ctx->mount) == STORE_OK && path.len > 0 &&
        vault_path_segments(&path, ctx->prefix) == STORE_OK && path.len < VAULT_PATH_SIZE / 2)
        return STORE_OK;
    store_log(STORE_LOG_ERROR,
              "vault: vault.mount is \"%s\" and vault.prefix \"%s\"; neither may have "
              "empty parts, \".\" or \"..\", and the mount may not be empty",
              ctx->mount, ctx->prefix);
    return STORE_BAD_CONF;
}

static enum store_err client_open(struct store_ctx *ctx)
{
    const struct store_conf *conf = ctx->conf;
    const struct http_options options = {
        .ca_file = text_or_null(conf, "vault.ca_cert"),
        .ca_path = text_or_null(conf, "vault.ca_path"),
        .ca_setting = text_or_null(conf, "vault.ca_cert") != NULL ? "vault.ca_cert (VAULT_CACERT)"
                                                                  : "vault.ca_path (VAULT_CAPATH)",
        .client_cert = text_or_null(conf, "vault.client_cert"),
        .client_key = text_or_null(conf, "vault.client_key"),
        .server_name = text_or_null(conf, "vault.tls_server_name"),
        .proxy = store_conf_text(conf, "vault.proxy"),
        .skip_verify = store_conf_flag(conf, "vault.skip_verify"),
        .https_only = strncasecmp(ctx->address, "https://", 8) == 0,
    };

    if ((options.client_cert == NULL) != (options.client_key == NULL)) {
        store_log(STORE_LOG_ERROR, "vault: vault.client_cert and vault.client_key go together; set "
                                   "both or neither");
        return STORE_BAD_CONF;
    }
    if (options.skip_verify)
        store_log(STORE_LOG_WARNING,
                  "vault: the certificate of %s is not checked "
                  "(vault.skip_verify); set vault.ca_cert instead",
                  ctx->address);
    return http_client_open(&ctx->http, &options);
}

static void vault_close(struct store_ctx *ctx)
{
    if (ctx == NULL)
        return;
    http_client_close(ctx->http);
    vault_token_destroy(&ctx->token);
    free(ctx);
}

static enum store_err vault_open(struct store_ctx **out, const struct store_conf *conf)
{
    struct store_ctx *ctx = calloc(1, sizeof *ctx);
    enum store_err err;

    if (ctx == NULL)
        return STORE_NO_MEMORY;
    ctx->conf = conf;
    ctx->method = store_conf_text(conf, "vault.auth.method");
    ctx->namespace = text_or_null(conf, "vault.namespace");
    ctx->nodes = text_or_null(conf, "vault.nodes");
    vault_token_init(&ctx->token);
    err = address_take(ctx);
    if (err == STORE_OK)
        err = paths_take(ctx);
    if (err == STORE_OK)
        err = client_open(ctx);
    if (err == STORE_OK)
        *out = ctx;
    else
        vault_close(ctx);
    return err;
}

const struct store_backend vault_backend = {
    .open = vault_open,
    .close = vault_close,
    .read = vault_read,
    .read_many = vault_read_many,
    .list = vault_list,
    .write = vault_write,
    .remove = vault_remove,
    .logout = vault_token_forget,
    .health = vault_health,
};
