/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/operations.h"

#include <string.h>

#include "backends/aws/secret_value.h"
#include "store/log.h"

enum store_err aws_read(struct store_ctx *ctx, const char *key, struct store_record *out)
{
    const struct aws_net net = aws_context_net(ctx);

    store_record_clear(out);
    return aws_value_read(ctx, &net, key, out, NULL, NULL);
}

/* The part of a bulk read that fits into one batch. */
struct batch {
    const char *const *keys;
    size_t count;
    bool answered[AWS_BATCH_MAX];
    store_each_fn *each;
    void *arg;
};

static enum store_err batch_body(const struct store_ctx *ctx, const struct batch *batch,
                                 struct store_secret *out)
{
    struct json_writer *w;

    TRY(json_write_begin(&w));
    json_write_object(w);
    json_write_key(w, "SecretIdList");
    json_write_array(w);
    for (size_t i = 0; i < batch->count; i++) {
        char name[AWS_NAME_MAX + 1];

        if (!batch->answered[i] &&
            aws_name_encode(ctx->prefix, batch->keys[i], name, NULL) == STORE_OK)
            json_write_text(w, name);
    }
    json_write_array_end(w);
    json_write_object_end(w);
    return json_write_end(w, out);
}

/* Finds the key of a name in the answer; `count` if the batch does not have it, or has its answer
 * already. */
static size_t batch_index(const struct store_ctx *ctx, const struct batch *batch,
                          struct json_value name)
{
    char text[AWS_NAME_MAX + 1];
    char key[STORE_KEY_MAX + 1];
    size_t i = 0;

    if (json_text(name, text, sizeof text) != STORE_OK ||
        !aws_name_decode(ctx->prefix, text, strlen(text), key))
        return batch->count;
    while (i < batch->count && (batch->answered[i] || strcmp(batch->keys[i], key) != 0))
        i++;
    return i;
}

static enum store_err batch_deliver(struct batch *batch, size_t index, enum store_err err,
                                    const struct store_record *record)
{
    batch->answered[index] = true;
    return batch->each(batch->arg, batch->keys[index], err, err == STORE_OK ? record : NULL);
}

/* True if the error surely means that the secret does not exist: AWS uses one name for that and for
 * a secret without a value. */
static bool batch_absent(struct json_value error)
{
    struct json_value message = json_member(error, "Message");

    return json_is(json_member(error, "ErrorCode"), "ResourceNotFoundException") &&
           (json_type(message) != JSON_STRING ||
            json_is(message, "Secrets Manager can't find the specified secret."));
}

/* Delivers the values of the answer and its unambiguous errors. */
static enum store_err batch_parse(const struct store_ctx *ctx, struct batch *batch,
                                  struct json_value root)
{
    struct json_value list = json_member(root, "SecretValues");
    size_t i;

    for (struct json_value v = json_first(list); v.document != NULL; v = json_next(v)) {
        AUTO_RECORD record = {0};

        i = batch_index(ctx, batch, json_member(v, "Name"));
        if (i < batch->count)
            TRY(batch_deliver(batch, i, aws_value_parse(v, batch->keys[i], &record, NULL),
                              &record));
    }
    list = json_member(root, "Errors");
    for (struct json_value v = json_first(list); v.document != NULL; v = json_next(v)) {
        i = batch_index(ctx, batch, json_member(v, "SecretId"));
        if (i < batch->count && batch_absent(v))
            TRY(batch_deliver(batch, i, STORE_NOT_FOUND, NULL));
    }
    return STORE_OK;
}

/* Asks for the whole batch at once. OK also if that is not allowed: then no key has its answer yet.
 */
static enum store_err batch_ask(struct store_ctx *ctx, const struct aws_net *net,
                                struct batch *batch)
{
    AUTO_CALL call = {.operation = "BatchGetSecretValue", .what = "several keys"};
    enum store_err err;

    TRY(batch_body(ctx, batch, &call.body));
    err = aws_call_run(ctx, net, &call);
    if (err == STORE_DENIED || aws_call_refused(&call, "UnknownOperationException")) {
        if (!atomic_exchange(&ctx->batch_denied, true))
            store_log(
                STORE_LOG_INFO,
                "aws: BatchGetSecretValue is not allowed (%s), so secrets are read one by one; "
                "allow secretsmanager:BatchGetSecretValue on \"*\" for fewer requests",
                call.exchange.code);
        return STORE_OK;
    }
    if (err == STORE_NOT_FOUND || err == STORE_CONFLICT || err == STORE_UNSUPPORTED)
        return STORE_OK; /* one key spoils the batch; its own read will report it */
    if (err != STORE_OK)
        return aws_call_failed(&call, err);
    return batch_parse(ctx, batch, json_root(call.document));
}

/* Reads each key without an answer by itself, which also tells the reason of a refusal. */
static enum store_err batch_rest(struct store_ctx *ctx, const struct aws_net *net,
                                 struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        AUTO_RECORD record = {0};

        if (!batch->answered[i])
            TRY(batch_deliver(
                batch, i, aws_value_read(ctx, net, batch->keys[i], &record, NULL, NULL), &record));
    }
    return STORE_OK;
}

enum store_err aws_read_many(struct store_ctx *ctx, const char *const *keys, size_t count,
                             store_each_fn *each, void *arg)
{
    const struct aws_net net = aws_context_net(ctx);

    for (size_t done = 0; done < count;) {
        struct batch batch = {.keys = keys + done, .each = each, .arg = arg};

        batch.count = count - done < AWS_BATCH_MAX ? count - done : AWS_BATCH_MAX;
        if (batch.count > 1 && !atomic_load(&ctx->batch_denied))
            TRY(batch_ask(ctx, &net, &batch));
        TRY(batch_rest(ctx, &net, &batch));
        done += batch.count;
    }
    return STORE_OK;
}
