/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/operations.h"

#include <string.h>

#include "backends/aws/secret_value.h"
#include "store/log.h"

/*
 * The versions of a secret. AWS names them by ids and deletes and restores a secret as a whole, so
 * a number is the place in the list, and all versions of a deleted secret are deleted.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html
 */

#define PAGE 100      /* AWS's most for MaxResults */
#define PAGES_MAX 100 /* a token that never ends */
#define TOKEN_SIZE 4097
#define ID_MIN 32 /* of a VersionId, in characters */
#define ID_MAX 64

static enum store_err page_body(const struct store_ctx *ctx, const char *key, const char *next,
                                struct store_secret *out)
{
    struct json_writer *w;

    TRY(aws_body_begin(ctx, "SecretId", key, &w));
    json_write_key(w, "IncludeDeprecated");
    json_write_flag(w, true);
    json_write_key(w, "MaxResults");
    json_write_integer(w, PAGE);
    if (next[0] != '\0') {
        json_write_key(w, "NextToken");
        json_write_text(w, next);
    }
    json_write_object_end(w);
    return json_write_end(w, out);
}

/* The current version is the first, and the one before it the second, whatever their times: a write
 * that lost a race leaves a newer version, and AWS's times may be equal. */
static uint32_t rank_of(struct json_value version)
{
    struct json_value stages = json_member(version, "VersionStages");

    for (struct json_value label = json_first(stages); label.document != NULL;
         label = json_next(label)) {
        if (json_is(label, "AWSCURRENT"))
            return 2;
        if (json_is(label, "AWSPREVIOUS"))
            return 1;
    }
    return 0;
}

static enum store_err page_parse(struct json_value root, const struct aws_description *description,
                                 struct store_versions *out)
{
    for (struct json_value v = json_first(json_member(root, "Versions")); v.document != NULL;
         v = json_next(v)) {
        struct store_version version = {.state = STORE_VERSION_OLD};

        TRY(json_text(json_member(v, "VersionId"), version.id, sizeof version.id));
        (void)!json_seconds(json_member(v, "CreatedDate"), &version.created_ns);
        if (version.created_ns < 0)
            version.created_ns = 0;
        if (description->deleted)
            version.state = STORE_VERSION_DELETED;
        else if (strcmp(version.id, description->version) == 0)
            version.state = STORE_VERSION_CURRENT;
        version.until_ns = description->until_ns;
        version.number = rank_of(v);
        if (store_versions_find(out, version.id) == NULL)
            TRY(store_versions_add(out, &version));
    }
    return STORE_OK;
}

static enum store_err pages_read(struct store_ctx *ctx, const struct aws_net *net, const char *key,
                                 const struct aws_description *description,
                                 struct store_versions *out)
{
    char next[TOKEN_SIZE] = "";

    for (int page = 0; page < PAGES_MAX; page++) {
        AUTO_CALL call = {.operation = "ListSecretVersionIds", .what = key};
        struct json_value token;
        enum store_err err;

        TRY(page_body(ctx, key, next, &call.body));
        err = aws_call_run(ctx, net, &call);
        if (err != STORE_OK)
            return aws_call_failed(&call, err);
        err = page_parse(json_root(call.document), description, out);
        token = json_member(json_root(call.document), "NextToken");
        if (err == STORE_OK && json_type(token) != JSON_STRING)
            return STORE_OK;
        if (err == STORE_OK)
            err = json_text(token, next, sizeof next);
        if (err == STORE_NO_MEMORY || (err == STORE_OK && next[0] == '\0'))
            return err;
        if (err != STORE_OK)
            break;
    }
    store_log(
        STORE_LOG_ERROR,
        "aws: the answer for the versions of %s is not one of Secrets Manager, or never ends; "
        "check the endpoint",
        key);
    return STORE_UNAVAILABLE;
}

/* As aws_describe, but DENIED is logged, too. */
static enum store_err describe(struct store_ctx *ctx, const struct aws_net *net, const char *key,
                               struct aws_description *out)
{
    enum store_err err = aws_describe(ctx, net, key, out);

