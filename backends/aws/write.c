/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/operations.h"

#include <string.h>

#include "core/json_record.h"
#include "backends/aws/retry.h"
#include "backends/aws/secret_value.h"
#include "store/log.h"
#include "store/time.h"

/*
 * Writing. Another writer may create or delete the secret at any time. So we read the current value
 * (to keep its created_at and foreign members), then put or create, and switch to the other if the
 * secret's state has changed. Each write has one ClientRequestToken, which becomes its VersionId:
 * AWS carries out a repeated request once.
 *
 * AWS has no compare-and-set, but it moves a label only from the version that the request names. So
 * we put the new version beside the current one and then move AWSCURRENT from the expected version
 * to it.
 */

#define CREATE_ATTEMPTS 6          /* while a forced deletion is in progress */
#define ROUNDS 4                   /* while others create and delete the secret */
#define PENDING "sideseat-pending" /* the label of a version before it becomes current */

struct writing {
    struct store_ctx *ctx;
    struct aws_net net;
    const char *key;
    const struct store_secret *value;
    char token[AWS_UUID_SIZE];
    int64_t created_ns;
    int64_t updated_ns;
    struct store_secret text; /* the new text in AWS */
};

static void writing_clear(struct writing *writing)
{
    store_secret_wipe(&writing->text);
}

#define AUTO_WRITING __attribute__((cleanup(writing_clear))) struct writing

static enum store_err check_size(const struct writing *writing)
{
    if (writing->text.len <= AWS_VALUE_MAX)
        return STORE_OK;
    store_log(STORE_LOG_ERROR,
              "aws: %s would take %zu bytes in AWS, and the limit is %zu (its value has %zu; the "
              "rest is metadata)",
              writing->key, writing->text.len, AWS_VALUE_MAX, writing->value->len);
    return STORE_TOO_BIG;
}

/* Builds the new text from the present one: `old` (a record's text, or empty) of `previous`. New
 * fields take the place of those of another program, which would not find them in a record. */
static enum store_err writing_compose(struct writing *writing, const struct store_record *previous,
                                      const struct store_secret *old)
{
    AUTO_JSON document = NULL;
    struct json_value root = {0};
    bool fields = false;

    writing->updated_ns = record_next_time(previous->updated_ns);
    if (old->len > 0) {
        TRY(json_read(&document, old, NULL));
        root = json_root(document);
    } else {
        TRY(aws_value_is_fields(&previous->value, &fields));
        if (fields)
            TRY(aws_value_is_fields(writing->value, &fields));
    }
    if (fields) {
        writing->created_ns = previous->created_ns;
        TRY(store_secret_set(&writing->text, writing->value->data, writing->value->len));
        return check_size(writing);
    }
    writing->created_ns = previous->created_ns != 0 ? previous->created_ns : writing->updated_ns;
    TRY(record_text(root, writing->value, writing->created_ns, writing->updated_ns,
                    &writing->text));
    return check_size(writing);
}

/* Reads the present value (OK; NOT_FOUND and NO_VALUE: none) and builds the new text. A secret that
 * is scheduled for deletion (`pending`) is an error: the owner decides about that, not we. */
static enum store_err writing_prepare(struct writing *writing, struct store_record *previous)
{
    AUTO_SECRET old = {0};
    bool deleted = false;
    enum store_err err =
        aws_value_read(writing->ctx, &writing->net, writing->key, previous, &old, &deleted);

    if (err == STORE_CORRUPT) /* a write replaces a damaged value like any other */
        err = STORE_OK;
    if (err == STORE_NOT_FOUND && deleted && writing->ctx->recovery_days != 0)
        return aws_deletion_pending(writing->ctx, writing->key);
    if (err != STORE_OK && err != STORE_NOT_FOUND && err != STORE_NO_VALUE)
        return err;
    TRY(writing_compose(writing, previous, &old));
    return err;
}

