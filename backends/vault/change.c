/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/change.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "backends/http/retry.h"
#include "store/time.h"

#define MARK_OLD_NS (60 * STORE_TIME_S) /* its owner has given up */

struct change change_begin(struct store_ctx *ctx, const char *key, const char *if_version)
{
    return (struct change){
        .ctx = ctx, .key = key, .if_version = if_version, .deadline_ns = vault_deadline(ctx)};
}

void change_end(struct change *change)
{
    vault_call_clear(&change->current);
}

enum store_err change_read(struct change *change)
{
    enum store_err err;

    vault_call_clear(&change->current);
    change->current =
        (struct vault_call){.what = "reading", .method = "GET", .deadline_ns = change->deadline_ns};
    TRY(vault_kv_path(change->ctx, "data", change->key, &change->current.path));
    err = vault_call_run(change->ctx, &change->current);
    err = vault_kv_parse(&change->current, err, change->key, &change->found);
    return err == STORE_NOT_FOUND ? STORE_OK : err;
}

enum store_err change_read_settled(struct change *change)
{
    int64_t now = store_time_monotonic();
    struct http_retry wait = {.attempts = INT_MAX,
                              .base_ms = 20,
                              .most_ms = 200,
                              .deadline_ns = now + (change->deadline_ns - now) / 2};

    do
        TRY(change_read(change));
    while (change->found.marked && store_time_now() - change->found.written_ns < MARK_OLD_NS &&
           http_retry_wait(&wait, 0));
    return STORE_OK;
}

bool change_exists(const struct change *change)
{
    return change->found.data.document != NULL;
}

enum store_err change_expect(const struct change *change)
{
    char version[STORE_VERSION_SIZE];

    (void)snprintf(version, sizeof version, "%" PRId64, change->found.version);
    return store_version_check(change->if_version, change_exists(change), version);
}

enum store_err change_data(const struct change *change, bool marked, struct store_secret *out)
{
    static const char *const mark[] = {VAULT_REMOVED, NULL};
    struct json_writer *w;
    enum store_err err;

    TRY(json_write_begin(&w));
    json_write_object(w);
    err = json_write_members(w, change->found.data, mark);
    if (err != STORE_OK) {
        json_write_drop(w);
        return err;
    }
    if (marked) {
        json_write_key(w, VAULT_REMOVED);
        json_write_flag(w, true);
    }
    json_write_object_end(w);
    return json_write_end(w, out);
}

enum store_err change_put(struct change *change, int64_t version, const struct store_secret *data,
                          struct vault_call *call)
{
    struct json_writer *w;

    vault_call_clear(call);
    *call = (struct vault_call){
        .what = "writing", .method = "POST", .deadline_ns = change->deadline_ns, .once = true};
    TRY(vault_kv_path(change->ctx, "data", change->key, &call->path));
    TRY(json_write_begin(&w));
    json_write_object(w);
    json_write_key(w, "options");
    json_write_object(w);
    json_write_key(w, "cas");
    json_write_integer(w, version);
    json_write_object_end(w);
    json_write_key(w, "data");
    json_write_raw(w, data);
    json_write_object_end(w);
    TRY(json_write_end(w, &call->body));
    return vault_call_run(change->ctx, call);
}
