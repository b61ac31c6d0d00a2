/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/secret_value.h"

#include <string.h>

#include "backends/aws/name.h"
#include "core/json_record.h"
#include "store/base64.h"
#include "store/log.h"

#define ATTEMPTS 5 /* at a secret that gets its first value between two requests */

enum store_err aws_body_begin(const struct store_ctx *ctx, const char *member, const char *key,
                              struct json_writer **out)
{
    char name[AWS_NAME_MAX + 1];
    size_t len;

    if (aws_name_encode(ctx->prefix, key, name, &len) != STORE_OK) {
        store_log(STORE_LOG_ERROR,
                  "aws: the name of %s would have %zu characters, with escapes for the ones that "
                  "AWS does not allow; the limit is %d",
                  key, len, AWS_NAME_MAX);
        return STORE_TOO_BIG;
    }
    TRY(json_write_begin(out));
    json_write_object(*out);
    json_write_key(*out, member);
    json_write_string(*out, name, len);
    return STORE_OK;
}

enum store_err aws_body_id(const struct store_ctx *ctx, const char *key, struct store_secret *out)
{
    struct json_writer *w;

    TRY(aws_body_begin(ctx, "SecretId", key, &w));
    json_write_object_end(w);
    return json_write_end(w, out);
}

/* True if a text is a record: an object whose `value` is not another program's. */
static bool text_is_record(struct json_value root)
{
    enum json_type type = json_type(json_member(root, "value"));

    return json_type(root) == JSON_OBJECT &&
           (type == JSON_STRING || type == JSON_DUPLICATE ||
            (type != JSON_ABSENT && json_type(json_member(root, "metadata")) == JSON_OBJECT));
}

enum store_err aws_value_is_fields(const struct store_secret *text, bool *out)
{
    AUTO_JSON document = NULL;
    enum store_err err = json_read(&document, text, NULL);
    struct json_value root = json_root(document);

    *out = err == STORE_OK && json_type(root) == JSON_OBJECT && json_count(root) > 0 &&
           !text_is_record(root);
    return err == STORE_NO_MEMORY ? err : STORE_OK;
}

static enum store_err text_parse(const struct store_secret *string, struct store_record *out,
                                 struct store_secret *text)
{
    AUTO_JSON document = NULL;
    enum store_err err = json_read(&document, string, NULL);

    if (err == STORE_NO_MEMORY)
        return err;
    if (err != STORE_OK || !text_is_record(json_root(document))) {
        store_secret_share(&out->value, string);
        return STORE_OK;
    }
    if (text != NULL)
        store_secret_share(text, string);
    return record_parse(json_root(document), out);
}

static enum store_err binary_parse(struct json_value value, struct store_record *out)
{
    AUTO_SECRET coded = {0};

    TRY(json_bytes(value, &coded));
    return store_base64_decode((const char *)coded.data, coded.len, &out->value);
}

enum store_err aws_value_parse(struct json_value reply, const char *key, struct store_record *out,
                               struct store_secret *text)
{
    struct json_value string = json_member(reply, "SecretString");
    AUTO_RECORD record = {0};
    AUTO_SECRET held = {0};
    enum store_err err;

    if (text != NULL)
        store_secret_wipe(text);
    if (json_type(string) == JSON_STRING) {
        err = json_bytes(string, &held);
        if (err == STORE_OK)
            err = text_parse(&held, &record, text);
    } else {
        err = binary_parse(json_member(reply, "SecretBinary"), &record);
    }
    if (err == STORE_OK)
        err = json_text(json_member(reply, "VersionId"), record.version, sizeof record.version);
    if (err == STORE_OK && record.value.len == 0)
        err = STORE_CORRUPT;
    if (record.updated_ns == 0)
        (void)!json_seconds(json_member(reply, "CreatedDate"), &record.updated_ns);
    if (record.updated_ns < 0) /* the module writes no time before 1970 */
        record.updated_ns = 0;
    if (err == STORE_CORRUPT)
        store_log(STORE_LOG_ERROR,
                  "aws: the secret of %s is empty or a damaged record; look at it with: aws "
                  "secretsmanager get-secret-value, and set it anew",
                  key);
    if (err == STORE_OK)
        store_record_share(out, &record);
    return err;
}

/* The version that has the label AWSCURRENT, in {"version": ["label", …], …}. */
static void current_version(struct json_value versions, char out[STORE_VERSION_SIZE])
{
    out[0] = '\0';
    for (struct json_value v = json_first(versions); v.document != NULL; v = json_next(v))
        for (struct json_value label = json_first(v); label.document != NULL;
             label = json_next(label))
            if (json_is(label, "AWSCURRENT") &&
                json_key_text(v, out, STORE_VERSION_SIZE) != STORE_OK)
                out[0] = '\0';
}

enum store_err aws_describe(struct store_ctx *ctx, const struct aws_net *net, const char *key,
                            struct aws_description *out)
{
    AUTO_CALL call = {.operation = "DescribeSecret", .what = key};
    struct json_value date;
    enum store_err err;

