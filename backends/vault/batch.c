/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/batch.h"

#include <string.h>

#include "backends/vault/token.h"
#include "store/secret.h"

#define AT_ONCE 16
#define SLICE ((size_t)64) /* the most calls whose paths are in memory at a time */

struct slice {
    struct store_ctx *ctx;
    const struct vault_batch *batch;
    size_t first;
    size_t count;
    bool again[SLICE];                    /* run this call by itself */
    struct json_document *refused[SLICE]; /* the reply of a 403 */
    const struct store_secret *token;     /* the token of all the requests */
    struct vault_path path;
    char urls[SLICE][VAULT_URL_SIZE];
    struct http_request requests[SLICE];
};

static enum store_err slice_receive(void *arg, size_t index, enum store_err err,
                                    struct http_reply *reply)
{
    struct slice *slice = arg;
    const struct vault_batch *batch = slice->batch;
    AUTO_CALL call = {.what = batch->what, .method = "GET"};

    slice->again[index] = err != STORE_OK || (reply->status != 200 && reply->status != 404);
    if (slice->again[index] && (err != STORE_OK || reply->status != 403))
        return STORE_OK;
    vault_request_parse(&call, reply);
    if (call.status == 403) {
        slice->refused[index] = call.foreign ? NULL : call.reply;
        call.reply = call.foreign ? call.reply : NULL;
        return STORE_OK;
    }
    /* a reply that is damaged or not Vault's, and the 404 of a wrong mount, deserve a log line: run
     * the call by itself */
    slice->again[index] =
        call.foreign || call.deep ||
        (call.status == 404 && json_count(json_member(json_root(call.reply), "errors")) > 0);
    if (slice->again[index])
        return STORE_OK;
    return batch->reply(batch->arg, slice->first + index,
                        call.status == 404 ? STORE_NOT_FOUND : STORE_OK, &call);
}

/* Runs a call by itself, unless the batch's reply to it was the last word. */
static enum store_err single_run(struct slice *slice, size_t index)
{
    const struct vault_batch *batch = slice->batch;
    AUTO_CALL call = {.what = batch->what, .method = "GET", .deadline_ns = batch->deadline_ns};
    enum store_err err = batch->path(batch->arg, slice->first + index, &call.path);

    call.reply = slice->refused[index];
    slice->refused[index] = NULL;
    if (err == STORE_OK &&
        (call.reply == NULL || !vault_call_refused(slice->ctx, &call, slice->token, &err)))
        err = vault_call_run(slice->ctx, &call);
    return batch->reply(batch->arg, slice->first + index, err, &call);
}

static enum store_err slice_ask(struct slice *slice)
{
    const struct vault_batch *batch = slice->batch;
    struct http_header headers[VAULT_HEADERS];
    AUTO_SECRET token = {0};
    size_t header_count;
    size_t sent = 0;

    TRY(vault_token_get(slice->ctx, batch->deadline_ns, &token));
    header_count = vault_headers(slice->ctx, &token, false, headers);
    memset(slice->again, 0, sizeof slice->again);
    slice->token = &token;
    for (; sent < slice->count; sent++) {
        slice->path.len = 0;
        /* the call by itself reports an impossible path */
        if (batch->path(batch->arg, slice->first + sent, &slice->path) != STORE_OK ||
            vault_url(slice->ctx->address, &slice->path, slice->urls[sent]) != STORE_OK)
            break;
        slice->requests[sent] = (struct http_request){
            .method = "GET",
            .url = slice->urls[sent],
            .headers = headers,
            .header_count = header_count,
            .deadline_ns = vault_request_deadline(slice->ctx, batch->deadline_ns),
            .direct = slice->ctx->direct};
    }
    TRY(http_run_many(slice->ctx->http, slice->requests, sent, AT_ONCE, slice_receive, slice));
    for (size_t i = 0; i < sent; i++)
        if (slice->again[i])
            TRY(single_run(slice, i));
    if (sent < slice->count)
        TRY(single_run(slice, sent++));
    slice->first += sent;
    return STORE_OK;
}

static enum store_err slice_run(struct slice *slice)
{
    enum store_err err = slice_ask(slice);

    for (size_t i = 0; i < SLICE; i++) {
        json_free(slice->refused[i]);
        slice->refused[i] = NULL;
    }
    return err;
}

enum store_err vault_batch_run(struct store_ctx *ctx, const struct vault_batch *batch)
{
    struct slice slice = {.ctx = ctx, .batch = batch};

    while (slice.first < batch->count) {
        size_t left = batch->count - slice.first;
        slice.count = left < SLICE ? left : SLICE;
        TRY(slice_run(&slice));
    }
    return STORE_OK;
}
