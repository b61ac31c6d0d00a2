/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/kv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/json_record.h"
#include "store/log.h"
#include "store/time.h"

enum store_err vault_kv_path(const struct store_ctx *ctx, const char *part, const char *key,
                             struct vault_path *out)
{
    size_t len = strlen(key);
    enum store_err err;

    *out = (struct vault_path){.len = 0};
    err = vault_path_segments(out, ctx->mount);
    if (err == STORE_OK)
        err = vault_path_segments(out, part);
    if (err == STORE_OK)
        err = vault_path_segments(out, ctx->prefix);
    if (err == STORE_OK && len > 0 && key[len - 1] == '/')
        err = STORE_BAD_KEY; /* "a/" is not the key "a" */
    if (err == STORE_OK)
        err = vault_path_segments(out, key);
    if (err != STORE_OK)
        store_log(STORE_LOG_ERROR,
                  "vault: %s cannot be a path: a part of it is empty, \".\" or \"..\", or "
                  "it is too long; choose another key",
                  key);
    return err;
}

void vault_policy_path(const struct store_ctx *ctx, const char *part, const char *key,
                       char out[VAULT_PATH_SIZE])
{
    const char *parts[] = {ctx->mount, part, ctx->prefix, key};
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const char *text = parts[i] + (parts[i][0] == '/');
        size_t text_len = strlen(text);

        if (text_len > 0 && text[text_len - 1] == '/')
            text_len--;
        if (text_len == 0 || text_len + 2 > VAULT_PATH_SIZE - len)
            continue;
        if (len > 0)
            out[len++] = '/';
        memcpy(out + len, text, text_len);
        len += text_len;
        out[len] = '\0';
    }
}

/* True if the data is only the mark of a removal, as older versions of this backend wrote it. */
static bool mark_alone(struct json_value data)
{
    return json_count(data) == 1 && json_key_is(json_first(data), VAULT_REMOVED);
}

int64_t vault_kv_time(struct json_value from, const char *member)
{
    char text[STORE_TIME_TEXT_SIZE] = "";

    if (json_text(json_member(from, member), text, sizeof text) != STORE_OK || text[0] == '\0')
        return 0;
    return store_time_parse(text, strlen(text));
}

enum store_err vault_kv_parse(const struct vault_call *call, enum store_err err, const char *key,
                              struct vault_found *out)
{
    struct json_value outer = json_member(json_root(call->reply), "data");
    struct json_value metadata = json_member(outer, "metadata");

    *out = (struct vault_found){.version = 0};
    if (err != STORE_OK && err != STORE_NOT_FOUND)
        return err;
    if (err == STORE_NOT_FOUND && json_type(metadata) != JSON_OBJECT)
        return STORE_NOT_FOUND;
    out->data = json_member(outer, "data");
    if (json_whole(json_member(metadata, "version"), &out->version) != STORE_OK ||
        out->version < 1 || (err == STORE_OK) != (json_type(out->data) == JSON_OBJECT)) {
        *out = (struct vault_found){.version = 0};
        store_log(STORE_LOG_ERROR,
                  "vault: the reply for %s is not of a KV version 2 engine; check vault.address, "
                  "vault.mount and the proxy before the server",
                  key);
        return STORE_UNAVAILABLE;
    }
    out->written_ns = vault_kv_time(metadata, "created_time");
    out->marked = json_type(json_member(out->data, VAULT_REMOVED)) != JSON_ABSENT;
    if (err == STORE_OK && !mark_alone(out->data))
        return STORE_OK;
    out->data = (struct json_value){.document = NULL};
    store_log(STORE_LOG_DEBUG,
              "vault: %s is deleted; version %" PRId64 " can be brought back with: "
              "vault kv undelete",
              key, out->version);
    return STORE_NOT_FOUND;
}

/* The value of a secret with fields of another program is the whole object, without the mark of a
 * removal. */
static enum store_err fields_parse(const struct vault_found *found, struct store_record *out)
{
    static const char *const mark[] = {VAULT_REMOVED, NULL};
    struct json_writer *w;
    enum store_err err;

    if (!found->marked) {
        json_raw(found->data, &out->value);
        return STORE_OK;
    }
    TRY(json_write_begin(&w));
    json_write_object(w);
    err = json_write_members(w, found->data, mark);
    if (err != STORE_OK) {
        json_write_drop(w);
        return err;
    }
    json_write_object_end(w);
    return json_write_end(w, &out->value);
}

bool vault_kv_has_fields(struct json_value data)
{
    return json_count(data) > 0 && json_type(json_member(data, "value")) == JSON_ABSENT;
}

enum store_err vault_kv_record(const struct store_ctx *ctx, const struct vault_found *found,
                               const char *key, struct store_record *out)
{
    enum store_err err = vault_kv_has_fields(found->data) ? fields_parse(found, out)
                                                          : record_parse(found->data, out);

    if (err == STORE_CORRUPT)
        store_log(
            STORE_LOG_ERROR,
            "vault: %s/%s/%s is empty or has a \"value\" that is not a text; look at it with: "
            "vault kv get -mount=%s %s/%s",
            ctx->mount, ctx->prefix, key, ctx->mount, ctx->prefix, key);
    TRY(err);
    if (out->updated_ns == 0)
        out->updated_ns = found->written_ns;
    if (out->created_ns == 0 && found->version == 1)
        out->created_ns = found->written_ns;
    (void)snprintf(out->version, sizeof out->version, "%" PRId64, found->version);
    return STORE_OK;
}