/* Fills in the members that all writing operations share. */
static enum store_err writing_body(const struct writing *writing, const char *member,
                                   const char *stage, struct aws_call *call)
{
    struct json_writer *w;

    TRY(aws_body_begin(writing->ctx, member, writing->key, &w));
    json_write_key(w, "ClientRequestToken");
    json_write_text(w, writing->token);
    json_write_key(w, "SecretString");
    json_write_string(w, writing->text.data, writing->text.len);
    if (stage != NULL) {
        json_write_key(w, "VersionStages");
        json_write_array(w);
        json_write_text(w, stage);
        json_write_array_end(w);
    }
    json_write_object_end(w);
    return json_write_end(w, &call->body);
}

/* NOT_FOUND: the secret does not exist any more. */
static enum store_err writing_put(struct writing *writing, const char *stage)
{
    AUTO_CALL call = {.operation = "PutSecretValue", .what = writing->key};
    enum store_err err;

    TRY(writing_body(writing, "SecretId", stage, &call));
    err = aws_call_run(writing->ctx, &writing->net, &call);
    if (err == STORE_UNSUPPORTED &&
        aws_value_deleted(writing->ctx, &writing->net, writing->key, &call))
        return aws_deletion_pending(writing->ctx, writing->key);
    return err == STORE_OK ? err : aws_call_failed(&call, err);
}

/* OK if this write made the current version, CONFLICT if another one did. */
static enum store_err writing_check(struct writing *writing)
{
    AUTO_RECORD record = {0};

    TRY(aws_value_read(writing->ctx, &writing->net, writing->key, &record, NULL, NULL));
    return strcmp(record.version, writing->token) == 0 ? STORE_OK : STORE_CONFLICT;
}

static bool writing_arrived(struct writing *writing)
{
    return writing_check(writing) == STORE_OK;
}

/* CONFLICT: the secret exists by now. Waits for the end of a forced deletion of that name, if this
 * store is set to force deletions. */
static enum store_err writing_create(struct writing *writing)
{
    struct aws_retry retry =
        aws_retry_begin(&writing->ctx->budget, CREATE_ATTEMPTS, writing->net.deadline_ns);

    for (;;) {
        AUTO_CALL call = {.operation = "CreateSecret", .what = writing->key};
        enum store_err err;

        TRY(writing_body(writing, "Name", NULL, &call));
        err = aws_call_run(writing->ctx, &writing->net, &call);
        if (err == STORE_CONFLICT && call.replayed && writing_arrived(writing))
            return STORE_OK;
        if ((err != STORE_UNSUPPORTED && err != STORE_CONFLICT) ||
            !aws_value_deleted(writing->ctx, &writing->net, writing->key, &call))
            return err == STORE_OK ? err : aws_call_failed(&call, err);
        if (writing->ctx->recovery_days != 0 || !aws_retry_wait(&retry, false, 0))
            return aws_deletion_pending(writing->ctx, writing->key);
    }
}

/* `create`: also a secret that is absent. */
static enum store_err write_any(struct writing *writing, bool create)
{
    for (int round = 0; round < ROUNDS; round++) {
        AUTO_RECORD previous = {0};
        enum store_err err = writing_prepare(writing, &previous);

        if (err == STORE_OK || err == STORE_NO_VALUE) {
            err = writing_put(writing, NULL);
            if (err != STORE_NOT_FOUND)
                return err;
        }
        if (err == STORE_NOT_FOUND && create)
            err = writing_create(writing);
        if (err != STORE_CONFLICT)
            return err;
    }
    store_log(STORE_LOG_ERROR, "aws: others create and delete %s all the time", writing->key);
    return STORE_UNAVAILABLE;
}

/* Moves a label. `to` NULL removes it; `from` NULL attaches it only if no version has it. */
static enum store_err label_move(struct writing *writing, const char *label, const char *from,
                                 const char *to, struct aws_call *call)
{
    struct json_writer *w;

    TRY(aws_body_begin(writing->ctx, "SecretId", writing->key, &w));
    json_write_key(w, "VersionStage");
    json_write_text(w, label);
    if (from != NULL) {
        json_write_key(w, "RemoveFromVersionId");
        json_write_text(w, from);
    }
    if (to != NULL) {
        json_write_key(w, "MoveToVersionId");
        json_write_text(w, to);
    }
    json_write_object_end(w);
    TRY(json_write_end(w, &call->body));
    return aws_call_run(writing->ctx, &writing->net, call);
}

