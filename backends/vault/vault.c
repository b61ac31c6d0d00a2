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
#include "store/utf8.h"

static const char *text_or_null(const struct store_conf *conf, const char *path)
{
    const char *text = store_conf_text(conf, path);

    return text == NULL || text[0] == '\0' ? NULL : text;
}

static bool segment_is(const char *segment, size_t len, const char *name)
{
    return strlen(name) == len && strncasecmp(segment, name, len) == 0;
}

/* True if /v1/… can follow the address: it is not a page of the web interface or a part of the API,
 * and every client reads it alike. It has no '/' at its end. */
static bool address_is_plain(const char *address)
{
    const char *host = strstr(address, "://");
    const char *path = host == NULL ? NULL : strchr(host + 3, '/');
    bool first = true;

    if (strpbrk(address, "?#@\\ ") != NULL || (path != NULL && strpbrk(path, "%;") != NULL))
        return false;
    for (; path != NULL; path = strchr(path + 1, '/'), first = false) {
        const char *segment = path + 1;
        size_t len = strcspn(segment, "/");
        bool last = segment[len] == '\0';

        if (len == 0 || segment_is(segment, len, ".") || segment_is(segment, len, "..") ||
            segment_is(segment, len, "ui") || ((first || last) && segment_is(segment, len, "v1")))
            return false;
    }
    return true;
}

/* Copies the address without the '/' at its end. */
static enum store_err address_copy(struct store_ctx *ctx)
{
    const char *address = store_conf_text(ctx->conf, "vault.address");
    size_t len = strlen(address);
    bool http = strncasecmp(address, "http://", 7) == 0;
    char shown[VAULT_ADDRESS_SIZE];

    while (len > 0 && address[len - 1] == '/')
        len--;
    (void)snprintf(ctx->address, sizeof ctx->address, "%.*s", (int)len, address);
    if (len >= sizeof ctx->address || (!http && strncasecmp(address, "https://", 8) != 0) ||
        !address_is_plain(ctx->address)) {
        store_url_show(address, shown, sizeof shown);
        store_log(STORE_LOG_ERROR,
                  "vault: vault.address (VAULT_ADDR) is %s; set it to the server's URL, such as "
                  "https://vault.internal:8200, without user, query, fragment, /ui and /v1",
                  shown);
        return STORE_BAD_CONF;
    }
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

/* Checks the parts that all paths share, before a key is added to them. */
static enum store_err paths_prepare(struct store_ctx *ctx)
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

/* Checks vault.tls_server_name (may be NULL), before a request has its URL with that name. */
static enum store_err name_check(const char *name)
{
    char shown[256];
    enum store_err err = name == NULL ? STORE_OK : http_host_check(name);

    if (err != STORE_BAD_VALUE)
        return err;
    (void)snprintf(shown, sizeof shown, "%s", name);
    store_utf8_defuse(shown);
    store_log(STORE_LOG_ERROR,
              "vault: vault.tls_server_name (VAULT_TLS_SERVER_NAME) is \"%s\", which is not the "
              "name of a host; set it to the name in the server's certificate",
              shown);
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
    TRY(http_client_open(&ctx->http, &options));
    return name_check(options.server_name);
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
    err = address_copy(ctx);
    if (err == STORE_OK)
        err = paths_prepare(ctx);
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
    .versions = vault_versions,
    .read_version = vault_read_version,
    .retire = vault_retire,
    .restore = vault_restore,
    .destroy = vault_destroy,
    .logout = vault_token_forget,
    .health = vault_health,
    .examine = vault_examine,
};
