/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/login.h"

#include <string.h>

#include "backends/vault/request.h"
#include "store/log.h"
#include "store/trusted_file.h"
#include "store/utf8.h"

/* The logins: https://developer.hashicorp.com/vault/api-docs/auth (approle, kubernetes, cert). */

#define FILE_MAX ((size_t)64 * 1024)

enum store_err vault_file_secret(const char *path, bool named, struct store_secret *out)
{
    char why[STORE_TRUSTED_WHY];
    AUTO_SECRET text = {0};
    enum store_err err = store_trusted_read(path, FILE_MAX, &text, NULL, why);
    size_t start = 0;

    if (err == STORE_NOT_FOUND || err == STORE_NO_MEMORY)
        return err;
    if (err == STORE_DENIED && !named) {
        store_log(STORE_LOG_WARNING, "vault: %s, or set HOME; the file is not read", why);
        return STORE_NOT_FOUND;
    }
    if (err != STORE_OK) {
        store_log(STORE_LOG_ERROR, "vault: %s", why);
        return STORE_AUTH;
    }
    while (start < text.len && store_ascii_space((char)text.data[start]))
        start++;
    while (text.len > start && store_ascii_space((char)text.data[text.len - 1]))
        text.len--;
    store_secret_slice(out, &text, start, text.len - start);
    return out->len == 0 ? STORE_NOT_FOUND : STORE_OK;
}

/* Reads a secret from a file that must exist. */
static enum store_err file_needed(const char *path, const char *setting, struct store_secret *out)
{
    enum store_err err = vault_file_secret(path, true, out);

    if (err == STORE_OK || err == STORE_NO_MEMORY)
        return err;
    if (err != STORE_NOT_FOUND)
        return STORE_AUTH;
    store_log(STORE_LOG_ERROR, "vault: %s does not exist or is empty; set %s to the right file",
              path, setting);
    return STORE_AUTH;
}

static enum store_err setting_missing(const char *method, const char *setting)
{
    store_log(STORE_LOG_ERROR, "vault: the login method %s needs %s", method, setting);
    return STORE_BAD_CONF;
}

static enum store_err approle_body(const struct store_ctx *ctx, struct json_writer *w)
{
    const char *role = store_conf_text(ctx->conf, "vault.auth.role_id");
    const char *file = store_conf_text(ctx->conf, "vault.auth.secret_id_file");
    AUTO_SECRET secret = {0};

    if (role == NULL)
        return setting_missing("approle", "vault.auth.role_id");
    store_secret_share(&secret, store_conf_secret(ctx->conf, "vault.auth.secret_id"));
    /* Read at each login: there may be a new one. */
    if (secret.len == 0 && file != NULL)
        TRY(file_needed(file, "vault.auth.secret_id_file", &secret));
    json_write_key(w, "role_id");
    json_write_text(w, role);
    if (secret.len == 0)
        return STORE_OK; /* a role may be bound to networks instead */
    json_write_key(w, "secret_id");
    json_write_string(w, secret.data, secret.len);
    return STORE_OK;
}

static enum store_err kubernetes_body(const struct store_ctx *ctx, struct json_writer *w)
{
    const char *role = store_conf_text(ctx->conf, "vault.auth.role");
    const char *file = store_conf_text(ctx->conf, "vault.auth.jwt_file");
    AUTO_SECRET jwt = {0};

    if (role == NULL)
        return setting_missing("kubernetes", "vault.auth.role");
    if (file == NULL)
        return setting_missing("kubernetes", "vault.auth.jwt_file");
    /* Read at each login: the kubelet replaces it. */
    TRY(file_needed(file, "vault.auth.jwt_file", &jwt));
    json_write_key(w, "role");
    json_write_text(w, role);
    json_write_key(w, "jwt");
    json_write_string(w, jwt.data, jwt.len);
    return STORE_OK;
}

static enum store_err cert_body(const struct store_ctx *ctx, struct json_writer *w)
{
    const char *role = store_conf_text(ctx->conf, "vault.auth.role");

    if (store_conf_text(ctx->conf, "vault.client_cert") == NULL)
        return setting_missing("cert", "vault.client_cert (VAULT_CLIENT_CERT)");
    if (role != NULL) {
        json_write_key(w, "name");
        json_write_text(w, role);
    }
    return STORE_OK;
}

static enum store_err login_members(const struct store_ctx *ctx, struct json_writer *w)
{
    if (strcmp(ctx->method, "approle") == 0)
        return approle_body(ctx, w);
    if (strcmp(ctx->method, "kubernetes") == 0)
        return kubernetes_body(ctx, w);
    return cert_body(ctx, w);
}

static enum store_err login_body(const struct store_ctx *ctx, struct store_secret *out)
{
    struct json_writer *w;
    enum store_err err;

    TRY(json_write_begin(&w));
    json_write_object(w);
    err = login_members(ctx, w);
    if (err != STORE_OK) {
        json_write_drop(w);
        return err;
    }
    json_write_object_end(w);
    return json_write_end(w, out);
}

enum store_err vault_login(struct store_ctx *ctx, int64_t deadline_ns, struct json_document **reply)
{
    const char *mount = store_conf_text(ctx->conf, "vault.auth.mount");
    AUTO_CALL call = {.what = "logging in with", .method = "POST", .deadline_ns = deadline_ns};
    enum store_err err;

    TRY(vault_path_add(&call.path, "/auth"));
    TRY(vault_path_segments(&call.path, mount == NULL ? ctx->method : mount));
    TRY(vault_path_add(&call.path, "/login"));
    TRY(login_body(ctx, &call.body));
    err = vault_request_run(ctx, &call, NULL);
    *reply = call.reply;
    call.reply = NULL;
    /* A login that the server refuses has the wrong credentials. */
    return err == STORE_DENIED || err == STORE_UNSUPPORTED ? STORE_AUTH : err;
}