    if (err == STORE_DENIED)
        store_log(STORE_LOG_ERROR,
                  "aws: the versions of %s: the policies must allow secretsmanager:DescribeSecret "
                  "on it (aws.md in the documentation has one)",
                  key);
    return err;
}

enum store_err aws_versions(struct store_ctx *ctx, const char *key, struct store_versions *out)
{
    const struct aws_net net = aws_context_net(ctx);
    struct aws_description description = {.deleted = false};
    enum store_err err;

    TRY(describe(ctx, &net, key, &description));
    err = pages_read(ctx, &net, key, &description, out);
    if (err == STORE_OK && out->count == 0)
        err = STORE_NOT_FOUND;
    if (err != STORE_OK) {
        store_versions_clear(out);
        return err;
    }
    store_versions_sort(out);
    out->destroyed_by_remove = ctx->recovery_days == 0;
    for (size_t i = 0; i < out->count; i++)
        out->all[i].number = (uint32_t)(out->count - i);
    return STORE_OK;
}

enum store_err aws_read_version(struct store_ctx *ctx, const char *key, const char *id,
                                struct store_record *out)
{
    const struct aws_net net = aws_context_net(ctx);
    AUTO_CALL call = {.operation = "GetSecretValue", .what = key};
    struct json_writer *w;
    enum store_err err;
    size_t len = strlen(id);

    store_record_clear(out);
    if (len < ID_MIN || len > ID_MAX)
        return STORE_NOT_FOUND;
    TRY(aws_body_begin(ctx, "SecretId", key, &w));
    json_write_key(w, "VersionId");
    json_write_text(w, id);
    json_write_object_end(w);
    TRY(json_write_end(w, &call.body));
    err = aws_call_run(ctx, &net, &call);
    if (err == STORE_UNSUPPORTED && aws_value_deleted(ctx, &net, key, &call))
        return STORE_NOT_FOUND;
    if (err != STORE_OK)
        return aws_call_failed(&call, err);
    if (!json_is(json_member(json_root(call.document), "VersionId"), id)) {
        store_log(STORE_LOG_ERROR,
                  "aws: the answer for a version of %s is another version; check the endpoint",
                  key);
        return STORE_UNAVAILABLE;
    }
    return aws_value_parse(json_root(call.document), key, out, NULL);
}

enum store_err aws_restore(struct store_ctx *ctx, const char *key, const char *id)
{
    const struct aws_net net = aws_context_net(ctx);
    AUTO_CALL call = {.operation = "RestoreSecret", .what = key};
    const struct store_version *version;
    AUTO_VERSIONS versions = {0};
    enum store_err err;

    TRY(aws_versions(ctx, key, &versions));
    version = store_versions_find(&versions, id);
    if (version == NULL)
        return STORE_NOT_FOUND;
    if (version->state != STORE_VERSION_DELETED)
        return STORE_OK;
    TRY(aws_body_id(ctx, key, &call.body));
    err = aws_call_run(ctx, &net, &call);
    return err == STORE_OK ? err : aws_call_failed(&call, err);
}

/* `days` of recovery; 0: none, for good. */
static enum store_err discard(struct store_ctx *ctx, const char *key, long days)
{
    const struct aws_net net = aws_context_net(ctx);
    struct aws_description description = {.deleted = false};

    TRY(describe(ctx, &net, key, &description)); /* a forced deletion of nothing succeeds */
    if (description.deleted && days > 0)
        return STORE_NOT_FOUND;
    return aws_secret_delete(ctx, &net, key, days);
}

enum store_err aws_retire(struct store_ctx *ctx, const char *key)
{
    return discard(ctx, key, ctx->recovery_days > 0 ? ctx->recovery_days : AWS_RECOVERY_DAYS);
}

enum store_err aws_destroy(struct store_ctx *ctx, const char *key)
{
    return discard(ctx, key, 0);
}