/* Removes the label of a version that lost, so that AWS drops it in time. Nothing depends on that.
 */
static void pending_drop(struct writing *writing)
{
    AUTO_CALL call = {.operation = "UpdateSecretVersionStage", .what = writing->key};

    if (label_move(writing, PENDING, writing->token, NULL, &call) != STORE_OK)
        store_log(STORE_LOG_DEBUG, "aws: the label " PENDING " of %s stays where it is",
                  writing->key);
}

/* True if AWS did not move the label because another version has it. */
static bool label_elsewhere(const struct aws_call *call, enum store_err err)
{
    return aws_call_refused(call, "InvalidParameterException") ||
           aws_call_refused(call, "InvalidRequestException") || err == STORE_NOT_FOUND;
}

/* Writes the first value of a secret. One of several concurrent writers succeeds: AWS makes the
 * very first version current by itself, and a later one only if no version is current. */
static enum store_err writing_first(struct writing *writing)
{
    AUTO_CALL call = {.operation = "UpdateSecretVersionStage", .what = writing->key};
    enum store_err err = writing_put(writing, PENDING);

    if (err != STORE_OK)
        return err == STORE_NOT_FOUND ? STORE_CONFLICT : err;
    err = writing_check(writing);
    if (err == STORE_NO_VALUE) {
        err = label_move(writing, "AWSCURRENT", NULL, writing->token, &call);
        if (err == STORE_OK || (call.replayed && writing_arrived(writing)))
            return STORE_OK;
        err = label_elsewhere(&call, err) ? STORE_CONFLICT : aws_call_failed(&call, err);
    }
    if (err == STORE_NOT_FOUND)
        err = STORE_CONFLICT;
    if (err != STORE_OK)
        pending_drop(writing);
    return err;
}

static enum store_err write_new(struct writing *writing)
{
    const struct store_record nothing = {0};
    const struct store_secret none = {0};
    enum store_err err;

    TRY(writing_compose(writing, &nothing, &none));
    err = writing_create(writing);
    if (err != STORE_CONFLICT)
        return err;
    err = aws_value_state(writing->ctx, &writing->net, writing->key);
    if (err == STORE_DENIED)
        err = writing_check(writing);
    if (err == STORE_NO_VALUE)
        return writing_first(writing);
    return err == STORE_UNAVAILABLE || err == STORE_TIMEOUT ? err : STORE_CONFLICT;
}

static enum store_err write_over(struct writing *writing, const char *version)
{
    AUTO_CALL call = {.operation = "UpdateSecretVersionStage", .what = writing->key};
    AUTO_RECORD previous = {0};
    enum store_err err = writing_prepare(writing, &previous);

    if (err == STORE_NOT_FOUND || err == STORE_NO_VALUE ||
        (err == STORE_OK && strcmp(previous.version, version) != 0))
        return STORE_CONFLICT;
    TRY(err);
    err = writing_put(writing, PENDING);
    if (err != STORE_OK)
        return err == STORE_NOT_FOUND ? STORE_CONFLICT : err;
    err = label_move(writing, "AWSCURRENT", version, writing->token, &call);
    if (err == STORE_OK || (err != STORE_OK && call.replayed && writing_arrived(writing)))
        return STORE_OK;
    pending_drop(writing);
    return label_elsewhere(&call, err) ? STORE_CONFLICT : aws_call_failed(&call, err);
}

enum store_err aws_write(struct store_ctx *ctx, const char *key, const struct store_secret *value,
                         const char *if_version, struct store_record *out)
{
    AUTO_WRITING writing = {.ctx = ctx, .net = aws_context_net(ctx), .key = key, .value = value};
    enum store_err err;

    if (out != NULL)
        store_record_clear(out);
    TRY(aws_uuid(writing.token));
    if (!store_version_compares(if_version))
        err = write_any(&writing, if_version == NULL);
    else if (strcmp(if_version, "0") == 0)
        err = write_new(&writing);
    else
        err = write_over(&writing, if_version);
    if (err != STORE_OK || out == NULL)
        return err;
    out->created_ns = writing.created_ns;
    out->updated_ns = writing.updated_ns;
    memcpy(out->version, writing.token, sizeof writing.token);
    return STORE_OK;
}