    TRY(aws_body_id(ctx, key, &call.body));
    err = aws_call_run(ctx, net, &call);
    if (err != STORE_OK)
        return err == STORE_DENIED ? err : aws_call_failed(&call, err);
    date = json_member(json_root(call.document), "DeletedDate");
    out->deleted = json_type(date) != JSON_ABSENT && json_type(date) != JSON_NULL;
    if (!out->deleted || json_seconds(date, &out->until_ns) != STORE_OK || out->until_ns < 0)
        out->until_ns = 0;
    current_version(json_member(json_root(call.document), "VersionIdsToStages"), out->version);
    return STORE_OK;
}

/* Messages of AWS that say more than the error's name, ended by NULL: for identities that may not
 * describe. */
static const char *const deletion_pending[] = {"marked for deletion", "marked deleted",
                                               "scheduled for deletion", NULL};
static const char *const value_missing[] = {"specified secret value", "staging label", NULL};

static bool message_says(const struct aws_call *call, const char *const *words)
{
    for (; *words != NULL; words++)
        if (call->exchange.reply.len > 0 &&
            memmem(call->exchange.reply.data, call->exchange.reply.len, *words, strlen(*words)) !=
                NULL)
            return true;
    return false;
}

bool aws_value_deleted(struct store_ctx *ctx, const struct aws_net *net, const char *key,
                       struct aws_call *call)
{
    struct aws_description description = {0};

    if (!aws_call_refused(call, "InvalidRequestException") &&
        !aws_call_refused(call, "ResourceExistsException"))
        return false;
    switch (aws_describe(ctx, net, key, &description)) {
    case STORE_OK:
        return description.deleted;
    case STORE_DENIED:
        return message_says(call, deletion_pending);
    default:
        return false;
    }
}

enum store_err aws_value_state(struct store_ctx *ctx, const struct aws_net *net, const char *key)
{
    struct aws_description description = {0};
    enum store_err err = aws_describe(ctx, net, key, &description);

    if (err != STORE_OK)
        return err;
    if (description.deleted)
        return STORE_NOT_FOUND;
    return description.version[0] == '\0' ? STORE_NO_VALUE : STORE_OK;
}

/* Finds out why AWS found no value: the secret has none yet, or was deleted meanwhile. `again`: the
 * secret just got one, which the next read finds. */
static enum store_err value_explain(struct store_ctx *ctx, const struct aws_net *net,
                                    const char *key, bool *deleted, bool *again)
{
    struct aws_description description = {0};
    enum store_err err = aws_describe(ctx, net, key, &description);

    if (err == STORE_DENIED)
        return STORE_NO_VALUE;
    TRY(err);
    if (description.deleted) {
        if (deleted != NULL)
            *deleted = true;
        return STORE_NOT_FOUND;
    }
    *again = description.version[0] != '\0';
    return STORE_NO_VALUE;
}

/* Reads the value once; `again` as value_explain. */
static enum store_err value_fetch(struct store_ctx *ctx, const struct aws_net *net, const char *key,
                                  struct store_record *out, struct store_secret *text,
                                  bool *deleted, bool *again)
{
    AUTO_CALL call = {.operation = "GetSecretValue", .what = key};
    char name[AWS_NAME_MAX + 1];
    enum store_err err;

    TRY(aws_body_id(ctx, key, &call.body));
    err = aws_call_run(ctx, net, &call);
    if (err == STORE_OK || err == STORE_NOT_FOUND || err == STORE_DENIED)
        atomic_store(&ctx->may_read, err != STORE_DENIED);
    if (err == STORE_UNSUPPORTED && aws_value_deleted(ctx, net, key, &call)) {
        if (deleted != NULL)
            *deleted = true;
        return STORE_NOT_FOUND;
    }
    if (err == STORE_NOT_FOUND && message_says(&call, value_missing))
        return value_explain(ctx, net, key, deleted, again);
    if (err != STORE_OK)
        return aws_call_failed(&call, err);
    if (aws_name_encode(ctx->prefix, key, name, NULL) == STORE_OK &&
        !json_is(json_member(json_root(call.document), "Name"), name)) {
        store_log(STORE_LOG_ERROR,
                  "aws: the answer for %s has another secret's name; check the endpoint and the "
                  "proxies in between",
                  key);
        return STORE_UNAVAILABLE;
    }
    return aws_value_parse(json_root(call.document), key, out, text);
}

enum store_err aws_value_read(struct store_ctx *ctx, const struct aws_net *net, const char *key,
                              struct store_record *out, struct store_secret *text, bool *deleted)
{
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        bool again = false;
        enum store_err err = value_fetch(ctx, net, key, out, text, deleted, &again);

        if (!again)
            return err;
    }
    store_log(STORE_LOG_WARNING, "aws: %s is getting its first value right now; try again", key);
    return STORE_UNAVAILABLE;
}
